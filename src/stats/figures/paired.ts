import type { LabelledTable } from '../../data/labelled/labelled-table.ts';
import {
  type BootstrapOptions,
  type Estimate,
  estimate,
  resampleFlat,
} from '../methods/bootstrap.ts';
import { rowLoss } from '../methods/metrics.ts';
import { unitsOf } from '../table/units.ts';

/**
 * Mean difference in log loss of the same rows, `one` minus `other`: below 0 where `one` is better.
 * @param one [rows of the file, 3] @param other as `one` @param rows rows with a label and results in both.
 */
export function pairedDifference(
  table: Pick<LabelledTable, 'labels' | 'group'>,
  one: Float64Array,
  other: Float64Array,
  rows: readonly number[],
  options: BootstrapOptions,
): Estimate {
  const { of, count } = unitsOf(table, rows);
  const units = new Float64Array(2 * count);
  const sums = new Float64Array(2);
  for (const [i, row] of rows.entries()) {
    const label = table.labels[row]!;
    const difference = rowLoss(one, row, label) - rowLoss(other, row, label);
    units[2 * of[i]!]! += 1;
    units[2 * of[i]! + 1]! += difference;
    sums[0]! += 1;
    sums[1]! += difference;
  }
  return estimate(sums, resampleFlat(units, 2, options), ([n, total]) => total! / n!);
}
