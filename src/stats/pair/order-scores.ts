import { classDifference } from '../../domain/classes.ts';
import {
  averageOrders,
  meanOfAdapters,
  meanOfRewards,
  type Probabilities,
} from '../../domain/probabilities.ts';
import { labelsOf, type Reading } from '../../domain/reading.ts';
import { meanRewards, type Rewards } from '../../domain/rewards.ts';

/** Probabilities and logits of a pair in both orders of the answers. */
export interface OrderScores {
  /** In the order of the file: A first. */
  forward: Probabilities;
  /** In the swapped order: B first. The classes are swapped back, so that the first one is still A. */
  swapped: Probabilities;
  /** Mean of both orders: the result of a run with TTA. */
  mean: Probabilities;
  /**
   * The model's logits per adapter and order, not swapped back: in the swapped order the first one is B's. Of a reward
   * model the reward of A (`forward`) and that of B (`swapped`).
   */
  logits: { adapter: string | null; forward: number[]; swapped: number[] }[];
}

/**
 * Scores one pair, as the mean of some adapters. With rewards both orders are one, and their probabilities are equal.
 * @param logits [all.length, texts, labels].
 * @param chosen adapters, a subset of `all`.
 * @param forward index of its text among the texts; `swapped` that of the swapped one.
 * @param reading Default `pair`.
 */
export function orderScores(
  logits: Float32Array,
  all: readonly (string | null)[],
  chosen: readonly (string | null)[],
  forward: number,
  swapped: number,
  reading: Reading = 'pair',
): OrderScores {
  const labels = labelsOf(reading);
  const texts = logits.length / (labels * all.length);
  const names = all.filter((name) => chosen.includes(name));
  const size = labels * texts;
  const part = new Float32Array(names.length * size);
  for (const [i, name] of names.entries()) {
    const at = all.indexOf(name) * size;
    part.set(logits.subarray(at, at + size), i * size);
  }
  const logitsAt = (text: number) => Array.from(part.subarray(labels * text, labels * (text + 1)));
  const ofAdapters = names.map((adapter, i) => ({
    adapter,
    forward: logitsAt(i * texts + forward),
    swapped: logitsAt(i * texts + swapped),
  }));
  if (reading === 'reward') {
    const mean = meanOfRewards(ofAdapters.flatMap((of) => [of.forward[0]!, of.swapped[0]!]));
    return { forward: mean, swapped: mean, mean, logits: ofAdapters };
  }
  const given = meanOfAdapters(part, forward, texts, reading);
  const other = meanOfAdapters(part, swapped, texts, reading);
  return {
    forward: given,
    swapped: [other[1], other[0], other[2]],
    mean: averageOrders(given, other),
    logits: ofAdapters,
  };
}

/** The mean rewards of a pair over its adapters, and their difference. @param logits of a reward model. */
export function rewardsOf({ logits }: Pick<OrderScores, 'logits'>): Rewards {
  return meanRewards(logits.flatMap(({ forward, swapped }) => [forward[0]!, swapped[0]!]));
}

/** The order gap: the largest difference of a class between the two orders, 0 to 1. */
export function orderGap({ forward, swapped }: Pick<OrderScores, 'forward' | 'swapped'>) {
  return classDifference(forward, swapped);
}

/**
 * {@link orderGap} from the mean of both orders instead of the swapped order, which lies at the same distance on the
 * other side of the mean. NaN if either array [rows, 3] lacks the row.
 */
export function orderGapByMean(
  forward: ArrayLike<number>,
  mean: ArrayLike<number>,
  row: number,
): number {
  return 2 * classDifference(forward, mean, row);
}

/** The swapped order's probabilities of a row, from arrays [rows, 3] of the forward order and of the mean of both. */
export function swappedByMean(
  forward: ArrayLike<number>,
  mean: ArrayLike<number>,
  row: number,
): Probabilities {
  const other = (c: number) => 2 * mean[3 * row + c]! - forward[3 * row + c]!;
  return [other(0), other(1), other(2)];
}

/**
 * The advantage of the first place, -1 to 1: the probability that an answer wins in the first place minus that in the
 * second, mean over both answers.
 */
export function firstAdvantage({ forward, swapped }: Pick<OrderScores, 'forward' | 'swapped'>) {
  return (forward[0] - swapped[0] + swapped[1] - forward[1]) / 2;
}
