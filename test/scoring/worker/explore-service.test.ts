import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { toKaggleCsv } from '../../../src/data/csv/kaggle.ts';
import { averageOrders, softmax } from '../../../src/domain/probabilities.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '../../../src/domain/settings.ts';
import type { CpuPlan } from '../../../src/engine/planning/cpu-memory.ts';
import type { ModelLane } from '../../../src/scoring/lanes/start-lanes.ts';
import type { Explored } from '../../../src/scoring/worker/explore-api.ts';
import { RunService } from '../../../src/scoring/worker/run-service.ts';
import { inlinePool } from '../../../src/tokens/pool/pool.ts';
import { errorOf } from '../../../testing/errors.ts';
import {
  FakeLane,
  fakeLogits,
  makeRows,
  type TestRow,
  toyTokenizer,
} from '../../../testing/runs.ts';

/** A lane whose batches wait for the test, and end when interrupted. */
class WaitingLane extends FakeLane implements ModelLane {
  dead = false;
  readonly model: ModelLane['model'] = {
    name: 'fake',
    sha256: 'f'.repeat(64),
    notice: null,
    adapters: [],
    baseHasHead: true,
    flops: { token: 1000, square: 10 },
    engine: this.info,
  };
  names: (string | null)[] = [];
  rebuilds = 0;
  waits = false;
  readonly waiting: (() => void)[] = [];
  private readonly stops = new Set<(error: Error) => void>();

  async setAdapters(names: (string | null)[]): Promise<void> {
    this.names = names;
  }

  override async logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    if (this.waits) {
      await new Promise<void>((go, stop) => {
        this.waiting.push(go);
        this.stops.add(stop);
      });
    }
    await super.logits(rows, signal);
    // Each adapter has different logits.
    return Float32Array.from(this.names.flatMap((name) => rows.flatMap((ids) => told(ids, name))));
  }

  interrupt(): void {
    for (const stop of this.stops) stop(errorOf('run/cancelled', 'Cancelled.'));
    this.stops.clear();
  }

  async rebuild(): Promise<void> {
    this.rebuilds += 1;
    this.failAt = Number.POSITIVE_INFINITY;
  }

  close(): void {}
}

const told = (ids: Int32Array, name: string | null) =>
  fakeLogits(ids).map((value) => value * (name?.length ?? 1));

let lane: WaitingLane;
let lanesStarted: number;
let service: RunService;

beforeEach(async () => {
  lane = new WaitingLane();
  lanesStarted = 0;
  service = new RunService({
    lane: async () => {
      lanesStarted += 1;
      return lane;
    },
    pool: async () => inlinePool(toyTokenizer),
  });
  await service.loadModel({ source: { kind: 'url', url: 'model' } }, () => {});
});

const turn = () => new Promise((resolve) => setTimeout(resolve));

const both = (pair: TestRow) => [
  { pair, swapped: false },
  { pair, swapped: true },
];
const explore = (
  pair: TestRow,
  settings: RunSettings = DEFAULT_SETTINGS,
  adapters: (string | null)[] = [null],
) => service.explore({ texts: both(pair), adapters, settings });

/** Probabilities of a text for the first adapter. */
const probabilities = ({ logits }: Explored, text: number) => softmax(logits, 3 * text);

describe('the numbers of a run', () => {
  test.each([
    ['as they are', {}],
    ['with both orders', { tta: true }],
    ['cut on the right', { maxLength: 60 }],
    ['cut in proportion', { maxLength: 60, truncation: 'proportional', tta: true }],
    ['without old turns', { maxLength: 90, truncation: 'turns', tta: true }],
    ['a third each', { maxLength: 60, spread: true }],
  ] as const)('%s', async (_, change) => {
    const settings = { ...DEFAULT_SETTINGS, ...change };
    const rows = makeRows(12, 3);
    await service.openCsv(new File([toKaggleCsv(rows)], 'test.csv'), settings, () => {});
    await service.start({ adapters: ['one'], settings }, () => {});
    const scored = (await (await service.exportCsv('omit')).text()).trimEnd().split('\n');
    for (const index of rows.keys()) {
      const texts = await service.readRow(index);
      const explored = await explore({ ...rows[index]!, ...texts }, settings, ['one']);
      const forward = probabilities(explored, 0);
      const row = settings.tta ? averageOrders(forward, probabilities(explored, 1)) : forward;
      const cells = row.map((p) => String(Number(p.toPrecision(9))));
      expect(`${rows[index]!.id},${cells.join()}`).toBe(scored[index + 1]);
    }
  });
});

test('batches are no larger than those planned for a run', async () => {
  const starters = {
    lane: async () => lane,
    pool: async () => inlinePool(toyTokenizer),
    planCpu: async ({ maxLength = 0 }) => {
      if (maxLength > 4000) throw errorOf('plan/cpu', 'too long');
      return { batchTokens: 900 } as CpuPlan;
    },
  };
  service = new RunService(starters);
  await service.loadModel({ source: { kind: 'url', url: 'model' } }, () => {});
  const texts = makeRows(9, 5).flatMap(both);
  const request = { texts, adapters: [null], settings: DEFAULT_SETTINGS };
  const before = lane.batches.length;
  await service.explore(request);
  const batches = lane.batches.slice(before);
  expect(batches.length).toBeGreaterThan(2);
  for (const rows of batches) {
    const padded = rows.length * Math.max(...rows.map(({ length }) => length));
    expect(rows.length === 1 || padded <= 900).toBe(true);
  }
  const long = { ...request, settings: { ...DEFAULT_SETTINGS, maxLength: 8000 } };
  await expect(service.explore(long)).rejects.toMatchObject({ code: 'plan/cpu' });
});

