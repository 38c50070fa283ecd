/** A line end. */
export type Newline = '\n' | '\r\n' | '\r';

/** The layout of a file's records, read from its header. */
export interface CsvLayout {
  /** Position of each column, from 0. The id is at -1 in a file without one: its rows are numbered. */
  columns: { id: number; prompt: number; response_a: number; response_b: number };
  columnCount: number;
  /** How the header line ends. Records may mix `\n` and `\r\n`; only `\r` excludes the others. */
  newline: Newline;
}
