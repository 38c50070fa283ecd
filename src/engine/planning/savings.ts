/**
 * Optimisations of our own kernels that leave results unchanged. `prefixes`: a beginning that rows of a batch share is
 * computed once. `last-layer`: the last layer computes only what the pooled tokens need.
 */
export const SAVINGS = ['prefixes', 'last-layer'] as const;

export type Saving = (typeof SAVINGS)[number];
