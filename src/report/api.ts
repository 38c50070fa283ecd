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
export type RunResults = Pick<
  ScoredTable,
  'raw' | 'forward' | 'adapters' | 'rewards' | 'tokens' | 'flags'
>;

/** The user's choices of post-processing and comparison. */
export interface Choices {
  post: PostProcessing;
  /** Runs to average with, each [rows, 3], in the order of {@link PostProcessing.average}. */
  members: readonly Float64Array<ArrayBuffer>[];
  compared: Compared | null;
}

/** Another run of the file: one saved in the browser, or results in a CSV file. */
export type RunSource = { run: string } | { file: File };

/** The rows of a query that have been found so far. */
export interface View {
  /** In the order of the query. */
  rows: Uint32Array<ArrayBuffer>;
  /** Rows searched for the text so far, and all rows to search; equal at the end. */
  done: number;
  total: number;
}

/** The worker that reads the file again, and finds, sorts and writes its rows. */
export interface TableWorkerApi {
  /** Reads a file, replacing the earlier one. `onBytes` receives the number of bytes read so far. */
  open(
    file: File,
    textMode: TextMode,
    onBytes: (bytes: number) => void,
  ): Promise<{ table: Table; facts: TableFacts }>;
  /** Sets the results of the file. They take effect at the next {@link TableWorkerApi.choose}. */
  setResults(results: RunResults): Promise<void>;
  /** Sets the choices for queries and exports. Returns the probabilities [rows, 3] after post-processing. */
  choose(choices: Choices): Promise<Float64Array<ArrayBuffer>>;
  /**
   * Finds rows, reporting a view of those found so far. The latest call wins; earlier ones reject with `run/cancelled`.
   */
  find(query: Query, onView: (view: View) => void): Promise<View>;
  /** Stops the search. */
  stop(): Promise<void>;
  /** Writes rows as CSV, in the given order; with the SHA-256 of the file in hexadecimal. */
  exportRows(rows: Uint32Array<ArrayBuffer>): Promise<{ csv: Blob; sha256: string }>;
  /** Reads the results of a saved run of this file, or those of a CSV file. */
  readOther(other: RunSource): Promise<OtherRun>;
}

/** The worker that computes figures. Every call uses the latest choices. */
export interface FiguresWorkerApi {
  /** Sets the rows and their results. They take effect at the next {@link FiguresWorkerApi.choose}. */
  setData(table: Table, results: RunResults): Promise<void>;
  choose(choices: Choices): Promise<void>;
  distribution(): Promise<Distribution>;
  /** Null without labels. */
  quality(options: BootstrapOptions): Promise<Quality | null>;
  effects(options: BootstrapOptions): Promise<Effect[]>;
  /** Compares each adapter with the mean of all, whatever the choices; null if single adapters are unknown. */
  adapters(options: BootstrapOptions): Promise<Comparison[] | null>;
  /** Null without models. */
  leaderboard(options: BootstrapOptions): Promise<Leaderboard | null>;
  /** Null without a comparison. */
  comparison(options: BootstrapOptions): Promise<Comparison | null>;
}
