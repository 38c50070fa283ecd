import type { LabelledRow } from '../data/labelled/labelled-row.ts';
import { assessAll, type Figures } from './assess.ts';
import type { BootstrapOptions, Estimate } from './bootstrap.ts';
import { pairedDifference } from './paired.ts';
import { type Names, NO_NAME } from './table.ts';

/** How good one adapter of a run is, beside the mean of all. */
export interface AdapterFigures {
  /** Null is the base model alone. */
  adapter: string | null;
  figures: Figures;
  /** Its log loss minus that of the mean, of the same rows: below 0 where it is better. */
  difference: Estimate;
}

/**
 * Figures of each adapter of a run of several.
 * @param mean [rows, 3]: what the run gives. @param each [rows, 3] of every adapter, in the order of `names`.
 */
export function assessAdapters(
  rows: readonly LabelledRow[],
  mean: Float64Array,
  names: readonly (string | null)[],
  each: readonly Float64Array[],
  options: BootstrapOptions,
): AdapterFigures[] {
  const table = { labels: Uint8Array.from(rows, ({ label }) => label), group: groupsOf(rows) };
  const all = [...rows.keys()];
  return each.map((probabilities, a) => ({
    adapter: names[a]!,
    figures: assessAll(rows, probabilities, options).all,
    difference: pairedDifference(table, probabilities, mean, all, options),
  }));
}

function groupsOf(rows: readonly LabelledRow[]): Names {
  const places = new Map<string, number>();
  for (const { group } of rows) {
    if (group !== null && !places.has(group)) places.set(group, places.size);
  }
  const of = Uint32Array.from(rows, ({ group }) => (group === null ? NO_NAME : places.get(group)!));
  return { names: [...places.keys()], of };
}
