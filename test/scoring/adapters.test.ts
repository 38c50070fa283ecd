import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { RowColumns } from '../../src/app/page/rows.ts';
import { toKaggleCsv } from '../../src/data/csv/kaggle.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { readJournal } from '../../src/scoring/journal/journal.ts';
import { RunArchive } from '../../src/scoring/journal/run-archive.ts';
import type { JournalRequest } from '../../src/scoring/journal/start-journal.ts';
import type { ResultsEvent } from '../../src/scoring/rows/row-events.ts';
import { RunService } from '../../src/scoring/worker/run-service.ts';
import { MemorySink } from '../../src/storage/sink.ts';
import { inlinePool } from '../../src/tokens/pool/pool.ts';
import { resultsEvent } from '../../testing/fake-api.ts';
import { MemoryRuns } from '../../testing/memory-runs.ts';
import {
  csvOf,
  FakeLane,
  makeRows,
  makeRun,
  TellingLane,
  toyTokenizer,
} from '../../testing/runs.ts';

/** Returns the logits of two lanes, one after the other. */
class BothLanes extends FakeLane {
  private readonly alone: readonly FakeLane[];

  constructor(alone: readonly FakeLane[]) {
    super();
    this.alone = alone;
  }

  override async logits(rows: Int32Array[]): Promise<Float32Array> {
    const parts = await Promise.all(this.alone.map((lane) => lane.logits(rows)));
    return Float32Array.from(parts.flatMap((part) => [...part]));
  }
}

/** Like the lane that it is made from, but slightly less certain. */
class DoubtingLane extends FakeLane {
  override async logits(rows: Int32Array[]): Promise<Float32Array> {
    return (await super.logits(rows)).map((x) => x / 3 + 0.1);
  }
}

async function scored(lane: FakeLane, tta: boolean) {
  const columns = new RowColumns();
  // Two rows with the same texts share their computation.
  const rows = makeRows(30, 4);
  rows.push({ ...rows[5]!, id: 'again' });
  const { run } = await makeRun(csvOf(rows), {
    settings: { tta },
    lanes: [lane],
    batchTokens: 2000,
    onResults: (event) => columns.addResults(event),
  });
  await run.score();
  return { run, columns };
}

describe.each([false, true])('a run of several adapters (both orders: %s)', (tta) => {
  test('has what a run of each of them alone has, beside the mean', async () => {
    const { run, columns } = await scored(new BothLanes([new FakeLane(), new DoubtingLane()]), tta);
    const alone = await Promise.all(
      [new FakeLane(), new DoubtingLane()].map((lane) => scored(lane, tta)),
    );
    expect(run.results.adapters).toBe(2);
    expect(alone.map((one) => one.run.results.adapters)).toEqual([0, 0]);
    expect(alone[0]!.columns.adapters).toBeNull();
    for (let row = 0; row < 31; row += 1) {
      for (const [a, one] of alone.entries()) {
        const expected = one.run.results.probabilities.subarray(3 * row, 3 * row + 3);
        expect(run.results.ofAdapter(row, a)).toEqual([...expected]);
        const at = 3 * (2 * row + a);
        expect(columns.adapters!.subarray(at, at + 3)).toEqual(Float32Array.from(expected));
      }
      const [one, other] = alone.map((of) => of.run.results.probabilities);
      for (let c = 3 * row; c < 3 * row + 3; c += 1) {
        expect(run.results.probabilities[c]).toBeCloseTo((one![c]! + other![c]!) / 2, 14);
      }
    }
  });

  test('forgets them with its results', async () => {
    const { columns } = await scored(new BothLanes([new FakeLane(), new DoubtingLane()]), tta);
    columns.clearResults();
    expect(columns.adapters).toBeNull();
  });
});

test('the page keeps what it has of adapters when it makes room for more rows', () => {
  const columns = new RowColumns();
  const event = (row: number): ResultsEvent => ({
    ...resultsEvent([row]),
    adapters: Float32Array.of(row, 1, 2, 3, 4, 5),
  });
  columns.addResults(event(7));
  columns.addResults(event(5000));
  for (const row of [7, 5000]) {
    expect([...columns.adapters!.subarray(6 * row, 6 * row + 6)]).toEqual([row, 1, 2, 3, 4, 5]);
  }
  expect(columns.adapters![6 * 8]).toBeNaN();
  const kept = columns.clear();
  expect(columns.adapters).toBeNull();
  columns.restore(kept);
  expect(columns.adapters![6 * 7]).toBe(7);
});

