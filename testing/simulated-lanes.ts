import { type BatchLimits, padLength, planBatches } from '../src/engine/planning/batches.ts';
import type { Lane } from '../src/scoring/lanes/lane.ts';
import { LaneRates } from '../src/scoring/lanes/lane-rates.ts';
import { LaneWorker } from '../src/scoring/lanes/lane-worker.ts';
import type { Batch } from '../src/scoring/rows/batches.ts';
import { WorkQueue } from '../src/scoring/rows/work-queue.ts';

/** A clock that advances to the next timer as soon as nothing else can happen. */
class SimulatedClock {
  now = 0;
  private readonly sleepers: { until: number; wake: () => void }[] = [];

  sleep(seconds: number): Promise<void> {
    return new Promise((wake) => this.sleepers.push({ until: this.now + seconds, wake }));
  }

  /** Lets time pass until the work is done. */
  async run(work: Promise<unknown>): Promise<void> {
    let done = false;
    const settle = () => {
      done = true;
    };
    work.then(settle, settle);
    for (;;) {
      // All consequences of the last step are microtasks, which run before this.
      await new Promise((resolve) => setImmediate(resolve));
      if (done) break;
      const next = this.sleepers.sort((a, b) => a.until - b.until).shift();
      if (next === undefined) throw new Error('the lanes wait for nothing');
      this.now = next.until;
      next.wake();
    }
    await work;
  }
}

/**
 * Runs the real queue and lanes on a simulated clock: a batch takes its padded tokens divided by the lane's speed.
 * @param lengths tokens of each row, in descending order.
 * @param speeds tokens per second of each lane.
 * @param overlaps true if lanes accept the next batch while computing one.
 * @returns the seconds at which each lane finished its last batch.
 */
export async function simulateLanes(
  lengths: readonly number[],
  limits: BatchLimits,
  speeds: readonly number[],
  overlaps = false,
): Promise<number[]> {
  const clock = new SimulatedClock();
  const ids = new Int32Array(lengths[0] ?? 0);
  const cut = { prompt: 0, responseA: 0, responseB: 0, turns: 0 };
  const plan = planBatches(lengths, limits);
  const queue = new WorkQueue(async (): Promise<Batch | null> => {
    const next = plan.shift();
    if (next === undefined) return null;
    const sequences = Array.from({ length: next.end - next.start }, (_, i) => next.start + i);
    const texts = sequences.map((sequence) => {
      const length = lengths[sequence]!;
      return { ids: ids.subarray(0, length), length, truncated: false, cut };
    });
    return { sequences, texts };
  });
  const ends = speeds.map(() => 0);
  const rates = new LaneRates(speeds.length);
  const serve = async (speed: number, i: number) => {
    let computing: Promise<unknown> = Promise.resolve();
    const lane: Lane = {
      overlaps,
      info: { computesOn: `lane ${i + 1}` } as Lane['info'],
      bounds: {
        padMultiple: limits.padMultiple,
        maxScoreBytes: 1,
        scoreBytesOfOne: 1,
      } as Lane['bounds'],
      async logits(rows) {
        const longest = Math.max(...rows.map((row) => row.length));
        const seconds = (rows.length * padLength(longest, limits.padMultiple)) / speed;
        computing = computing.then(() => clock.sleep(seconds));
        await computing;
        ends[i] = clock.now;
        return new Float32Array(3 * rows.length);
      },
    };
    const worker = new LaneWorker({
      lane,
      number: i + 1,
      queue,
      rates,
      signal: new AbortController().signal,
      onBatch: () => {},
      onIncident: ({ error }) => {
        throw new Error(error.message);
      },
      recovery: { timers: { now: () => 1000 * clock.now, every: () => () => {} } },
    });
    await worker.run();
  };
  await clock.run(Promise.all(speeds.map(serve)));
  return ends;
}
