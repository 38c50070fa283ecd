import { beforeEach, describe, expect, test } from 'vitest';
import { aborted } from '../../../src/domain/errors.ts';
import { labelsOf } from '../../../src/domain/reading.ts';
import type { EngineInfo } from '../../../src/engine/engine.ts';
import { planOf } from '../../../src/scoring/lanes/lane.ts';
import type {
  LoadProgress,
  ModelRequest,
  SplitChoice,
} from '../../../src/scoring/lanes/model-request.ts';
import { type PartLane, partsOf, SplitLane } from '../../../src/scoring/lanes/split-lane.ts';
import { errorOf } from '../../../testing/errors.ts';
import { FAST, SLOW } from '../../../testing/gpu-facts.ts';
import { FakeLane, fakeLogits } from '../../../testing/runs.ts';

const request: ModelRequest = { source: { kind: 'url', url: 'http://x/' } };
const split: SplitChoice = {
  gpus: [FAST, SLOW],
  at: 2,
  layers: 5,
  partTokens: 10,
  resident: [undefined, 1],
};

/** A half whose hidden states are the tokens and the adapter, so that logits show the transferred data. */
class Half extends FakeLane implements PartLane {
  override readonly info: EngineInfo;
  readonly request: ModelRequest;
  readonly model = {} as PartLane['model'];
  dead = false;
  rebuilt = 0;
  adapters: (string | null)[] = [null];

  constructor(asked: ModelRequest) {
    super();
    this.request = asked;
    this.info = {
      place: { kind: 'gpu', name: asked.gpu!.name },
      computesOn: `${asked.gpu!.name} (WebGPU)`,
      device: 'webgpu',
      reading: 'pair',
      executor: 'wgsl',
      variant: asked.gpu === FAST ? 'float16' : 'float32',
      precision: asked.gpu === FAST ? 'float16' : 'float32',
      refusals: [],
      layers: 5,
      residentLayers: asked.gpu === FAST ? 2 : 1,
      streamedBytes: asked.gpu === FAST ? 0 : 100,
      weightBytes: 1000,
      adapterBytes: 10,
      peakBytes: 3000,
      selfTest: asked.gpu === FAST ? 1e-5 : null,
      range: asked.layers,
    } as unknown as EngineInfo;
  }

  async setAdapters(names: (string | null)[]): Promise<void> {
    this.adapters = names;
  }

  async hiddenAfter(rows: Int32Array[], to: number, adapter: number) {
    log.push(`first ${rows.length}`);
    await turn();
    failures.get('first')?.();
    return Float32Array.from([to, adapter, ...rows.flatMap((row) => [...row])]);
  }

  async logitsAfter(
    rows: Int32Array[],
    start: { layer: number; hidden: Float32Array },
    adapter: number,
  ): Promise<Float32Array> {
    log.push(`second ${rows.length}`);
    await turn();
    await turn();
    failures.get('second')?.();
    const [to, of, ...ids] = start.hidden;
    expect([to, of, ids]).toEqual([start.layer, adapter, rows.flatMap((row) => [...row])]);
    log.push('done');
    const labels = labelsOf(this.info.reading);
    const logits = rows.flatMap((row) => fakeLogits(row).slice(0, labels));
    return Float32Array.from(logits, (value) => value + adapter);
  }

  async rebuild(signal?: AbortSignal): Promise<void> {
    if (this.request.gpu === FAST) failures.get('rebuild')?.();
    while (waiting && !signal?.aborted) await turn();
    if (signal?.aborted) throw aborted();
    this.rebuilt += 1;
    this.dead = false;
  }

  close(): void {
    this.dead = true;
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve));
let log: string[];
let failures: Map<string, () => never>;
let halves: Half[];
/** True if restarting waits until it is stopped. */
let waiting: boolean;
beforeEach(() => {
  waiting = false;
  log = [];
  failures = new Map();
  halves = [];
});

const start = (signal?: AbortSignal, onProgress: (progress: LoadProgress) => void = () => {}) =>
  SplitLane.start(request, split, onProgress, signal, async (asked, progress) => {
    const fast = asked.gpu === FAST;
    progress({ step: 'weights', fraction: fast ? 1 : 0.5 });
    await turn();
    failures.get(fast ? 'load first' : 'load second')?.();
    const half = new Half(asked);
    halves.push(half);
    return half;
  });
const fail = () => {
  throw errorOf('gpu/lost', 'The GPU was lost.');
};
const rows = [4, 6, 3, 3, 3, 20, 1].map((length, r) =>
  Int32Array.from({ length }, (_, i) => r * 31 + i),
);

