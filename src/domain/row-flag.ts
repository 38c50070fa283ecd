/** Bits of a row's flags. Journals store them, so a bit keeps its meaning forever. */
export const ROW_FLAG = {
  /** The row cannot be scored; the run's `problems` give the reason. */
  problem: 1,
  /** Some of its text was cut to fit max_length. */
  truncated: 2,
  /** Its text equals that of an earlier row, whose result it shares. */
  duplicate: 4,
  /** A cell was not a list of turns and was treated as plain text. */
  plainText: 8,
} as const;
