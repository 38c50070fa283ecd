import { columnsCsv } from '../data/csv/columns.ts';
import type { LabelledFile } from '../data/labelled/labelled-file.ts';
import {
  labelColumn,
  lossColumn,
  originColumns,
  probabilityColumns,
  type ResultRows,
  rewardColumns,
  rowColumns,
  tokensColumn,
} from './result-columns.ts';

/**
 * Writes predictions beside the labels as a CSV file, in pieces. `row` is the line or data row of the labelled file,
 * from 1.
 * @param rows with a label and a result.
 * @param results with `rewards` [rows, adapters, 2] if the model gives them.
 */
export function predictionsCsv(
  { table, ids, numbers }: Pick<LabelledFile, 'table' | 'ids' | 'numbers'>,
  rows: readonly number[],
  { rewards = null, ...results }: Omit<ResultRows, 'table'> & { rewards?: Float32Array | null },
  adapters: readonly (string | null)[] = [],
): Generator<string> {
  const data = { table, ...results };
  const columns = [
    ...rowColumns(ids, (row) => numbers[row]!),
    ...originColumns(table),
    labelColumn(table),
    ...probabilityColumns(data.probabilities),
    ...(rewards === null ? [] : rewardColumns(rewards, adapters)),
    lossColumn(data),
    tokensColumn(data),
  ];
  return columnsCsv(columns, rows);
}
