import { expect, test } from 'vitest';
import { mostLikely } from '../../../src/domain/classes.ts';
import {
  firstAdvantage,
  orderGap,
  orderScores,
  rewardsOf,
} from '../../../src/stats/pair/order-scores.ts';

const odds = (...p: number[]) => p.map(Math.log);
// [adapters, texts, 3]: the second text is the swapped one, and its first class B's.
const logits = Float32Array.from([
  ...odds(0.5, 0.3, 0.2),
  ...odds(0.4, 0.4, 0.2),
  ...odds(0.1, 0.8, 0.1),
  ...odds(0.7, 0.2, 0.1),
]);
const all = ['one', 'two'];
const near = (values: readonly number[], expected: number[]) => {
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i]!, 6);
};

test('both orders, with classes swapped back, and their mean', () => {
  const scores = orderScores(logits, all, ['one'], 0, 1);
  near(scores.forward, [0.5, 0.3, 0.2]);
  near(scores.swapped, [0.4, 0.4, 0.2]);
  near(scores.mean, [0.45, 0.35, 0.2]);
  expect(scores.logits).toHaveLength(1);
  near(scores.logits[0]!.swapped, odds(0.4, 0.4, 0.2));
  expect(orderGap(scores)).toBeCloseTo(0.1, 6);
  expect(mostLikely(scores.forward)).toBe(0);
  expect(mostLikely(scores.swapped)).toBeNull();
});

test('of several adapters the mean of their probabilities', () => {
  near(orderScores(logits, all, ['one', 'two'], 0, 1).forward, [0.3, 0.55, 0.15]);
  near(orderScores(logits, all, ['two'], 0, 1).swapped, [0.2, 0.7, 0.1]);
});

test('the advantage of the first place', () => {
  const first = { forward: [0.5, 0.3, 0.2], swapped: [0.3, 0.5, 0.2] } as const;
  expect(firstAdvantage({ forward: [...first.forward], swapped: [...first.swapped] })).toBeCloseTo(
    0.2,
    9,
  );
  expect(firstAdvantage({ forward: [...first.swapped], swapped: [...first.forward] })).toBeCloseTo(
    -0.2,
    9,
  );
});

test('rewards have one order: both are the mean, and its classes swap with the answers', () => {
  // [adapters, texts, 1]: two adapters, a pair and, behind it, the same pair with its answers exchanged.
  const rewards = Float32Array.of(3, -1, -1, 3, 0.5, 0.25, 0.25, 0.5);
  const of = (forward: number, swapped: number, names = all) =>
    orderScores(rewards, all, names, forward, swapped, 'reward');
  const scores = of(0, 1);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  near(scores.mean, [(sigmoid(4) + sigmoid(0.25)) / 2, (sigmoid(-4) + sigmoid(-0.25)) / 2, 0]);
  expect([scores.forward, scores.swapped]).toEqual([scores.mean, scores.mean]);
  expect(orderGap(scores)).toBe(0);
  expect(of(2, 3).mean).toEqual([scores.mean[1], scores.mean[0], 0]);
  expect(rewardsOf(scores)).toEqual({ a: 1.75, b: -0.375, margin: 2.125 });
  expect(rewardsOf(of(0, 1, ['two']))).toEqual({ a: 0.5, b: 0.25, margin: 0.25 });
});

test('without ties the two classes share everything, in both orders', () => {
  const two = Float32Array.from([...odds(0.6, 0.4), ...odds(0.3, 0.7)]);
  const scores = orderScores(two, ['one'], ['one'], 0, 1, 'pair-no-tie');
  near(scores.forward, [0.6, 0.4, 0]);
  near(scores.swapped, [0.7, 0.3, 0]);
  near(scores.mean, [0.65, 0.35, 0]);
});