describe('layers on two GPUs', () => {
  test('each GPU has its own, and progress is that of the one behind', async () => {
    const progress: LoadProgress[] = [];
    await start(undefined, (step) => progress.push(step));
    expect(halves.map(({ request: { gpu, layers, resident } }) => [gpu, layers, resident])).toEqual(
      [
        [FAST, { from: 0, to: 2 }, undefined],
        [SLOW, { from: 2, to: 5 }, 1],
      ],
    );
    expect(progress.at(-1)).toMatchObject({ fraction: 0.5 });
  });

  test('give the logits of each row and adapter in order, whatever the parts', async () => {
    const lane = await start();
    await lane.setAdapters(['a', 'b']);
    expect(halves.map(({ adapters }) => adapters)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    const expected = [0, 1].flatMap((adapter) =>
      rows.flatMap((row) => fakeLogits(row).map((value) => Math.fround(value) + adapter)),
    );
    const logits = await lane.logits(rows);
    expect(logits).toHaveLength(expected.length);
    for (const [i, value] of logits.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  test('give one reward for each row and adapter', async () => {
    const lane = await start();
    for (const half of halves) Object.assign(half.info, { reading: 'reward' });
    await lane.setAdapters(['a', 'b']);
    const expected = [0, 1].flatMap((adapter) => rows.map((row) => fakeLogits(row)[0] + adapter));
    const rewards = await lane.logits(rows);
    expect(rewards).toHaveLength(2 * rows.length);
    for (const [i, value] of rewards.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  test('work at the same time: the first has the next part while the second has one', async () => {
    const lane = await start();
    await lane.logits(rows);
    // 4 + 6, 3 + 3 + 3, 20 alone, 1.
    expect(log.filter((entry) => entry.startsWith('first'))).toEqual([
      'first 2',
      'first 3',
      'first 1',
      'first 1',
    ]);
    // The first half does not wait for the transfer of its output.
    expect(log.indexOf('first 3')).toBeLessThan(log.indexOf('second 2'));
  });

  test('have at most four parts under way, whose hidden states wait in memory', async () => {
    const lane = await start();
    const many = Array.from({ length: 20 }, (_, r) => Int32Array.from({ length: 9 }, () => r));
    await Promise.all([lane.logits(many.slice(0, 11)), lane.logits(many.slice(11))]);
    const seen = (upTo: number, what: string) =>
      log.slice(0, upTo + 1).filter((entry) => entry.startsWith(what)).length;
    const underWay = log.map((_, i) => seen(i, 'first') - seen(i, 'done'));
    expect(Math.max(...underWay)).toBe(4);
    expect(underWay.at(-1)).toBe(0);
    // The first half reads one part back while it computes another.
    const onFirst = log.map((_, i) => seen(i, 'first') - seen(i, 'second'));
    expect(Math.max(...onFirst)).toBe(2);
  });

  test('give the first nothing more of a batch that has failed', async () => {
    const lane = await start();
    failures.set('second', fail);
    const many = Array.from({ length: 20 }, () => Int32Array.from({ length: 9 }, (_, i) => i));
    await expect(lane.logits(many)).rejects.toMatchObject({ code: 'gpu/lost' });
    // Batches submitted before continue, and no others follow.
    for (let i = 0; i < 10; i += 1) await turn();
    expect(log.filter((entry) => entry === 'first 1').length).toBeLessThan(10);
  });

  test('work at the same time across batches, whose rows are not mixed up', async () => {
    const lane = await start();
    expect(lane.overlaps).toBe(true);
    const [short, long] = [rows.slice(0, 2), rows.slice(2, 6)];
    const both = await Promise.all([lane.logits(short), lane.logits(long)]);
    expect(both.map((logits) => logits.length)).toEqual([6, 12]);
    expect([...both[0]]).toEqual([...Float32Array.from(short.flatMap(fakeLogits))]);
    expect([...both[1]]).toEqual([...Float32Array.from(long.flatMap(fakeLogits))]);
    // The first GPU had the next batch before the second one had finished this one.
    expect(log.indexOf('first 3')).toBeLessThan(log.indexOf('done'));
  });

  test('fail as one when either fails, and are started anew together', async () => {
    for (const half of ['first', 'second']) {
      const lane = await start();
      failures.set(half, fail);
      await expect(lane.logits(rows)).rejects.toMatchObject({ code: 'gpu/lost' });
      failures.clear();
      await lane.rebuild();
      expect(halves.slice(-2).map(({ rebuilt }) => rebuilt)).toEqual([1, 1]);
      expect(await lane.logits(rows)).toHaveLength(21);
    }
  });

  test('that cannot both be started anew leave nothing under way', async () => {
    const lane = await start();
    failures.set('rebuild', fail);
    waiting = true;
    await expect(lane.rebuild()).rejects.toMatchObject({ code: 'gpu/lost' });
    expect(halves.map(({ rebuilt }) => rebuilt)).toEqual([0, 0]);
    const stop = new AbortController();
    failures.clear();
    const rebuilding = lane.rebuild(stop.signal);
    stop.abort();
    await expect(rebuilding).rejects.toMatchObject({ code: 'run/cancelled' });
  });

  test('are both ended when one cannot be started, or the user cancels', async () => {
    for (const half of ['load first', 'load second']) {
      failures.set(half, fail);
      await expect(start()).rejects.toMatchObject({ code: 'gpu/lost' });
      failures.clear();
    }
    const cancelled = new AbortController();
    const starting = start(cancelled.signal);
    cancelled.abort();
    await expect(starting).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(halves).toHaveLength(4);
    expect(halves.every(({ dead }) => dead)).toBe(true);
  });

  test('are one lane to a run: its device names both, and batches are large', async () => {
    const lane = await start();
    expect(lane.info).toMatchObject({
      computesOn:
        'layers 1 to 2 on fast (WebGPU), float16 and layers 3 to 5 on slow (WebGPU), float32',
      variant: 'float16',
      precision: 'float16',
      residentLayers: 3,
      streamedBytes: 100,
      weightBytes: 2000,
      peakBytes: null,
      // One half has no self-test.
      selfTest: null,
    });
    expect(lane.info.parts).toHaveLength(2);
    expect(planOf([lane]).maxTokens).toBe(16_384);
    halves[1]!.close();
    expect(lane.dead).toBe(true);
  });
});

test('parts are consecutive rows of so many tokens', () => {
  const lengths = (parts: Int32Array[][]) => parts.map((part) => part.map(({ length }) => length));
  expect(lengths(partsOf(rows, 10))).toEqual([[4, 6], [3, 3, 3], [20], [1]]);
  expect(lengths(partsOf(rows, 1))).toEqual([[4], [6], [3], [3], [3], [20], [1]]);
  expect(partsOf([], 10)).toEqual([]);
});
