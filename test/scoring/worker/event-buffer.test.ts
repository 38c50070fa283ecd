import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Progress, RunEvent } from '../../../src/scoring/events.ts';
import { EventBuffer } from '../../../src/scoring/worker/event-buffer.ts';
import { resultsEvent, rowsEvent } from '../../../testing/fake-api.ts';

const TICK_MS = 100;

let messages: RunEvent[][];
let buffer: EventBuffer;

beforeEach(() => {
  vi.useFakeTimers();
  messages = [];
  buffer = new EventBuffer((events) => messages.push(events));
});
afterEach(() => vi.useRealTimers());

const progress = (tokensDone: number) => ({ tokensDone }) as Progress;
const reading = (rows: number) => ({ bytes: rows, totalBytes: 1e6, rows });

/** Number of rows in each message, including results. */
function sizes(): number[] {
  return messages.map((events) =>
    events.reduce((sum, event) => {
      if (event.type === 'rows') return sum + event.ids.length;
      return event.type === 'results' ? sum + event.rows.length : sum;
    }, 0),
  );
}

describe('events', () => {
  test('are sent together, ten times a second', () => {
    buffer.add(rowsEvent(0, 3));
    buffer.add(resultsEvent([1]));
    expect(messages).toEqual([]);
    vi.advanceTimersByTime(TICK_MS);
    expect(messages).toEqual([[rowsEvent(0, 3), resultsEvent([1])]]);
    vi.advanceTimersByTime(10 * TICK_MS);
    expect(messages).toHaveLength(1);
    buffer.flush();
    expect(messages).toHaveLength(1);
  });

  test('of progress only the last', () => {
    buffer.progress(progress(1));
    buffer.add(resultsEvent([0]));
    buffer.progress(progress(2));
    buffer.progress(progress(3));
    buffer.flush();
    expect(messages).toEqual([
      [resultsEvent([0]), { type: 'progress', progress: { tokensDone: 3 } }],
    ]);
  });
});

describe('many rows', () => {
  test('go in several messages with time between them, all of them and in order', () => {
    buffer.add(rowsEvent(0, 12_345));
    buffer.reading(reading(12_345));
    buffer.add(rowsEvent(12_345, 10));
    for (let tick = 1; tick <= 3; tick += 1) {
      vi.advanceTimersByTime(TICK_MS);
      expect(messages).toHaveLength(tick);
    }
    vi.advanceTimersByTime(10 * TICK_MS);
    expect(sizes()).toEqual([5000, 5000, 2355]);
    expect(messages.flat().map(({ type }) => type)).toEqual([
      'rows',
      'rows',
      'rows',
      'reading',
      'rows',
    ]);
    let next = 0;
    for (const event of messages.flat()) {
      if (event.type !== 'rows') continue;
      expect(event).toEqual(rowsEvent(next, event.ids.length));
      next += event.ids.length;
    }
    expect(next).toBe(12_355);
  });

  test('also results, whose buffers hold nothing but the data sent', () => {
    const rows = Array.from({ length: 7000 }, (_, i) => 3 * i);
    const event = resultsEvent(rows, 0.5, 2);
    event.adapters = Float32Array.from({ length: 6 * 7000 }, (_, i) => i);
    event.tokens.forEach((_, i) => {
      event.tokens[i] = i;
      event.probabilities[3 * i] = i / 7000;
    });
    buffer.add(event);
    buffer.flush();
    expect(sizes()).toEqual([5000, 2000]);
    const parts = messages.flat().filter((part) => part.type === 'results');
    // Sending a view would send its whole buffer.
    for (const part of parts) {
      expect(part.probabilities.buffer.byteLength).toBe(24 * part.rows.length);
      expect(part.adapters!.buffer.byteLength).toBe(24 * part.rows.length);
    }
    expect(parts.flatMap((part) => [...part.adapters!])).toEqual([...event.adapters]);
    expect(parts.flatMap((part) => [...part.rows])).toEqual(rows);
    expect(parts.flatMap((part) => [...part.tokens])).toEqual([...event.tokens]);
    expect(parts.flatMap((part) => [...part.flags])).toEqual([...event.flags]);
    expect(parts.flatMap((part) => [...part.probabilities])).toEqual([...event.probabilities]);
  });

  test('of many small events, too', () => {
    for (let first = 0; first < 12_000; first += 3) buffer.add(rowsEvent(first, 3));
    vi.advanceTimersByTime(TICK_MS);
    expect(sizes()).toEqual([4998]);
    buffer.flush();
    expect(sizes()).toEqual([4998, 4998, 2004]);
    vi.advanceTimersByTime(10 * TICK_MS);
    expect(messages).toHaveLength(3);
  });
});
