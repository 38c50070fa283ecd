import { type LabelledTable, NO_LABEL } from '../../data/labelled/labelled-table.ts';
import { NO_NAME } from '../../data/labelled/names.ts';
import type { LabelledPredictions } from '../methods/metrics.ts';
import { isScored } from './scored.ts';

/** Rows with both a result and a label, in the order of the file. */
export function judgedRows(data: {
  table: Pick<LabelledTable, 'length' | 'labels'>;
  probabilities: Float64Array<ArrayBuffer>;
}): number[] {
  const rows: number[] = [];
  for (let row = 0; row < data.table.length; row += 1) {
    if (data.table.labels[row] !== NO_LABEL && isScored(data, row)) rows.push(row);
  }
  return rows;
}

/** Copies probabilities and labels of some rows into dense arrays. */
export function pick(
  { labels }: Pick<LabelledTable, 'labels'>,
  probabilities: Float64Array,
  rows: readonly number[],
): LabelledPredictions {
  const picked = new Float64Array(3 * rows.length);
  for (const [i, row] of rows.entries()) {
    picked.set(probabilities.subarray(3 * row, 3 * row + 3), 3 * i);
  }
  return { probabilities: picked, labels: Uint8Array.from(rows, (row) => labels[row]!) };
}

/**
 * Numbers the units of a bootstrap: whole groups, and single rows without a group.
 * @returns the unit of each row, and the number of units, in the order of their first occurrence.
 */
export function unitsOf(
  { group }: Pick<LabelledTable, 'group'>,
  rows: readonly number[],
): { of: Uint32Array<ArrayBuffer>; count: number } {
  const known = new Map<number, number>();
  let count = 0;
  const of = Uint32Array.from(rows, (row) => {
    const name = group.of[row]!;
    const unit = name === NO_NAME ? undefined : known.get(name);
    if (unit !== undefined) return unit;
    if (name !== NO_NAME) known.set(name, count);
    count += 1;
    return count - 1;
  });
  return { of, count };
}
