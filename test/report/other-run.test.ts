import { describe, expect, test } from 'vitest';
import { CsvFile } from '../../src/data/csv/reader.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { readKeptRun } from '../../src/report/other-run.ts';
import { searchRows } from '../../src/report/search.ts';
import { JournalWriter } from '../../src/scoring/journal/journal-writer.ts';
import { JOURNAL_NAME } from '../../src/scoring/journal/run-archive.ts';
import { journalHeader } from '../../src/scoring/journal/start-journal.ts';
import { planOf } from '../../src/scoring/lanes/lane.ts';
import { readTable } from '../../src/stats/table/read-table.ts';
import { MemoryRuns } from '../../testing/memory-runs.ts';
import { csvOf, FakeLane, makeRows, makeRun } from '../../testing/runs.ts';

describe('a kept run', () => {
  async function keep(settings = DEFAULT_SETTINGS) {
    const runs = new MemoryRuns();
    const source = csvOf(makeRows(30, 4));
    const lane = new FakeLane();
    const made = await makeRun(source, { settings, lanes: [lane], batchTokens: 2000 });
    const model = { name: 'fake', sha256: 'a'.repeat(64) };
    const header = journalHeader(made.index, model, [null], settings, null);
    const file = { sink: await runs.sink('one'), path: JOURNAL_NAME };
    const engine = { engine: lane.info, plan: planOf([lane]) };
    const journal = await JournalWriter.create(file, header, engine);
    const { run } = await makeRun(source, {
      settings,
      lanes: [new FakeLane()],
      batchTokens: 2000,
      journal: { append: (record) => journal.batch(record) },
    });
    await run.score();
    await journal.close();
    return { runs, source, run };
  }

  test.each([false, true])(
    'is put on the rows as it was computed (both orders: %s)',
    async (tta) => {
      const { runs, source, run } = await keep({ ...DEFAULT_SETTINGS, tta });
      const other = await readKeptRun(runs, 'one', source);
      expect(other.rows).toBe(30);
      expect(other.header!.settings.tta).toBe(tta);
      expect(other.probabilities).toEqual(run.results.probabilities);
    },
  );

  test('of another file is refused, with the name of its own', async () => {
    const { runs } = await keep();
    await expect(readKeptRun(runs, 'one', csvOf(makeRows(30, 5)))).rejects.toMatchObject({
      code: 'report/other-file',
      message: expect.stringContaining('test.csv'),
    });
  });
});

describe('searching a long file', () => {
  const rows = makeRows(1200, 8).map((row, i) => ({
    ...row,
    responseB: [...row.responseB, 'filler '.repeat(250), i % 97 === 0 ? 'Needle' : ''],
  }));

  async function search(wanted: number[], text: string) {
    const csv = await CsvFile.open(csvOf(rows));
    const { places } = await readTable(csv, { textMode: 'clean' });
    const found: number[] = [];
    const done: number[] = [];
    const pieces = searchRows(csv, places, Uint32Array.from(wanted), text, { textMode: 'clean' });
    for await (const piece of pieces) {
      found.push(...piece.found);
      done.push(piece.done);
    }
    return { found, done };
  }

  test('goes on piece by piece, and finds what reading every row finds', async () => {
    const all = [...rows.keys()];
    const { found, done } = await search(all, 'needle');
    expect(found).toEqual(all.filter((i) => i % 97 === 0));
    expect(done.length).toBeGreaterThan(1);
    expect(done.at(-1)).toBe(rows.length);
    expect([...done].sort((a, b) => a - b)).toEqual(done);
  });

  test('reads of rows far apart only these', async () => {
    const { found, done } = await search([0, 1, 97, 500, 970, 1199], 'NEEDLE');
    expect(found).toEqual([0, 97, 970]);
    expect(done).toEqual([2, 3, 4, 5, 6]);
  });
});
