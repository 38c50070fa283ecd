import { labelsOf, type Reading } from './reading.ts';

/** Class probabilities of a row, which sum to 1: winner_model_a, winner_model_b, winner_tie. */
export type Probabilities = [number, number, number];

/**
 * Softmax of the three logits that begin at `offset`, in float64. The maximum is subtracted first, against overflow.
 */
export function softmax(logits: ArrayLike<number>, offset = 0): Probabilities {
  const a = logits[offset]!;
  const b = logits[offset + 1]!;
  const tie = logits[offset + 2]!;
  const max = Math.max(a, b, tie);
  const ea = Math.exp(a - max);
  const eb = Math.exp(b - max);
  const et = Math.exp(tie - max);
  const sum = ea + eb + et;
  return [ea / sum, eb / sum, et / sum];
}

/** Softmax of the two logits of a model without ties that begin at `offset`, likewise. A tie has probability 0. */
function softmaxOfTwo(logits: ArrayLike<number>, offset: number): Probabilities {
  const a = logits[offset]!;
  const b = logits[offset + 1]!;
  const max = Math.max(a, b);
  const ea = Math.exp(a - max);
  const eb = Math.exp(b - max);
  return [ea / (ea + eb), eb / (ea + eb), 0];
}

/** Probabilities from the logits of a text that begin at `offset`. @param reading of a pair, with or without ties. */
export function pairProbabilities(
  logits: ArrayLike<number>,
  offset: number,
  reading: Reading,
): Probabilities {
  return reading === 'pair' ? softmax(logits, offset) : softmaxOfTwo(logits, offset);
}

/**
 * Davidson's formula with temperature 1 and no tie: P(A) = 1 / (1 + e^(rewardB - rewardA)). Margins too large for
 * float64 give 0 and 1. Swapping the rewards swaps the classes, bit by bit.
 */
export function davidson(rewardA: number, rewardB: number): Probabilities {
  return [1 / (1 + Math.exp(rewardB - rewardA)), 1 / (1 + Math.exp(rewardA - rewardB)), 0];
}

/** Mean over adapters of {@link davidson}. @param rewards [adapters, 2]: of A and of B. */
export function meanOfRewards(rewards: ArrayLike<number>): Probabilities {
  const adapters = rewards.length / 2;
  const mean: Probabilities = [0, 0, 0];
  for (let a = 0; a < adapters; a += 1) {
    const p = davidson(rewards[2 * a]!, rewards[2 * a + 1]!);
    for (let c = 0; c < 3; c += 1) mean[c]! += p[c]! / adapters;
  }
  return mean;
}

/**
 * The notebook's test-time augmentation: the mean of the probabilities in the order of the file and in the swapped
 * order, whose first two classes are swapped back. Swapping the arguments swaps the classes of the result, bit by bit.
 */
export function averageOrders(forward: Probabilities, swapped: Probabilities): Probabilities {
  return [
    (forward[0] + swapped[1]) / 2,
    (forward[1] + swapped[0]) / 2,
    (forward[2] + swapped[2]) / 2,
  ];
}

/**
 * Mean over adapters of the probabilities of row `row`, computed from logits of shape [adapters, rows, labels].
 * @param reading of a pair, with or without ties.
 */
export function meanOfAdapters(
  logits: Float32Array,
  row: number,
  rows: number,
  reading: Reading = 'pair',
): Probabilities {
  const labels = labelsOf(reading);
  const adapters = logits.length / (labels * rows);
  const mean: Probabilities = [0, 0, 0];
  for (let a = 0; a < adapters; a += 1) {
    const p = pairProbabilities(logits, labels * (a * rows + row), reading);
    for (let c = 0; c < 3; c += 1) mean[c]! += p[c]! / adapters;
  }
  return mean;
}
