/** Bits that say something about a row of a run. */
export const ROW_FLAG = {
  /** Cannot be scored; the run's `problems` say why. */
  problem: 1,
  /** Some of its text was cut to fit max_length. */
  truncated: 2,
  /** Its text equals that of an earlier row, whose result it shares. */
  duplicate: 4,
  /** A cell was not a list of turns and was treated as plain text. */
  plainText: 8,
} as const;