test('texts come back in the order in which they were given, for every adapter', async () => {
  const rows = makeRows(9, 5);
  const settings = DEFAULT_SETTINGS;
  const texts = rows.flatMap(both);
  const answer = await service.explore({ texts, adapters: ['one', 'three', 'one'], settings });
  expect(answer.adapters).toEqual(['one', 'three']);
  const ids = (await inlinePool(toyTokenizer).tokenize(texts, settings)).map((text) => text.ids);
  const expected = ['one', 'three'].flatMap((name) => ids.flatMap((row) => told(row, name)));
  expect(Array.from(answer.logits)).toEqual(Array.from(Float32Array.from(expected)));
  expect(answer.facts.map(({ tokens }) => tokens)).toEqual(ids.map((row) => row.length));
});

test('equal texts are computed once', async () => {
  const [row] = makeRows(1) as [TestRow];
  const answer = await explore({ ...row, responseB: row.responseA });
  expect(lane.batches.flat()).toHaveLength(1);
  expect(probabilities(answer, 0)).toEqual(probabilities(answer, 1));
});

test('the latest call wins, and touches the model when the one before has let go of it', async () => {
  const [first, second] = makeRows(2) as [TestRow, TestRow];
  lane.waits = true;
  const older = explore(first);
  await turn();
  expect(lane.waiting).toHaveLength(1);
  lane.waits = false;
  const newer = explore(second, DEFAULT_SETTINGS, ['two']);
  await expect(older).rejects.toMatchObject({ code: 'run/cancelled' });
  const expected = told(
    (await inlinePool(toyTokenizer).tokenize(both(second), DEFAULT_SETTINGS))[0]!.ids,
    'two',
  );
  expect(Array.from((await newer).logits.subarray(0, 3))).toEqual(
    Array.from(Float32Array.from(expected)),
  );
});

test('of many calls all but the last are given up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 }), async (turns) => {
      const rows = makeRows(turns.length + 1, 8);
      const calls: Promise<Explored>[] = [];
      for (const [i, count] of [...turns, 0].entries()) {
        const call = explore(rows[i]!);
        call.catch(() => {}); // looked at below
        calls.push(call);
        for (let t = 0; t < count; t += 1) await Promise.resolve();
      }
      const answers = await Promise.allSettled(calls);
      expect(answers.at(-1)).toMatchObject({ status: 'fulfilled' });
      for (const answer of answers.slice(0, -1)) {
        if (answer.status === 'rejected') expect(answer.reason.code).toBe('run/cancelled');
      }
    }),
    { numRuns: 20 },
  );
});

test('stopping ends the call in flight', async () => {
  lane.waits = true;
  const call = explore(makeRows(1)[0]!);
  await turn();
  await service.stopExploring();
  await expect(call).rejects.toMatchObject({ code: 'run/cancelled' });
});

describe('a run', () => {
  const settings = DEFAULT_SETTINGS;

  beforeEach(async () => {
    await service.openCsv(new File([toKaggleCsv(makeRows(3))], 'a.csv'), settings, () => {});
  });

  test('ends the call in flight, scores with its own adapter, and refuses calls during it', async () => {
    lane.waits = true;
    const before = explore(makeRows(1, 9)[0]!, settings, ['other']);
    await turn();
    const run = service.start({ adapters: ['mine'], settings }, () => {});
    await expect(before).rejects.toMatchObject({ code: 'run/cancelled' });
    await turn();
    await turn();
    expect(lane.names).toEqual(['mine']);
    await expect(explore(makeRows(1)[0]!, settings, ['other'])).rejects.toMatchObject({
      code: 'explore/busy',
    });
    expect(lane.names).toEqual(['mine']);
    lane.waits = false;
    for (const go of lane.waiting) go();
    expect(await run).toMatchObject({ complete: true });
    await expect(explore(makeRows(1)[0]!)).resolves.toBeDefined();
  });
});

test('a run that cannot start leaves the explorer free', async () => {
  const settings = DEFAULT_SETTINGS;
  await expect(service.start({ adapters: [null], settings }, () => {})).rejects.toMatchObject({
    code: 'run/not-ready',
  });
  await expect(explore(makeRows(1)[0]!)).resolves.toBeDefined();
});

test('a failing device is restarted once, then the error is reported', async () => {
  lane.failAt = 0;
  await expect(explore(makeRows(1)[0]!)).resolves.toBeDefined();
  expect(lane.rebuilds).toBe(1);
  lane.failAt = 0;
  lane.rebuild = async () => {};
  await expect(explore(makeRows(1)[0]!)).rejects.toMatchObject({ message: 'the device is lost' });
});

test('tokens are read without the device, also during a run', async () => {
  lane.waits = true;
  const settings = DEFAULT_SETTINGS;
  await service.openCsv(new File([toKaggleCsv(makeRows(3))], 'a.csv'), settings, () => {});
  const run = service.start({ adapters: [null], settings }, () => {});
  await turn();
  lane.dead = true; // as while the run rebuilds it: another one must not be started for this
  const pair = { prompt: ['p'], responseA: ['a'], responseB: ['b'] };
  const seen = await service.readTokens({ pair, swapped: false, settings });
  expect(seen.ids).toHaveLength('<prompt>: p\n\n<response_a>: a\n\n<response_b>: b'.length + 2);
  expect(lanesStarted).toBe(1);
  lane.dead = false;
  await service.cancel();
  for (const go of lane.waiting) go();
  await run;
});
