/**
 * The competition's columns of the three classes: A wins, B wins, tie. Every array of probabilities, logits or votes
 * has them in this order.
 */
export const CLASS_COLUMNS = ['winner_model_a', 'winner_model_b', 'winner_tie'] as const;

/** Short names of the classes, in the order of {@link CLASS_COLUMNS}. */
export const LABELS = ['a', 'b', 'tie'] as const;
export type Label = (typeof LABELS)[number];

/** Place of a class in {@link CLASS_COLUMNS}. */
export type ClassPlace = 0 | 1 | 2;

/** The most likely class of row `row` of an array [rows, 3]; among equals the first, as NumPy's `argmax` chooses. */
export function predictedClass(probabilities: ArrayLike<number>, row = 0): ClassPlace {
  const at = 3 * row;
  const best = probabilities[at + 1]! > probabilities[at]! ? 1 : 0;
  return probabilities[at + 2]! > probabilities[at + best]! ? 2 : best;
}

/** The most likely class of three probabilities; null where several are equally likely. */
export function mostLikely(probabilities: ArrayLike<number>): ClassPlace | null {
  const place = predictedClass(probabilities);
  const isShared = [0, 1, 2].some((c) => c !== place && probabilities[c] === probabilities[place]);
  return isShared ? null : place;
}

/** The largest absolute difference of any class in row `row` of two arrays [rows, 3]; NaN if either lacks the row. */
export function classDifference(one: ArrayLike<number>, other: ArrayLike<number>, row = 0): number {
  let largest = 0;
  for (let at = 3 * row; at < 3 * row + 3; at += 1) {
    largest = Math.max(largest, Math.abs(one[at]! - other[at]!));
  }
  return largest;
}
