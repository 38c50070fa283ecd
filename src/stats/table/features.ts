/** Bits for features of a row's texts. */
export const FEATURE = {
  codeA: 1,
  codeB: 2,
  listA: 4,
  listB: 8,
  refusalA: 16,
  refusalB: 32,
  emptyA: 64,
  emptyB: 128,
  /** Both answers are the same text. */
  identical: 256,
} as const;
