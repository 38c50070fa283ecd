import type { LabelledTable } from '../../data/labelled/labelled-table.ts';
import type { BootstrapOptions, Estimate } from '../methods/bootstrap.ts';
import { assessAll, type RowFigures } from './assess.ts';
import { pairedDifference } from './paired.ts';

/** Figures of one adapter of a run, and its difference to the mean of all. */
export interface AdapterFigures {
  /** Null stands for the base model alone. */
  adapter: string | null;
  figures: RowFigures;
  /** Its log loss minus that of the mean, on the same rows: below 0 if the adapter is better. */
  difference: Estimate;
}

/**
 * Figures of each adapter of a run with several.
 * @param rows with a label and a result.
 * @param mean [rows of the table, 3]: the result of the run.
 * @param each as `mean`, for every adapter in the order of `names`.
 */
export function assessAdapters(
  table: LabelledTable,
  rows: readonly number[],
  mean: Float64Array,
  names: readonly (string | null)[],
  each: readonly Float64Array[],
  options: BootstrapOptions,
): AdapterFigures[] {
  return each.map((probabilities, a) => ({
    adapter: names[a]!,
    figures: assessAll({ table, probabilities }, rows, options).all,
    difference: pairedDifference(table, probabilities, mean, rows, options),
  }));
}
