import { classDifference } from '../../domain/classes.ts';
import { averageOrders, meanOfAdapters, type Probabilities } from '../../domain/probabilities.ts';

/** Probabilities and logits of a pair in both orders of the answers. */
export interface OrderScores {
  /** In the order of the file: A first. */
  forward: Probabilities;
  /** In the swapped order: B first. The classes are swapped back, so that the first one is still A. */
  swapped: Probabilities;
  /** Mean of both orders: the result of a run with TTA. */
  mean: Probabilities;
  /** The model's three logits per adapter and order, not swapped back: in the swapped order the first one is B's. */
  logits: { adapter: string | null; forward: number[]; swapped: number[] }[];
}

/**
 * Scores one pair, as the mean of some adapters.
 * @param logits [all.length, texts, 3].
 * @param chosen adapters, a subset of `all`.
 * @param forward index of its text among the texts; `swapped` that of the swapped one.
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

function three(values: Float32Array, place: number): number[] {
  return Array.from(values.subarray(3 * place, 3 * place + 3));
}
