import { ORIGIN_COLUMNS } from '../data/csv/column-names.ts';
import { type CsvColumn, classColumns } from '../data/csv/columns.ts';
import { csvField } from '../data/csv/field.ts';
import { type LabelledTable, NO_LABEL } from '../data/labelled/labelled-table.ts';
import { type Names, nameOf } from '../data/labelled/names.ts';
import { LABELS } from '../domain/classes.ts';
import { meanRewards } from '../domain/rewards.ts';
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

/**
 * `reward_a`, `reward_b` and `margin` (A minus B): the means over the adapters and, for several, those of each, with
 * names that begin with `adapter_NAME_`. Empty cells for NaN.
 * @param rewards [rows, adapters, 2]
 */
export function rewardColumns(
  rewards: ArrayLike<number>,
  adapters: readonly (string | null)[],
): CsvColumn[] {
  const count = adapters.length;
  const of = (row: number, a: number, answer: number) => rewards[2 * (count * row + a) + answer]!;
  const mean = (row: number, answer: number) => {
    const { a, b } = meanRewards(
      Array.from(adapters, (_, i) => [of(row, i, 0), of(row, i, 1)]).flat(),
    );
    return answer === 0 ? a : b;
  };
  const each = adapters.map((name, a) =>
    columnsOfRewards(`adapter_${name ?? 'none'}_`, (row, answer) => of(row, a, answer)),
  );
  return [...columnsOfRewards('', mean), ...(count > 1 ? each.flat() : [])];
}

function columnsOfRewards(
  prefix: string,
  reward: (row: number, answer: number) => number,
): CsvColumn[] {
  return [
    { name: `${prefix}reward_a`, cell: (row) => numberCell(reward(row, 0)) },
    { name: `${prefix}reward_b`, cell: (row) => numberCell(reward(row, 1)) },
    { name: `${prefix}margin`, cell: (row) => numberCell(reward(row, 0) - reward(row, 1)) },
  ];
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
