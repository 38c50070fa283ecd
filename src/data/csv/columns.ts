import { CLASS_COLUMNS } from '../../domain/classes.ts';
import { csvField, formatProbability } from './field.ts';

const PIECE_CHARACTERS = 256 * 1024;

/** A column of a CSV file to write. A `Row`, from which its cells are made, is a row's index or the row itself. */
export interface CsvColumn<Row = number> {
  name: string;
  /**
   * Returns the cell as written to the file; a text must be quoted already. @param line data line of the file, from 1.
   */
  cell(row: Row, line: number): string | number;
}

/** Writes rows as the lines of a CSV file, in pieces of about 256 Ki characters to concatenate. Lines end in LF. */
export function* columnsCsv<Row>(
  columns: readonly CsvColumn<Row>[],
  rows: Iterable<Row>,
): Generator<string> {
  let piece = `${columns.map(({ name }) => csvField(name)).join(',')}\n`;
  let line = 0;
  for (const row of rows) {
    line += 1;
    piece += `${columns.map(({ cell }) => cell(row, line)).join(',')}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/**
 * Makes the three columns of probabilities, named as in a submission.
 * @param cellValue probability of a class in a row; null for an empty cell.
 * @param numberOf the row's number in its file, from 1, for the error `csv/bad-probability`.
 */
export function classColumns<Row>(
  cellValue: (row: Row, place: number) => number | null,
  numberOf: (row: Row, line: number) => number,
  prefix = '',
): CsvColumn<Row>[] {
  return CLASS_COLUMNS.map((name, place) => ({
    name: `${prefix}${name}`,
    cell: (row, line) => {
      const p = cellValue(row, place);
      return p === null ? '' : formatProbability(p, { row: numberOf(row, line) });
    },
  }));
}
