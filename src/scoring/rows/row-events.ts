import type { CsvNote } from '../../data/csv/notes.ts';
import type { PlainError } from '../../domain/errors.ts';

/** A row that cannot be scored. */
export interface RowProblem {
  /** Position in the file, from 0. */
  index: number;
  id: string;
  error: PlainError;
}

/** Facts about a file that are known before anything is scored. */
export interface CsvSummary {
  name: string;
  bytes: number;
  /** Of the file's text in UTF-8, in hexadecimal. */
  sha256: string;
  rows: number;
  /** True where the file has the columns that say which answer won. */
  hasLabels: boolean;
  /** About the file as a whole: encoding, extra columns, duplicate ids. */
  notes: CsvNote[];
  /** Rows that cannot be scored, the first {@link MAX_PROBLEMS} of them. */
  problems: RowProblem[];
  problemRows: number;
  duplicateRows: number;
  plainTextRows: number;
}

/** Problems that are kept with their messages; beyond, only their number is. */
export const MAX_PROBLEMS = 1000;

/** Rows of the file as they are read: `ids[i]` belongs to row `first + i`. */
export interface RowsEvent {
  type: 'rows';
  first: number;
  ids: string[];
  /** The beginning of each prompt, for showing. */
  excerpts: string[];
  /** Bits of {@link ROW_FLAG}. */
  flags: Uint8Array;
}

/** Rows that were scored. */
export interface ResultsEvent {
  type: 'results';
  /** Positions in the file, from 0. */
  rows: Uint32Array;
  /** Three per row, in the order of the submission's columns. */
  probabilities: Float64Array;
  /** Those of the order in the file, before both orders are averaged; left out where only that order is scored. */
  forward?: Float64Array;
  /**
   * [rows, adapters, 3]: of each adapter, both orders averaged; left out where there is one, or only the mean is known.
   */
  adapters?: Float32Array;
  /** Tokens that the model saw (of the first order, with TTA). */
  tokens: Uint32Array;
  /** Bits of {@link ROW_FLAG}. */
  flags: Uint8Array;
}

/** Rows without a result are left out of written results, or get a third for each class. */
export type MissingRows = 'omit' | 'uniform';
