import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Cost,
  CostModel,
  NO_WORK,
  plus,
  secondsOf,
  type Work,
} from '../../../src/scoring/rows/cost-model.ts';
import { LengthGuess } from '../../../src/scoring/rows/length-guess.ts';
import {
  expectedCost,
  paddedWork,
  previousCost,
  TimeLeft,
  workOf,
} from '../../../src/scoring/rows/time-left.ts';
import { random } from '../../../testing/synthetic.ts';

/** Batches as in a run: longest rows first, with about equal tokens. */
function batchesOf(lengths: number[]): Work[] {
  return lengths.map((length) =>
    paddedWork(new Array(Math.max(1, Math.floor(2048 / length))).fill(length), 32),
  );
}

/** The ratio of predicted to actual time of batches. */
function ratioOf(found: Cost, cost: Cost, batches: Work[]): number {
  const all = batches.reduce((sum, work) => plus(sum, work), NO_WORK);
  return secondsOf(found, all) / secondsOf(cost, all);
}

const falling = Array.from({ length: 60 }, (_, i) => Math.round(2048 * 0.94 ** i) + 32);

describe('the cost of batches', () => {
  it('is found where batches differ enough, also where the expectation is off by a factor of four', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e-2, noNaN: true }),
        fc.integer({ min: 300, max: 30_000 }),
        fc.double({ min: 0.25, max: 4, noNaN: true }),
        (tokens, balance, wrong) => {
          const cost = { batches: 50 * tokens, tokens, squares: tokens / balance };
          const work = batchesOf(falling);
          const model = new CostModel(expectedCost(balance * wrong));
          for (const batch of work) model.add(batch, secondsOf(cost, batch));
          const found = model.cost!;
          expect(Math.min(found.batches, found.tokens, found.squares)).toBeGreaterThanOrEqual(0);
          for (const part of [work.slice(0, 30), work.slice(30)]) {
            expect(Math.abs(ratioOf(found, cost, part) - 1)).toBeLessThan(0.02);
          }
        },
      ),
    );
  });

  it('has a sound scale after two batches, the first of which was slow', () => {
    const cost = { batches: 0.01, tokens: 1e-3, squares: 1e-6 };
    const [a, b, ...rest] = batchesOf(falling);
    const model = new CostModel(expectedCost(1000));
    model.add(a!, 10 * secondsOf(cost, a!));
    model.add(b!, secondsOf(cost, b!));
    expect(Math.abs(ratioOf(model.cost!, cost, rest) - 1)).toBeLessThan(0.1);
  });

  it('stays right with noise, a hidden tab and a pause of the machine', () => {
    const cost = { batches: 0.05, tokens: 8e-4, squares: 7e-7 };
    const next = random(3);
    const work = batchesOf(falling);
    const model = new CostModel(expectedCost(3000));
    for (const [i, batch] of work.slice(0, 30).entries()) {
      const disturbed = i % 9 === 4 ? 6 : 0.9 + 0.2 * next();
      model.add(batch, disturbed * secondsOf(cost, batch));
    }
    expect(Math.abs(ratioOf(model.cost!, cost, work.slice(30)) - 1)).toBeLessThan(0.12);
  });

  it('of an earlier run holds until batches say something else', () => {
    const known = { batches: 0.01, tokens: 1e-3, squares: 1e-6 };
    const model = new CostModel(known, true);
    expect(model.cost).toEqual(known);
    for (const batch of batchesOf(falling)) model.add(batch, 3 * secondsOf(known, batch));
    const batch = paddedWork([500, 500], 32);
    expect(secondsOf(model.cost!, batch) / secondsOf(known, batch)).toBeCloseTo(3, 1);
  });

  it('is read from the seconds of a journal', () => {
    const cost = { batches: 0.02, tokens: 1e-3, squares: 1e-6 };
    let seconds = 0;
    const before = falling.map((length) => {
      const tokens = Uint32Array.from({ length: Math.max(1, Math.floor(2048 / length)) }).fill(
        length,
      );
      seconds += secondsOf(cost, paddedWork(tokens, 32));
      return { seconds, tokens };
    });
    const bounds = { padMultiple: 32, balance: 1000 };
    expect(previousCost(before.slice(0, 1), bounds)).toBeNull();
    const found = previousCost(before, bounds)!;
    expect(Math.abs(ratioOf(found, cost, batchesOf(falling)) - 1)).toBeLessThan(0.02);
  });
});

