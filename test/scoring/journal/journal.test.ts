import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import {
  encodeBatch,
  encodeEngine,
  encodeHeader,
  type Piece,
  readJournal,
  rowsDoneOf,
} from '../../../src/scoring/journal/journal.ts';
import type { JournalHeader } from '../../../src/scoring/journal/records.ts';
import type { BatchRecord } from '../../../src/scoring/rows/batch-record.ts';
import { ENGINE } from '../../../testing/fake-api.ts';

const header: JournalHeader = {
  numbers: 1,
  csv: { name: 'tést "1".csv', bytes: 1234, sha256: 'a'.repeat(64), rows: 40, sequences: 50 },
  model: { name: 'fake', sha256: 'b'.repeat(64) },
  adapters: ['one', null],
  settings: DEFAULT_SETTINGS,
  created: '2026-01-02T03:04:05.000Z',
  source: { kind: 'url', url: 'http://localhost/models/demo/' },
};
const plan = { maxTokens: 4096, padMultiple: 8, maxScoreBytes: 1e6, scoreBytesOfOne: 16 };

function batch(sequences: number[], rowsDone: number, seed = 0.1): BatchRecord {
  return {
    seconds: rowsDone / 3,
    rowsDone,
    sequences: Uint32Array.from(sequences),
    probabilities: Float64Array.from(
      sequences.flatMap((s) => [seed / (s + 3), 1 / (s + 2), 1e-300]),
    ),
    logits: null,
    tokens: Uint32Array.from(sequences, (s) => s * 7 + 1),
    truncated: Uint8Array.from(sequences, (s) => s % 2),
  };
}

/** The bytes of a journal with the end of each frame. */
function written(...batches: BatchRecord[]): { bytes: Uint8Array<ArrayBuffer>; ends: number[] } {
  const pieces: Piece[] = [encodeHeader(header)];
  const add = (encode: (check: number) => Piece) => pieces.push(encode(pieces.at(-1)!.check));
  add((check) => encodeEngine({ engine: ENGINE, plan }, check));
  for (const record of batches) add((check) => encodeBatch(record, check));
  const ends: number[] = [];
  const all: number[] = [];
  for (const { bytes } of pieces) {
    all.push(...bytes);
    ends.push(all.length);
  }
  return { bytes: Uint8Array.from(all), ends };
}

/** With logits of both adapters that are exact in float32. */
function batchOfBoth(sequences: number[], rowsDone: number): BatchRecord {
  const logits = Float32Array.from({ length: 6 * sequences.length }, (_, i) => (i - 4.1) ** 3);
  return { ...batch(sequences, rowsDone), logits };
}

const batches = [batch([3, 1, 49], 2), batchOfBoth([0], 3), batchOfBoth([7, 8], 9)];

