import { predictedClass } from '../../domain/classes.ts';
import { meanRewards } from '../../domain/rewards.ts';
import { orderGapByMean, swappedByMean } from '../pair/order-scores.ts';
import type { Table } from './table.ts';

/** Probabilities of each adapter of a run. */
export interface Adapters {
  /** Null stands for the base model alone. */
  names: readonly (string | null)[];
  /** [rows, adapters, 3], mean of both orders; NaN without a result. */
  probabilities: Float32Array<ArrayBuffer>;
}

/** Probabilities of one adapter, [rows, 3]. @param place its index among the adapters. */
export function ofAdapter(
  { names, probabilities }: Adapters,
  place: number,
): Float64Array<ArrayBuffer> {
  const step = 3 * names.length;
  const values = new Float64Array(probabilities.length / names.length);
  for (let row = 0; row < values.length / 3; row += 1) {
    const at = step * row + 3 * place;
    values.set(probabilities.subarray(at, at + 3), 3 * row);
  }
  return values;
}

/** The rows of a file with the results of a run. */
export interface ScoredTable {
  table: Table;
  /** [rows, 3]; NaN without a result. */
  probabilities: Float64Array<ArrayBuffer>;
  /** [rows, 3] in the order of the file, before any post-processing; null if only that order was scored. */
  forward: Float64Array<ArrayBuffer> | null;
  /** [rows, 3] as the run computed them, before any post-processing. */
  raw: Float64Array<ArrayBuffer>;
  /** Null if the run has one adapter, or only the mean of several is known. */
  adapters: Adapters | null;
  /** [rows, adapters, 2]: rewards of A and of B; NaN without a result. Null unless the model gives rewards. */
  rewards: Float32Array<ArrayBuffer> | null;
  /** [rows]: tokens that the model saw. */
  tokens: Uint32Array<ArrayBuffer>;
  /** [rows]: bits of `ROW_FLAG`. */
  flags: Uint8Array<ArrayBuffer>;
}

/** True if the row has a result. */
export function isScored({ probabilities }: Pick<ScoredTable, 'probabilities'>, row: number) {
  return !Number.isNaN(probabilities[3 * row]!);
}

/** The largest of a row's probabilities. */
export function confidence(probabilities: Float64Array, row: number): number {
  return probabilities[3 * row + predictedClass(probabilities, row)]!;
}

/** The row's order gap, see `orderGap`. NaN without a result, or if only one order was scored. */
export function rowOrderGap({ raw, forward }: Pick<ScoredTable, 'raw' | 'forward'>, row: number) {
  return forward === null ? Number.NaN : orderGapByMean(forward, raw, row);
}

/** Reward of A minus that of B, means over the adapters. NaN without a result, and if the model gives no rewards. */
export function rowMargin({ rewards, flags }: Pick<ScoredTable, 'rewards' | 'flags'>, row: number) {
  if (rewards === null) return Number.NaN;
  const perRow = rewards.length / flags.length;
  return meanRewards(rewards.subarray(perRow * row, perRow * (row + 1))).margin;
}

/** True if the most likely class changes when A and B are swapped; false if only one order was scored. */
export function isFlipped({ raw, forward }: Pick<ScoredTable, 'raw' | 'forward'>, row: number) {
  if (forward === null || Number.isNaN(forward[3 * row]!)) return false;
  const swapped = swappedByMean(forward, raw, row);
  return predictedClass(forward, row) !== predictedClass(swapped);
}
