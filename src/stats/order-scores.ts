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
  return Math.max(...forward.map((p, c) => Math.abs(p - exchanged[c]!)));
}

/**
 * What standing first is worth, -1 to 1: how much more probable a win of an answer is where it stands first than where it
 * stands second, as the mean of both answers.
 */
export function firstAdvantage({ forward, exchanged }: Pick<OrderScores, 'forward' | 'exchanged'>) {
  return (forward[0] - exchanged[0] + exchanged[1] - forward[1]) / 2;
}

/** Place of the most probable class; null where several are equally probable. */
export function mostLikely(probabilities: Probabilities): 0 | 1 | 2 | null {
  const largest = Math.max(...probabilities);
  const place = probabilities.indexOf(largest);
  return place === probabilities.lastIndexOf(largest) ? (place as 0 | 1 | 2) : null;
}

function three(values: Float32Array, place: number): number[] {
  return Array.from(values.subarray(3 * place, 3 * place + 3));
}
