import { describe, expect, it } from 'vitest';
import { noteText } from '../../src/data/csv/notes.ts';
import { softmax } from '../../src/domain/probabilities.ts';
import { ROW_FLAG } from '../../src/domain/row-flag.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { tokenizePair } from '../../src/domain/truncate.ts';
import { packedTokens } from '../../src/engine/planning/prefixes.ts';
import type { ResultsEvent } from '../../src/scoring/rows/row-events.ts';
import { type ByteSource, MemorySource } from '../../src/storage/byte-source.ts';
import {
  csvOf,
  FakeLane,
  fakeLogits,
  makeRows,
  makeRun,
  parseSubmission,
  toyTokenizer,
} from '../../testing/runs.ts';

const rows = makeRows(300);

/** Like our own kernels: without padding, and with shared beginnings of rows computed once. */
class SharingLane extends FakeLane {
  override readonly bounds = {
    padMultiple: 1,
    maxScoreBytes: Number.MAX_SAFE_INTEGER,
    scoreBytesOfOne: 0,
    headGroups: [1],
    sharesPrefixes: true,
  };
}

describe('a run', () => {
  it('gives every row the probabilities of its own tokens, in the order of the file', async () => {
    const settings = { textMode: 'clean' } as const;
    const { run } = await makeRun(csvOf(rows), { lanes: [new FakeLane()], settings });
    const summary = await run.score();
    expect(summary).toMatchObject({ complete: true, rows: 300, scoredRows: 300, problemRows: 0 });
    const { header, rows: written } = parseSubmission(run.results.csv('omit'));
    expect(header).toBe('id,winner_model_a,winner_model_b,winner_tie');
    expect(written.map(([id]) => id)).toEqual(rows.map((row) => row.id));
    for (const [i, [, p]] of written.entries()) {
      const { ids } = tokenizePair(rows[i]!, false, DEFAULT_SETTINGS, toyTokenizer);
      const expected = softmax(Float32Array.from(fakeLogits(ids)));
      expect(Math.abs(p[0]! + p[1]! + p[2]! - 1)).toBeLessThan(1e-6);
      for (let c = 0; c < 3; c += 1) expect(p[c]).toBeCloseTo(expected[c]!, 6);
    }
  });

  it('does not depend on the order of rows, the batch size or the number of lanes', async () => {
    const reference = await submission(rows, { batchTokens: 4096 });
    const shuffled = [...rows].reverse();
    for (const options of [{ batchTokens: 64 }, { batchTokens: 100_000 }, { lanes: 3 }]) {
      expect(await submission(shuffled, options)).toEqual(reference);
    }
  });

  describe('whose lane shares what rows begin with', () => {
    // Rows 0, 7, 14 … have the same prompt.
    const asked = makeRows(7, 3).map(({ prompt }) => [`${prompt[0]!} `.repeat(3)]);
    const sharing = rows.map((row, i) => ({ ...row, prompt: asked[i % 7]! }));
    const batchesOf = async (of: typeof rows, tta: boolean) => {
      const lane = new SharingLane();
      const { run } = await makeRun(csvOf(of), {
        lanes: [lane],
        batchTokens: 4096,
        settings: { tta },
      });
      await run.score();
      return { lane, csv: new Map(parseSubmission(run.results.csv('omit')).rows) };
    };

    it.each([false, true])(
      'gives the same results, whatever the order of rows (TTA %s)',
      async (tta) => {
        const { lane, csv } = await batchesOf(sharing, tta);
        expect(csv).toEqual(await submission(sharing, { settings: { tta } }));
        const other = await batchesOf([...sharing].reverse(), tta);
        expect(other.csv).toEqual(csv);
        const keys = ({ batches }: FakeLane) =>
          batches
            .map((batch) =>
              batch
                .map((ids) => ids.join())
                .sort()
                .join('|'),
            )
            .sort();
        expect(keys(other.lane)).toEqual(keys(lane));
      },
    );

    it('computes less than in batches by length, and no batch is too large', async () => {
      const { lane } = await batchesOf(sharing, false);
      const padded = new FakeLane();
      const { run } = await makeRun(csvOf(sharing), { lanes: [padded], batchTokens: 4096 });
      await run.score();
      const computed = ({ batches }: FakeLane) => batches.map(packedTokens);
      const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
      expect(Math.max(...computed(lane))).toBeLessThanOrEqual(4096);
      expect(sum(computed(lane))).toBeLessThan(0.9 * sum(computed(padded)));
    });
  });

  it('computes equal rows once and marks them', async () => {
    const copies = [
      ...rows.slice(0, 5),
      ...rows.slice(0, 5).map((row) => ({ ...row, id: `${row.id}-copy` })),
    ];
    const lane = new FakeLane();
    const { run } = await makeRun(csvOf(copies), { lanes: [lane] });
    const summary = await run.score();
    expect(summary.duplicateRows).toBe(5);
    expect(lane.batches.flat()).toHaveLength(5);
    const { rows: written } = parseSubmission(run.results.csv('omit'));
    for (let i = 0; i < 5; i += 1) expect(written[i + 5]![1]).toEqual(written[i]![1]);
    expect([...run.results.flags].map((flag) => flag & ROW_FLAG.duplicate)).toEqual([
      ...Array(5).fill(0),
      ...Array(5).fill(ROW_FLAG.duplicate),
    ]);
  });

  it('computes each of several equal rows if asked to, with the same results', async () => {
    const copies = [rows[0]!, rows[1]!, { ...rows[0]!, id: 'copy' }];
    const settings = { tta: true };
    const [once, each] = [new FakeLane(), new FakeLane()];
    const sparing = await makeRun(csvOf(copies), { lanes: [once], settings });
    await sparing.run.score();
    const { run } = await makeRun(csvOf(copies), { lanes: [each], settings, equalRowsOnce: false });
    await run.score();
    expect(once.batches.flat()).toHaveLength(4);
    expect(each.batches.flat()).toHaveLength(6);
    expect(run.results.csv('omit')).toEqual(sparing.run.results.csv('omit'));
  });

  it('with TTA, exchanging A and B exchanges the first two columns exactly', async () => {
    const swapped = rows.map((row) => ({
      ...row,
      responseA: row.responseB,
      responseB: row.responseA,
    }));
    const settings = { tta: true };
    const straight = await submission(rows, { settings });
    const exchanged = await submission(swapped, { settings });
    for (const [id, [a, b, tie]] of straight) expect(exchanged.get(id)).toEqual([b, a, tie]);
    // A row and its mirror image in one file share both of their texts.
    const lane = new FakeLane();
    const { run } = await makeRun(csvOf([rows[0]!, { ...swapped[0]!, id: 'mirror' }]), {
      lanes: [lane],
      settings,
    });
    const summary = await run.score();
    expect(lane.batches.flat()).toHaveLength(2);
    expect(summary.duplicateRows).toBe(0);
  });

  it('keeps to the token budget, the score limit and max_length, and counts truncated rows', async () => {
    const lane = new FakeLane();
    const { run } = await makeRun(csvOf(rows), {
      lanes: [lane],
      batchTokens: 2000,
      settings: { maxLength: 256, textMode: 'clean' },
    });
    const summary = await run.score();
    for (const batch of lane.batches) {
      const padded = Math.ceil(Math.max(...batch.map((ids) => ids.length)) / 8) * 8;
      expect(padded).toBeLessThanOrEqual(256);
      expect(padded * batch.length).toBeLessThanOrEqual(2000);
    }
    const long = rows.filter(
      (row) => tokenizePair(row, false, DEFAULT_SETTINGS, toyTokenizer).length > 256,
    );
    expect(long.length).toBeGreaterThan(10);
    expect(summary.truncatedRows).toBe(long.length);
  });

  it('reports results as they come, each row once, and progress that ends at the whole', async () => {
    const events: ResultsEvent[] = [];
    let last = { done: 0, total: 0 };
    const { run } = await makeRun(csvOf(rows), {
      lanes: [new FakeLane()],
      batchTokens: 1000,
      onResults: (event) => events.push(event),
      onProgress: (p) => {
        expect(p.tokensDone).toBeGreaterThanOrEqual(last.done);
        last = { done: p.tokensDone, total: p.tokensTotal };
      },
    });
    const summary = await run.score();
    expect(events.length).toBeGreaterThan(10);
    expect(events.flatMap((event) => [...event.rows]).sort((a, b) => a - b)).toEqual(
      rows.map((_, i) => i),
    );
    expect(last).toEqual({ done: summary.tokens, total: summary.tokens });
  });

  it('can be cancelled within a batch and keeps finished rows', async () => {
    const lane = new FakeLane();
    lane.delayMs = 5;
    const stop = new AbortController();
    const { run } = await makeRun(csvOf(rows), {
      lanes: [lane],
      batchTokens: 1000,
      signal: stop.signal,
      onResults: () => {
        if (lane.batches.length === 4) stop.abort();
      },
    });
    const summary = await run.score();
    expect(summary.complete).toBe(false);
    expect(lane.batches.length).toBeLessThanOrEqual(5);
    expect(summary.scoredRows).toBeGreaterThan(0);
    expect(parseSubmission(run.results.csv('omit')).rows).toHaveLength(summary.scoredRows);
    expect(parseSubmission(run.results.csv('uniform')).rows).toHaveLength(300);
  });

  it('keeps finished rows when a lane fails', async () => {
    const lane = new FakeLane();
    lane.failAt = 3;
    const { run } = await makeRun(csvOf(rows), { lanes: [lane], batchTokens: 1000 });
    await expect(run.score()).rejects.toMatchObject({ message: 'the device is lost' });
    expect(run.results.rowsDone).toBeGreaterThan(0);
    expect(parseSubmission(run.results.csv('omit')).rows).toHaveLength(run.results.rowsDone);
  });

  it('says what fits when a row is too long for the device', async () => {
    const lane = new FakeLane();
    lane.bounds.maxScoreBytes = 200 * 200;
    const { run } = await makeRun(csvOf(rows), { lanes: [lane] });
    await expect(run.score()).rejects.toMatchObject({
      code: 'plan/too-long',
      action: 'Set max_length to 200 or less, or use another device.',
    });
  });

  it('notices a file that changes after it was read', async () => {
    const source = changeable(rows);
    const { run } = await makeRun(source, { lanes: [new FakeLane()] });
    source.bytes.set(new TextEncoder().encode('zzz'), source.size >> 1);
    await expect(run.score()).rejects.toMatchObject({ code: 'storage/changed' });
  });
});

