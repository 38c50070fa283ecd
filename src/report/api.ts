import type { TextMode } from '../domain/settings.ts';
import type { Comparison } from '../stats/figures/compare.ts';
import type { Distribution } from '../stats/figures/distribution.ts';
import type { Effect } from '../stats/figures/effects.ts';
import type { Leaderboard } from '../stats/figures/leaderboard.ts';
import type { PostProcessing } from '../stats/figures/post.ts';
import type { Quality } from '../stats/figures/quality.ts';
import type { BootstrapOptions } from '../stats/methods/bootstrap.ts';
import type { TableFacts } from '../stats/table/read-table.ts';
import type { ScoredTable } from '../stats/table/scored.ts';
import type { Table } from '../stats/table/table.ts';
import type { OtherRun } from './other-run.ts';
import type { Compared, Query } from './query.ts';

/** The results of a run for the rows of a file. */
export type RunResults = Pick<ScoredTable, 'raw' | 'forward' | 'adapters' | 'tokens' | 'flags'>;

/** The user's choices of what is done with the results. */
export interface Choices {
  post: PostProcessing;
  /** Runs that are averaged with, each [rows, 3], in the order of {@link PostProcessing.average}. */
  members: readonly Float64Array<ArrayBuffer>[];
  compared: Compared | null;
}

/** Another run of the file: one that the browser keeps, or results in a CSV file. */
export type RunSource = { run: string } | { file: File };

/** The rows of a query that were found so far. */
export interface View {
  /** In the order that was asked for. */
  rows: Uint32Array<ArrayBuffer>;
  /** Rows that were searched for the text, and all that are to be; equal at the end. */
  done: number;
  total: number;
}

/** The worker that reads the file once more, and finds, sorts and writes its rows. */
export interface TableWorkerApi {
  /** Reads a file in place of an earlier one. `onBytes` gets the number of bytes read so far. */
  open(
    file: File,
    textMode: TextMode,
    onBytes: (bytes: number) => void,
  ): Promise<{ table: Table; facts: TableFacts }>;
  /** The results of the file; they count from the next {@link TableWorkerApi.choose} on. */
  setResults(results: RunResults): Promise<void>;
  /** Sets the choices for queries and exports. Gives the probabilities [rows, 3] after post-processing. */
  choose(choices: Choices): Promise<Float64Array<ArrayBuffer>>;
  /**
   * Finds rows, with a view of those found so far; the latest call wins, earlier ones fail with
   * `run/cancelled`.
   */
  find(query: Query, onView: (view: View) => void): Promise<View>;
  /** Stops finding. */
  stop(): Promise<void>;
  /** Rows as CSV, in the given order; with the sha256 of the file in hexadecimal. */
  exportRows(rows: Uint32Array<ArrayBuffer>): Promise<{ csv: Blob; sha256: string }>;
  /** The results of a kept run of this file, or those of a CSV file. */
  readOther(other: RunSource): Promise<OtherRun>;
}

/** The worker that computes figures. Every call uses the latest choices. */
export interface FiguresWorkerApi {
  /** The rows and their results; they count from the next {@link FiguresWorkerApi.choose} on. */
  setData(table: Table, results: RunResults): Promise<void>;
  choose(choices: Choices): Promise<void>;
  distribution(): Promise<Distribution>;
  /** Null without labels. */
  quality(options: BootstrapOptions): Promise<Quality | null>;
  effects(options: BootstrapOptions): Promise<Effect[]>;
  /**
   * Each adapter compared with the mean of all, whatever the choices; null where single adapters are not
   * known.
   */
  adapters(options: BootstrapOptions): Promise<Comparison[] | null>;
  /** Null without models. */
  leaderboard(options: BootstrapOptions): Promise<Leaderboard | null>;
  /** Null where nothing is compared. */
  comparison(options: BootstrapOptions): Promise<Comparison | null>;
}
