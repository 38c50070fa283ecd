import type { CsvColumn } from '../data/csv/columns.ts';
import { classColumns, columnsCsv } from '../data/csv/columns.ts';
import { csvField } from '../data/csv/field.ts';
import type { LabelledRow } from '../data/labelled/labelled-row.ts';
import { LABELS } from '../domain/classes.ts';
import { rowLoss } from '../stats/metrics.ts';

/**
 * Predictions beside the labels, as lines of a CSV. `row` is the line or data row of the labelled file, from 1.
 * @param probabilities [rows, 3] @param tokens [rows]
 */
export function predictionsCsv(
  rows: readonly LabelledRow[],
  probabilities: Float64Array,
  tokens: readonly number[],
): Generator<string> {
  const text = (name: 'id' | 'source' | 'judge' | 'group'): CsvColumn => ({
    name,
    cell: (i) => csvField(rows[i]![name] ?? ''),
  });
  const columns: CsvColumn[] = [
    { name: 'row', cell: (i) => rows[i]!.row },
    ...(['id', 'source', 'judge', 'group'] as const).map(text),
    { name: 'label', cell: (i) => LABELS[rows[i]!.label]! },
    ...classColumns<number>(
      (i, c) => probabilities[3 * i + c]!,
      (i) => rows[i]!.row,
    ),
    {
      name: 'log_loss',
      cell: (i) => Number(rowLoss(probabilities, i, rows[i]!.label).toPrecision(9)),
    },
    { name: 'tokens', cell: (i) => tokens[i]! },
  ];
  return columnsCsv(columns, rows.keys());
}
