import { beforeEach, describe, expect, test } from 'vitest';
import { toKaggleCsv } from '../../../src/data/csv/kaggle.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import type { RunEvent } from '../../../src/scoring/events.ts';
import { readJournal } from '../../../src/scoring/journal/journal.ts';
import { RunArchive } from '../../../src/scoring/journal/run-archive.ts';
import { isComplete } from '../../../src/scoring/journal/run-session.ts';
import type { JournalRequest } from '../../../src/scoring/journal/start-journal.ts';
import { RunService } from '../../../src/scoring/worker/run-service.ts';
import { inlinePool } from '../../../src/tokens/pool/pool.ts';
import { errorOf } from '../../../testing/errors.ts';
import { MemoryRuns } from '../../../testing/memory-runs.ts';
import { makeRows, parseSubmission, TellingLane, toyTokenizer } from '../../../testing/runs.ts';

// Faults of a device during a journaled run: the page's state, the journal's contents, and the continuation.

class FaultyLane extends TellingLane {
  calls = 0;
  rebuilds = 0;
  /** The fault of a batch, counted from 1; null for none. */
  fault: (call: number, rows: Int32Array[]) => string | null = () => null;

  override async logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    this.calls += 1;
    const code = this.fault(this.calls, rows);
    if (code !== null) throw errorOf(code, 'injected');
    return super.logits(rows, signal);
  }

  async rebuild(): Promise<void> {
    this.rebuilds += 1;
  }
}

const content = toKaggleCsv(makeRows(120, 3));
let runs: MemoryRuns;
let events: RunEvent[];

beforeEach(() => {
  runs = new MemoryRuns();
  events = [];
});

async function score(lane: FaultyLane, kind: JournalRequest['kind']) {
  const service = new RunService(
    { lane: async () => lane, pool: async () => inlinePool(toyTokenizer) },
    new RunArchive(runs),
  );
  await service.loadModel({ source: { kind: 'url', url: 'http://x/' } }, () => {});
  await service.openCsv(new File([content], 'test.csv'), DEFAULT_SETTINGS, () => {});
  const journal: JournalRequest =
    kind === 'new' ? { kind, id: 'run' } : { kind, id: 'run', otherEngine: false };
  const [ended] = await Promise.allSettled([
    service.start({ adapters: [null], settings: DEFAULT_SETTINGS, journal }, (some) =>
      events.push(...some),
    ),
  ]);
  const csv = await (await service.exportCsv('omit')).text();
  return { ended, csv };
}

const shown = () =>
  events.flatMap((event) => (event.type === 'results' ? [...event.rows] : [])).length;
const written = () => readJournal(runs.bytes('run'));
const undisturbed = async () => {
  runs = new MemoryRuns();
  const { csv } = await score(new FaultyLane(), 'new');
  runs = new MemoryRuns();
  events = [];
  return csv;
};

const FAULTS: [code: string, call: number][] = [
  // During the largest batch so far it would count as a lack of memory.
  ['gpu/lost', 10],
  ['gpu/error', 4],
  ['engine/not-finite', 4],
  ['engine/worker-died', 4],
  ['engine/hung', 4],
];

describe.each(FAULTS)('%s', (code, at) => {
  test('once: the run ends with the same bytes, and so does its journal', async () => {
    const expected = await undisturbed();
    const lane = new FaultyLane();
    lane.fault = (call) => (call === at ? code : null);
    const { ended, csv } = await score(lane, 'new');
    expect(ended).toMatchObject({
      status: 'fulfilled',
      value: { complete: true, incidents: 1 },
    });
    expect(csv).toBe(expected);
    expect(isComplete(written())).toBe(true);
    // Opening it again computes nothing.
    runs = runs.crash();
    const again = new FaultyLane();
    expect((await score(again, 'continue')).csv).toBe(expected);
    expect(again.calls).toBe(0);
  });

  test('for good: the run stops with it, and goes on from its journal where it was', async () => {
    const expected = await undisturbed();
    const lane = new FaultyLane();
    lane.fault = (call) => (call >= at ? code : null);
    const { ended } = await score(lane, 'new');
    expect(ended).toMatchObject({ status: 'rejected', reason: { code } });
    // Every row that is shown has been written.
    expect(shown()).toBeGreaterThan(2);
    const rows = written().batches.flatMap(({ sequences }) => [...sequences]);
    expect(rows).toHaveLength(shown());
    runs = runs.crash();
    events = [];
    const again = new FaultyLane();
    expect((await score(again, 'continue')).csv).toBe(expected);
    expect(shown()).toBe(120);
    expect(lane.batches.length + again.batches.length).toBe(again.calls + at - 1);
  });
});

test('too little memory: halves, down to what fits, are written as they were computed', async () => {
  const expected = parseSubmission([await undisturbed()]).rows;
  const lane = new FaultyLane();
  lane.fault = (_, rows) => (rows.length > 2 ? 'gpu/out-of-memory' : null);
  const { ended, csv } = await score(lane, 'new');
  expect(ended).toMatchObject({ status: 'fulfilled', value: { complete: true } });
  expect(Math.max(...lane.batches.map(({ length }) => length))).toBeLessThanOrEqual(2);
  const { rows } = parseSubmission([csv]);
  for (const [i, [id, numbers]] of rows.entries()) {
    expect(id).toBe(expected[i]![0]);
    for (const [c, number] of numbers.entries()) {
      expect(Math.abs(number - expected[i]![1][c]!)).toBeLessThan(1e-3);
    }
  }
  runs = runs.crash();
  expect((await score(new FaultyLane(), 'continue')).csv).toBe(csv);
});