describe('rows that cannot be scored', () => {
  const csv = [
    'id,prompt,response_a,response_b',
    '1,"[""p""]","[""a""]","[""b""]"',
    '2,"[""p""]"',
    '3,"[""p""]","[""cut off","[""b""]"',
    '4,plain prompt,plain a,plain b',
    '1,"[null]","[]","[""b"", ""two""]"',
    '',
  ].join('\n');
  const source = () => new MemorySource('bad.csv', new TextEncoder().encode(csv));

  it('are named with row and column, and the others are scored', async () => {
    const { run, index } = await makeRun(source(), { lanes: [new FakeLane()] });
    const summary = await run.score();
    expect(summary).toMatchObject({
      rows: 5,
      scoredRows: 3,
      problemRows: 2,
      plainTextRows: 1,
      complete: true,
    });
    const { problems, notes } = index.summary();
    expect(problems.map(({ index: at, id, error }) => [at, id, error.place?.row])).toEqual([
      [1, '2', 2],
      [2, '3', 3],
    ]);
    expect(problems[1]!.error).toMatchObject({
      code: 'cell/broken-json',
      place: { column: 'response_a' },
    });
    expect(notes.map(noteText).join()).toContain('One id appears in more than one row (1)');
    expect(run.results.flags[3]! & ROW_FLAG.plainText).toBe(ROW_FLAG.plainText);
  });

  it('are left out of the submission or given a third, as the user says', async () => {
    const { run } = await makeRun(source(), { lanes: [new FakeLane()] });
    await run.score();
    expect(parseSubmission(run.results.csv('omit')).rows.map(([id]) => id)).toEqual([
      '1',
      '4',
      '1',
    ]);
    const uniform = parseSubmission(run.results.csv('uniform')).rows;
    expect(uniform.map(([id]) => id)).toEqual(['1', '2', '3', '4', '1']);
    expect(uniform[1]![1]).toEqual([0.333333333, 0.333333333, 0.333333333]);
  });

  it('may be all of the rows', async () => {
    const only = new MemorySource(
      'bad.csv',
      new TextEncoder().encode('id,prompt,response_a,response_b\n1,a\n'),
    );
    const { run } = await makeRun(only, { lanes: [new FakeLane()] });
    expect(await run.score()).toMatchObject({ rows: 1, scoredRows: 0, complete: true });
  });
});

async function submission(
  from: typeof rows,
  options: { batchTokens?: number; lanes?: number; settings?: { tta: boolean } },
): Promise<Map<string, number[]>> {
  const lanes = Array.from({ length: options.lanes ?? 1 }, () => new FakeLane());
  const { run } = await makeRun(csvOf(from), { ...options, lanes });
  await run.score();
  if (lanes.length > 1) for (const lane of lanes) expect(lane.batches.length).toBeGreaterThan(0);
  return new Map(parseSubmission(run.results.csv('omit')).rows);
}

function changeable(from: typeof rows): ByteSource & { bytes: Uint8Array<ArrayBuffer> } {
  const original = csvOf(from);
  const bytes = new Uint8Array(original.size);
  const encoded = original.read(0, original.size);
  const filled = encoded.then((all) => bytes.set(all));
  return {
    name: 'test.csv',
    size: original.size,
    bytes,
    read: async (start, end) => {
      await filled;
      return bytes.slice(start, end);
    },
  };
}
