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
  /** SHA-256 of the file's text in UTF-8, in hexadecimal. */
  sha256: string;
  rows: number;
  /** True if the file has the columns that tell which answer won. */
  hasLabels: boolean;
  /** Remarks on the file as a whole: encoding, extra columns, repeated ids. */
  notes: CsvNote[];
  /** Rows that cannot be scored, the first {@link MAX_PROBLEMS} of them. */
  problems: RowProblem[];
  problemRows: number;
  duplicateRows: number;
  plainTextRows: number;
}

/** Number of problems that are kept with their errors; further ones are only counted. */
export const MAX_PROBLEMS = 1000;

/** Rows of the file that have been read: `ids[i]` belongs to row `first + i`. */
export interface RowsEvent {
  type: 'rows';
  first: number;
  ids: string[];
  /** The beginning of each prompt, for display. */
  excerpts: string[];
  /** Bits of {@link ROW_FLAG}. */
  flags: Uint8Array;
}

/** Rows that were scored. */
export interface ResultsEvent {
  type: 'results';
  /** Positions in the file, from 0. */
  rows: Uint32Array;
  /** [rows, 3]. */
  probabilities: Float64Array;
  /** [rows, 3] of the order in the file alone; left out if the swapped order is not scored. */
  forward?: Float64Array;
  /**
   * [rows, adapters, 3]: probabilities of each adapter, both orders averaged. Left out for one adapter, or if only the
   * mean is known.
   */
  adapters?: Float32Array;
  /** [rows, adapters, 2]: rewards of A and of B; left out unless the model gives rewards. */
  rewards?: Float32Array;
  /** Tokens that the model saw, in the order of the file; of two texts with rewards those of the longer one. */
  tokens: Uint32Array;
  /** Bits of {@link ROW_FLAG}. */
  flags: Uint8Array;
}

/** Treatment of rows without a result in written files: left out, or a third for each class. */
export type MissingRows = 'omit' | 'uniform';
