import type { LabelledTable } from '../../data/labelled/labelled-table.ts';
import type { Names } from '../../data/labelled/names.ts';

/** The rows of a file for a report: without texts, about 50 bytes a row. */
export interface Table extends LabelledTable {
  /** [rows]: see `PairFeatures`. Zeros for unreadable rows. */
  promptLength: Uint32Array<ArrayBuffer>;
  lengthA: Uint32Array<ArrayBuffer>;
  lengthB: Uint32Array<ArrayBuffer>;
  turns: Uint16Array<ArrayBuffer>;
  languages: Uint8Array<ArrayBuffer>;
  bits: Uint16Array<ArrayBuffer>;
  /** Both columns share one list of names. */
  models: { a: Names; b: Names };
}

/** Length of B minus that of A, divided by their sum: -1 (B is empty) to 1 (A is empty); 0 if both are empty. */
export function lengthDifference(
  { lengthA, lengthB }: Pick<Table, 'lengthA' | 'lengthB'>,
  row: number,
): number {
  const a = lengthA[row]!;
  const b = lengthB[row]!;
  return a + b === 0 ? 0 : (b - a) / (a + b);
}