/* test/fixtures/journal-1 was written by the code of commit 0ca6c3e, with version 1 of the format: a complete run of
   this file on this lane, both orders, in batches of 2,500 tokens. */
const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/journal-1/${name}`, import.meta.url));
const written = Uint8Array.from(fixture('journal'));
const submission = fixture('submission.csv').toString('utf8');
const content = toKaggleCsv(makeRows(24, 7));
const settings = { ...DEFAULT_SETTINGS, tta: true };
const goOn: JournalRequest = { kind: 'continue', id: 'run', otherEngine: false };
let runs: MemoryRuns;

beforeEach(() => {
  runs = new MemoryRuns();
});

/** A page that scores the file with two adapters. */
async function scoreWith(journal: JournalRequest) {
  const lane = new TellingLane('fake', 2);
  const service = new RunService(
    { lane: async () => lane, pool: async () => inlinePool(toyTokenizer) },
    new RunArchive(runs),
  );
  const columns = new RowColumns();
  await service.loadModel({ source: { kind: 'url', url: 'http://x/' } }, () => {});
  await service.openCsv(new File([content], 'test.csv'), settings, () => {});
  const adapters = ['one', null];
  const request = { adapters, settings, journal, batchTokens: 2500 };
  const summary = await service.start(request, (events) => {
    for (const event of events) if (event.type === 'results') columns.addResults(event);
  });
  return { lane, columns, summary, csv: await (await service.exportCsv('omit')).text() };
}

function keep(bytes: Uint8Array<ArrayBuffer>): void {
  const sink = new MemorySink();
  sink.files.files.set('journal', bytes);
  runs.sinks.set('run', sink);
}

describe('a journal of several adapters', () => {
  test('keeps the logits of each, and the same mean as before, bit for bit', async () => {
    const { csv } = await scoreWith({ kind: 'new', id: 'run' });
    expect(csv).toBe(submission);
    const [then, now] = [readJournal(written), readJournal(runs.bytes('run'))];
    expect([then.version, now.version]).toEqual([1, 2]);
    expect(now.batches).toHaveLength(then.batches.length);
    for (const [i, batch] of now.batches.entries()) {
      expect({ ...then.batches[i], seconds: 0 }).toEqual({ ...batch, seconds: 0, logits: null });
      expect(batch.logits).toHaveLength(2 * 3 * batch.sequences.length);
    }
    // 12 bytes per adapter and text.
    const texts = then.header.csv.sequences;
    const headers = [written, runs.bytes('run')].map((bytes) => bytes.indexOf(0x0a));
    const bodies = [written.length - headers[0]!, runs.bytes('run').length - headers[1]!];
    expect(bodies[1]! - bodies[0]!).toBe(2 * 12 * texts);
  });

  test('gives a continued run all of them', async () => {
    const { columns } = await scoreWith({ kind: 'new', id: 'run' });
    const bytes = runs.bytes('run');
    for (const share of [0.5, 0.8, 1]) {
      keep(bytes.slice(0, Math.ceil(share * bytes.length)));
      const again = await scoreWith(goOn);
      expect(again.csv).toBe(submission);
      expect(again.columns.adapters).toEqual(columns.adapters);
    }
  });

  test.each([0.35, 0.6, 1])(
    'of version 1 is gone on with from %s of it as what it is',
    async (share) => {
      keep(written.slice(0, Math.ceil(share * written.length)));
      const before = readJournal(runs.bytes('run'));
      const { lane, csv, columns, summary } = await scoreWith(goOn);
      expect(summary.complete).toBe(true);
      expect(csv).toBe(submission);
      expect(lane.batches).toHaveLength(12 - before.batches.length);
      const after = readJournal(runs.bytes('run'));
      expect(after.version).toBe(1);
      expect(after.batches).toHaveLength(12);
      for (const { logits } of after.batches) expect(logits).toBeNull();
      // The rest of the rows would have adapters; a report of only some rows would not be one of the run.
      if (before.batches.length > 0) expect(columns.adapters).toBeNull();
    },
  );
});