describe('a journal', () => {
  test('returns its contents, number for number', () => {
    const { bytes, ends } = written(...batches);
    const read = readJournal(bytes);
    expect(read.header).toEqual(header);
    expect(read.engines).toEqual([{ engine: ENGINE, plan }]);
    expect(read.batches).toEqual(batches);
    expect(read.bytes).toBe(ends.at(-1));
    expect(rowsDoneOf(read)).toBe(9);
  });

  test('knows every precision', () => {
    for (const precision of ['float32', 'float16', 'int8'] as const) {
      const head = encodeHeader(header);
      const { bytes } = encodeEngine({ engine: { ...ENGINE, precision }, plan }, head.check);
      const read = readJournal(Uint8Array.from([...head.bytes, ...bytes]));
      expect(read.engines.map(({ engine }) => engine.precision)).toEqual([precision]);
    }
  });

  test('cut off at any byte keeps all batches before that, and can be gone on with', () => {
    const { bytes, ends } = written(...batches);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const rest = bytes.subarray(0, cut);
      if (cut < ends[0]!) {
        expect(() => readJournal(rest)).toThrow(
          expect.objectContaining({ code: 'journal/damaged' }),
        );
        continue;
      }
      const read = readJournal(rest);
      const whole = ends.filter((end) => end <= cut);
      expect(read.bytes).toBe(whole.at(-1));
      expect(read.batches).toEqual(batches.slice(0, Math.max(0, whole.length - 2)));
      const more = encodeBatch(batch([11], 10), read.check);
      if (whole.length < 2) continue;
      const again = readJournal(Uint8Array.from([...rest.subarray(0, read.bytes), ...more.bytes]));
      expect(again.batches.at(-1)!.sequences).toEqual(Uint32Array.of(11));
    }
  });

  test('with any bit flipped keeps what lies before, and never gives anything else', () => {
    const { bytes, ends } = written(...batches);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const whole = ends.filter((end) => end <= bit >> 3).length;
      if (whole === 0) {
        expect(() => readJournal(flipped)).toThrow(/cannot be read|newer version/);
      } else {
        const read = readJournal(flipped);
        expect(read.bytes).toBe(ends[whole - 1]);
        expect(read.batches).toHaveLength(Math.max(0, whole - 2));
      }
    }
  });

  test('with zeros behind it, as after a power cut, ends where they begin', () => {
    const { bytes, ends } = written(...batches);
    for (const zeros of [1, 8, 9, 10, 4096]) {
      const longer = Uint8Array.from([...bytes, ...new Uint8Array(zeros)]);
      expect(readJournal(longer)).toMatchObject({ bytes: ends.at(-1), batches });
    }
  });

  test('takes no frame twice or in another order, and no sequence twice', () => {
    const { bytes, ends } = written(...batches);
    const frame = (n: number) => bytes.subarray(ends[n - 1]!, ends[n]);
    const start = bytes.subarray(0, ends[1]);
    const repeated = Uint8Array.from([...start, ...frame(2), ...frame(2), ...frame(3)]);
    expect(readJournal(repeated).batches).toHaveLength(1);
    const swapped = Uint8Array.from([...start, ...frame(3), ...frame(2)]);
    expect(readJournal(swapped).batches).toHaveLength(0);
    expect(readJournal(written(batch([1], 1), batch([1], 2)).bytes).batches).toHaveLength(1);
    expect(readJournal(written(batch([1, 1], 1)).bytes).batches).toHaveLength(0);
    expect(readJournal(written(batch([50], 1)).bytes).batches).toHaveLength(0);
  });

  test('takes no logits of another number of adapters, and none that are no numbers', () => {
    const three = { ...batch([1], 1), logits: new Float32Array(9) };
    expect(readJournal(written(three).bytes).batches).toHaveLength(0);
    const broken = batchOfBoth([1], 1);
    broken.logits![4] = Number.NaN;
    expect(readJournal(written(broken).bytes).batches).toHaveLength(0);
  });

  test('of a newer version says so', () => {
    const text = new TextDecoder('latin1').decode(written().bytes);
    const newer = Uint8Array.from(text.replace('journal 2', 'journal 4'), (c) => c.charCodeAt(0));
    expect(() => readJournal(newer)).toThrow(expect.objectContaining({ code: 'journal/version' }));
  });

  test('any batches, any tail', () => {
    const lists = fc.uniqueArray(fc.nat(49), { minLength: 1, maxLength: 50 });
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(lists, fc.nat(49), probability, fc.uint8Array(), (list, at, p, tail) => {
        const parts = [list.slice(0, at), list.slice(at)].filter((part) => part.length > 0);
        const records = parts.map((part, i) => ({
          ...batch(part, i),
          probabilities: new Float64Array(3 * part.length).fill(p),
        }));
        const { bytes } = written(...records);
        const read = readJournal(Uint8Array.from([...bytes, ...tail]));
        expect(read.batches).toEqual(records);
        expect(read.bytes).toBe(bytes.length);
      }),
    );
  });

  test('no bytes at all make it throw anything but its own errors', () => {
    const code = expect.stringMatching(/^journal\//);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => readJournal(bytes)).toThrow(expect.objectContaining({ code }));
      }),
    );
  });
});
