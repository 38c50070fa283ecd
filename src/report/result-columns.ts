import { ORIGIN_COLUMNS } from '../data/csv/column-names.ts';
import { type CsvColumn, classColumns } from '../data/csv/columns.ts';
import { csvField } from '../data/csv/field.ts';
import { type LabelledTable, NO_LABEL } from '../data/labelled/labelled-table.ts';
import { type Names, nameOf } from '../data/labelled/names.ts';
import { LABELS } from '../domain/classes.ts';
import { rowLoss } from '../stats/methods/metrics.ts';
import { isScored } from '../stats/table/scored.ts';

const DIGITS = 9;

/** Rows with their predictions, the source of the columns in a file of results. */
export interface ResultRows {
  table: LabelledTable;
  /** [rows, 3]; NaN without a result. */
  probabilities: Float64Array<ArrayBuffer>;
  /** [rows]: tokens that the model saw. */
  tokens: Uint32Array<ArrayBuffer>;
}

/** A number with {@link DIGITS} significant digits; empty for NaN. */
export function numberCell(value: number): number | string {
  return Number.isNaN(value) ? '' : Number(value.toPrecision(DIGITS));
}

/** `row`, `id`. @param numberOf the row's number in its file, from 1. */
export function rowColumns(ids: readonly string[], numberOf: (row: number) => number): CsvColumn[] {
  return [
    { name: 'row', cell: numberOf },
    { name: 'id', cell: (row) => csvField(ids[row]!) },
  ];
}

/**
 * The class columns, with names prefixed by `prefix`; empty cells for NaN.
 * @param values [places, 3] @param placeOf the index of a row among them.
 */
export function probabilityColumns(
  values: ArrayLike<number>,
  prefix = '',
  placeOf = (row: number) => row,
): CsvColumn[] {
  const cellValue = (row: number, c: number) => {
    const p = values[3 * placeOf(row) + c]!;
    return Number.isNaN(p) ? null : p;
  };
  return classColumns(cellValue, (row) => row + 1, prefix);
}

/** `label`; empty without one. */
export function labelColumn({ labels }: LabelledTable): CsvColumn {
  return { name: 'label', cell: (row) => LABELS[labels[row]!] ?? '' };
}

/** `log_loss`; empty without a label or a result. */
export function lossColumn({ table, probabilities }: ResultRows): CsvColumn {
  const lossOf = (row: number) => {
    const label = table.labels[row]!;
    return label === NO_LABEL || !isScored({ probabilities }, row)
      ? Number.NaN
      : rowLoss(probabilities, row, label);
  };
  return { name: 'log_loss', cell: (row) => numberCell(lossOf(row)) };
}

/** A column of names; empty for a row without one. */
export function nameColumn(name: string, of: Names): CsvColumn {
  return { name, cell: (row) => csvField(nameOf(of, row) ?? '') };
}

/** `source`, `judge`, `group`. */
export function originColumns(table: LabelledTable): CsvColumn[] {
  return ORIGIN_COLUMNS.map((name) => nameColumn(name, table[name]));
}

/** `tokens`; empty without a result. */
export function tokensColumn({ probabilities, tokens }: ResultRows): CsvColumn {
  return {
    name: 'tokens',
    cell: (row) => (isScored({ probabilities }, row) ? tokens[row]! : ''),
  };
}
