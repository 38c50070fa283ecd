import { classDifference } from '../domain/classes.ts';
import { averageOrders, meanOfAdapters, type Probabilities } from '../domain/probabilities.ts';

/** What a model says about a pair, in both orders of the answers. */
export interface OrderScores {
  /** A first, then B. */
  forward: Probabilities;
  /** B first, then A; the classes are exchanged back, so that the first one is A's all the same. */
  exchanged: Probabilities;
  /** Of both orders: what a run gives with TTA. */
  mean: Probabilities;
  /** Three per adapter and order, as the model gave them: of the exchanged text the first is for what stands first, B. */
  logits: { adapter: string | null; forward: number[]; exchanged: number[] }[];
}

/**
 * Scores of one pair for the mean of some adapters.
 * @param logits [all.length, texts, 3].
 * @param chosen of `all`.
 * @param forward place of its text among the texts; that of the exchanged one is `exchanged`.
 */
export function orderScores(
  logits: Float32Array,
  all: readonly (string | null)[],
  chosen: readonly (string | null)[],
  forward: number,
  exchanged: number,
): OrderScores {
  const texts = logits.length / (3 * all.length);
  const names = all.filter((name) => chosen.includes(name));
  const part = new Float32Array(names.length * texts * 3);
  for (const [i, name] of names.entries()) {
    const at = all.indexOf(name) * texts * 3;
    part.set(logits.subarray(at, at + texts * 3), i * texts * 3);
  }
  const given = meanOfAdapters(part, forward, texts);
  const other = meanOfAdapters(part, exchanged, texts);
  return {
    forward: given,
    exchanged: [other[1], other[0], other[2]],
    mean: averageOrders(given, other),
    logits: names.map((adapter, i) => ({
      adapter,
      forward: three(part, i * texts + forward),
      exchanged: three(part, i * texts + exchanged),
    })),
  };
}

/** The order gap: the largest difference of a class between the two orders, 0 to 1. */
export function orderGap({ forward, exchanged }: Pick<OrderScores, 'forward' | 'exchanged'>) {
  return classDifference(forward, exchanged);
}

/**
 * {@link orderGap} where the mean of both orders is known instead of the exchanged one, which is as far from the mean on its
 * other side. NaN where either array [rows, 3] lacks the row.
 */
export function orderGapByMean(
  forward: ArrayLike<number>,
  mean: ArrayLike<number>,
  row: number,
): number {
  return 2 * classDifference(forward, mean, row);
}

/** The exchanged order's probabilities of a row, from arrays [rows, 3] of the order as given and of the mean of both. */
export function exchangedByMean(
  forward: ArrayLike<number>,
  mean: ArrayLike<number>,
  row: number,
): Probabilities {
  const other = (c: number) => 2 * mean[3 * row + c]! - forward[3 * row + c]!;
  return [other(0), other(1), other(2)];
}

/**
 * What standing first is worth, -1 to 1: how much more probable a win of an answer is where it stands first than where it
 * stands second, as the mean of both answers.
 */
export function firstAdvantage({ forward, exchanged }: Pick<OrderScores, 'forward' | 'exchanged'>) {
  return (forward[0] - exchanged[0] + exchanged[1] - forward[1]) / 2;
}

function three(values: Float32Array, place: number): number[] {
  return Array.from(values.subarray(3 * place, 3 * place + 3));
}
