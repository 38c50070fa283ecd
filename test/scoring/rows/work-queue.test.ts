import { beforeEach, describe, expect, test } from 'vitest';
import type { Batch } from '../../../src/scoring/rows/batches.ts';
import { PauseGate } from '../../../src/scoring/rows/pause.ts';
import { halves, type QueuedBatch, WorkQueue } from '../../../src/scoring/rows/work-queue.ts';

const batch = (...sequences: number[]): Batch => ({
  sequences,
  texts: sequences.map((sequence) => ({ ids: Int32Array.of(sequence) })) as Batch['texts'],
});
const turn = () => new Promise((resolve) => setTimeout(resolve));
const first = (work: QueuedBatch | null) => work?.batch.sequences[0];

/** True if a promise is still pending. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.finally(() => {
    settled = true;
  });
  await turn();
  return !settled;
}

let rests: number;
let gate: PauseGate;
let stop: AbortController;

beforeEach(() => {
  rests = 0;
  gate = new PauseGate(() => {
    rests += 1;
  });
  stop = new AbortController();
});

function queueOf(batches: number): WorkQueue {
  const left = Array.from({ length: batches }, (_, i) => batch(i));
  return new WorkQueue(async () => left.shift() ?? null, gate, stop.signal);
}

describe('a queue', () => {
  test('hands out every batch once and ends when all are done', async () => {
    const queue = queueOf(2);
    expect([first(await queue.take()), first(await queue.take())]).toEqual([0, 1]);
    const third = queue.take();
    expect(await waits(third)).toBe(true);
    queue.done();
    expect(await waits(third)).toBe(true);
    queue.done();
    expect(await third).toBeNull();
    expect(queue.finished).toBe(true);
  });

  test('gives what a lane could not do to one that waits', async () => {
    const queue = queueOf(1);
    const taken = (await queue.take())!;
    const other = queue.take();
    expect(await waits(other)).toBe(true);
    queue.giveBack([{ ...taken, failures: 1 }]);
    expect(await other).toEqual({ ...taken, failures: 1 });
  });

  test('is not finished while returned work waits', async () => {
    const queue = queueOf(1);
    const taken = (await queue.take())!;
    queue.giveBack([taken]);
    expect(queue.finished).toBe(false);
  });
});

describe('a pause', () => {
  test('hands out nothing, and the run rests only when no lane computes any more', async () => {
    const queue = queueOf(4);
    await queue.take();
    await queue.take();
    gate.pause();
    queue.done();
    const one = queue.take();
    expect(await waits(one)).toBe(true);
    // The other lane is still computing.
    expect(rests).toBe(0);
    queue.done();
    expect(rests).toBe(1);
    const two = queue.take();
    expect(await waits(two)).toBe(true);
    expect(rests).toBe(1);
    gate.resume();
    expect([first(await one), first(await two)].sort()).toEqual([2, 3]);
  });

  test('holds back a batch that was being made, and what a failed lane gave back', async () => {
    let give: (made: Batch) => void = () => {};
    const making = new Promise<Batch>((resolve) => {
      give = resolve;
    });
    let made = 0;
    const queue = new WorkQueue(() => {
      made += 1;
      return made === 1 ? making : Promise.resolve(null);
    }, gate);
    const one = queue.take();
    gate.pause();
    give(batch(7));
    expect(await waits(one)).toBe(true);
    expect(rests).toBe(1);
    gate.resume();
    const work = (await one)!;
    expect(first(work)).toBe(7);
    gate.pause();
    queue.giveBack([work]);
    const again = queue.take();
    expect(await waits(again)).toBe(true);
    gate.resume();
    expect(await again).toEqual(work);
  });

  test('does not hold up a run that is done', async () => {
    const queue = queueOf(1);
    await queue.take();
    const other = queue.take();
    await turn();
    gate.pause();
    queue.done();
    expect(await other).toBeNull();
    expect(rests).toBe(0);
  });

  test('during the last batch lets the run end', async () => {
    const queue = queueOf(1);
    await queue.take();
    gate.pause();
    queue.done();
    expect(await queue.take()).toBeNull();
  });

  test('can be cancelled', async () => {
    const queue = queueOf(1);
    gate.pause();
    const one = queue.take();
    stop.abort();
    await expect(one).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});

test('halves lose and double nothing, and one row stays whole', () => {
  const whole = { batch: batch(1, 2, 3, 4, 5), failures: 2 };
  const parts = halves(whole);
  expect(parts.map((part) => part.batch.sequences)).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  expect(parts.every(({ failures }) => failures === 2)).toBe(true);
  expect(halves({ batch: batch(1), failures: 0 })).toHaveLength(1);
});
