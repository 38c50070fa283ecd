/** Class probabilities of a row: winner_model_a, winner_model_b, winner_tie. */
export type Probabilities = [number, number, number];

/** Softmax of the three logits that begin at `offset`, in float64. */
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
 * The notebook's test-time augmentation: the mean of the row's probabilities and of those of the row with A and B
 * exchanged, whose first two classes are exchanged back. Exchanging the arguments exchanges the result exactly.
 */
export function averageOrders(forward: Probabilities, swapped: Probabilities): Probabilities {
  return [
    (forward[0] + swapped[1]) / 2,
    (forward[1] + swapped[0]) / 2,
    (forward[2] + swapped[2]) / 2,
  ];
}
