/** A line end. */
export type Newline = '\n' | '\r\n' | '\r';

/** The layout of a file's records, read from its header. */
export interface CsvLayout {
  /** Index of each column, from 0. The id has -1 in a file without one, whose rows are numbered instead. */
  columns: { id: number; prompt: number; response_a: number; response_b: number };
  columnCount: number;
  /** The line end of the header. Records may mix `\n` and `\r\n`; only `\r` excludes the others. */
  newline: Newline;
}
