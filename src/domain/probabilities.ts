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

/** Mean over adapters of the probabilities of row `row`, computed from logits of shape [adapters, rows, 3]. */
export function meanOfAdapters(logits: Float32Array, row: number, rows: number): Probabilities {
  const adapters = logits.length / (3 * rows);
  const mean: Probabilities = [0, 0, 0];
  for (let a = 0; a < adapters; a += 1) {
    const p = softmax(logits, 3 * (a * rows + row));
    for (let c = 0; c < 3; c += 1) mean[c]! += p[c]! / adapters;
  }
  return mean;
}