describe('the time left', () => {
  it('counts what rows share once, and padding', () => {
    const rows = [
      Int32Array.from({ length: 64 }, (_, i) => i),
      Int32Array.from({ length: 64 }, (_, i) => (i < 32 ? i : 100 + i)),
    ];
    expect(workOf(rows, { padMultiple: 1, sharesPrefixes: true })).toEqual({
      batches: 1,
      tokens: 96,
      squares: 64 * 64 + 32 * 64,
    });
    const short = [rows[0]!, rows[1]!.subarray(0, 3)];
    expect(workOf(short, { padMultiple: 48 })).toEqual({
      batches: 1,
      tokens: 192,
      squares: 2 * 96 * 96,
    });
  });

  it('adds up the rates of lanes, and leaves out one that has ended', () => {
    let at = 0;
    const timeLeft = new TimeLeft(2, () => 1000 * at, expectedCost(1e9));
    const work = { batches: 0, tokens: 1000, squares: 0 };
    expect(timeLeft.seconds(work)).toBeNull();
    for (at = 1; at <= 12; at += 1) {
      timeLeft.add(1, work);
      if (at % 3 === 0) timeLeft.add(2, work);
    }
    // One lane computes a batch in a second, the other one in three.
    const left = { batches: 0, tokens: 40_000, squares: 0 };
    expect(timeLeft.seconds(left)).toBeCloseTo(30, 0);
    timeLeft.end(2);
    expect(timeLeft.seconds(left)).toBeCloseTo(40, 0);
  });

  it('follows a device that has become slower', () => {
    let at = 0;
    const timeLeft = new TimeLeft(1, () => 1000 * at, expectedCost(1e9));
    const work = { batches: 0, tokens: 1000, squares: 0 };
    for (let i = 0; i < 100; i += 1) {
      at += i < 70 ? 1 : 1.5;
      timeLeft.add(1, work);
    }
    const left = timeLeft.seconds({ batches: 0, tokens: 100_000, squares: 0 })!;
    expect(left).toBeGreaterThan(130);
    expect(left).toBeLessThan(160);
  });
});

describe('guessed lengths', () => {
  // Long texts have more tokens than estimated, short ones fewer.
  const actual = (estimate: number) => Math.round(estimate * (estimate > 500 ? 1.3 : 0.8));
  const estimates = Array.from({ length: 1000 }, (_, i) => 1500 - i);
  const all = estimates.map((_, i) => i);
  const total = estimates.reduce((sum, estimate) => sum + actual(estimate), 0);

  it('are put right for every length by a few texts that are tokenized ahead', () => {
    const guess = new LengthGuess(estimates, all);
    expect(guess.left.tokens).toBe(estimates.reduce((a, b) => a + b));
    for (const i of guess.samples) guess.survey(i, actual(estimates[i]!));
    expect(guess.samples.length).toBeLessThanOrEqual(128);
    expect(Math.abs(guess.left.tokens / total - 1)).toBeLessThan(0.01);
  });

  it('are replaced by known lengths, once for each text', () => {
    const guess = new LengthGuess(estimates, all);
    for (const i of guess.samples) guess.survey(i, actual(estimates[i]!));
    let known = 0;
    for (const i of all) {
      guess.know(i, actual(estimates[i]!));
      known += actual(estimates[i]!);
      if (i % 100 === 0) {
        expect(guess.know(i, actual(estimates[i]!))).toBe(false);
        expect(Math.abs((known + guess.left.tokens) / total - 1)).toBeLessThan(0.02);
      }
    }
    expect(guess.left).toEqual({ tokens: 0, squares: 0 });
  });
});
