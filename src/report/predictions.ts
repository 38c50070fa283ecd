import { columnsCsv } from '../data/csv/columns.ts';
import type { LabelledFile } from '../data/labelled/labelled-file.ts';
import {
  labelColumn,
  lossColumn,
  originColumns,
  probabilityColumns,
  type ResultRows,
  rowColumns,
  tokensColumn,
} from './result-columns.ts';

/**
 * Writes predictions beside the labels as a CSV file, in pieces. `row` is the line or data row of the labelled file,
 * from 1.
 * @param rows with a label and a result.
 */
export function predictionsCsv(
  { table, ids, numbers }: Pick<LabelledFile, 'table' | 'ids' | 'numbers'>,
  rows: readonly number[],
  results: Omit<ResultRows, 'table'>,
): Generator<string> {
  const data = { table, ...results };
  const columns = [
    ...rowColumns(ids, (row) => numbers[row]!),
    ...originColumns(table),
    labelColumn(table),
    ...probabilityColumns(data.probabilities),
    lossColumn(data),
    tokensColumn(data),
  ];
  return columnsCsv(columns, rows);
}
