/** A line end. */
export type Newline = '\n' | '\r\n' | '\r';

/** What the header of a file says about the records below it. */
export interface CsvLayout {
  /** Position of each column, from 0. The id is at -1 in a file without one: its rows are numbered. */
  columns: { id: number; prompt: number; response_a: number; response_b: number };
  columnCount: number;
  /** How the header line ends. Records may mix `\n` and `\r\n`; only `\r` excludes the others. */
  newline: Newline;
}
