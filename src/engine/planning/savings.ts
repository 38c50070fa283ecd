/**
 * Work that our own kernels spare because the numbers are the same without it: what rows of a batch begin with is
 * computed once, and of the last layer only what the pooled tokens need.
 */
export const SAVINGS = ['prefixes', 'last-layer'] as const;

export type Saving = (typeof SAVINGS)[number];
