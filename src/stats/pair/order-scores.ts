import { classDifference } from '../../domain/classes.ts';
import { averageOrders, meanOfAdapters, type Probabilities } from '../../domain/probabilities.ts';

/** Probabilities and logits of a pair in both orders of the answers. */
export interface OrderScores {
  /** A first, then B. */
  forward: Probabilities;
  /** B first, then A; the classes are swapped back, so that the first one is A's all the same. */
  swapped: Probabilities;
  /** Of both orders: what a run gives with TTA. */
  mean: Probabilities;
  /** Three per adapter and order, as the model gave them: in the swapped order the first one is B's. */
  logits: { adapter: string | null; forward: number[]; swapped: number[] }[];
}

/**
 * Scores of one pair for the mean of some adapters.
 * @param logits [all.length, texts, 3].
 * @param chosen of `all`.
 * @param forward place of its text among the texts; that of the swapped one is `swapped`.
 */
export function orderScores(
  logits: Float32Array,
  all: readonly (string | null)[],
  chosen: readonly (string | null)[],
  forward: number,
  swapped: number,
): OrderScores {
  const texts = logits.length / (3 * all.length);
  const names = all.filter((name) => chosen.includes(name));
  const part = new Float32Array(names.length * texts * 3);
  for (const [i, name] of names.entries()) {
    const at = all.indexOf(name) * texts * 3;
    part.set(logits.subarray(at, at + texts * 3), i * texts * 3);
  }
  const given = meanOfAdapters(part, forward, texts);
  const other = meanOfAdapters(part, swapped, texts);
  return {
    forward: given,
    swapped: [other[1], other[0], other[2]],
    mean: averageOrders(given, other),
    logits: names.map((adapter, i) => ({
      adapter,
      forward: three(part, i * texts + forward),
      swapped: three(part, i * texts + swapped),
    })),
  };
}

/** The order gap: the largest difference of a class between the two orders, 0 to 1. */
export function orderGap({ forward, swapped }: Pick<OrderScores, 'forward' | 'swapped'>) {
  return classDifference(forward, swapped);
}

/**
 * {@link orderGap} where the mean of both orders is known instead of the swapped one, which is as far from
 * the mean on its other side. NaN where either array [rows, 3] lacks the row.
 */
export function orderGapByMean(
  forward: ArrayLike<number>,
  mean: ArrayLike<number>,
  row: number,
): number {
  return 2 * classDifference(forward, mean, row);
}

/**
 * The swapped order's probabilities of a row, from arrays [rows, 3] of the order as given and of the mean of
 * both.
 */
export function swappedByMean(
  forward: ArrayLike<number>,
  mean: ArrayLike<number>,
  row: number,
): Probabilities {
  const other = (c: number) => 2 * mean[3 * row + c]! - forward[3 * row + c]!;
  return [other(0), other(1), other(2)];
}

/**
 * The advantage of the first place, -1 to 1: probability that an answer wins in the first place minus that in
 * the second, mean of both answers.
 */
export function firstAdvantage({ forward, swapped }: Pick<OrderScores, 'forward' | 'swapped'>) {
  return (forward[0] - swapped[0] + swapped[1] - forward[1]) / 2;
}

function three(values: Float32Array, place: number): number[] {
  return Array.from(values.subarray(3 * place, 3 * place + 3));
}
