import type { TiebreakError } from '../../core/errors.ts';
import type { View } from '../../report/api.ts';
import type { Comparison } from '../../report/compare.ts';
import type { Distribution } from '../../report/distribution.ts';
import type { Effect } from '../../report/effects.ts';
import type { Leaderboard } from '../../report/leaderboard.ts';
import type { OtherRun } from '../../report/other-run.ts';
import { NO_POST, type PostProcessing } from '../../report/post.ts';
import type { Quality } from '../../report/quality.ts';
import { ALL_ROWS, type Query } from '../../report/query.ts';
import type { Table, TableFacts } from '../../report/table.ts';

/** A run that this one is compared or averaged with. */
export type ComparedRun = OtherRun & { name: string };

/** Figures of the report; null until they are computed, and where there is nothing to compute them from. */
export interface Figures {
  distribution: Distribution | null;
  quality: Quality | null;
  /** Are the intervals of `quality` still being computed? */
  roughly: boolean;
  leaderboard: Leaderboard | null;
  effects: Effect[];
  comparison: Comparison | null;
  /** Is everything computed? */
  done: boolean;
}

/** Everything that the report shows. Never changed in place. */
export interface ReportState {
  /**
   * `none`: no results; `running`: the run is not at its end; `reading`: the file is read once more; `failed`: see `error`.
   */
  phase: 'none' | 'running' | 'reading' | 'ready' | 'failed';
  /** Of reading the file, 0 to 1. */
  fraction: number;
  error: TiebreakError | null;
  table: Table | null;
  facts: TableFacts | null;
  /** [rows, 3], after post-processing. */
  probabilities: Float64Array | null;
  figures: Figures;
  query: Query;
  /** Null until the first rows are found. */
  view: View | null;
  finding: boolean;
  post: PostProcessing;
  other: ComparedRun | null;
  readingOther: boolean;
  otherError: TiebreakError | null;
  /** Runs that are averaged with, in the order of `post.average`. */
  members: readonly ComparedRun[];
  readingMember: boolean;
  memberError: TiebreakError | null;
  exporting: boolean;
  exportError: TiebreakError | null;
}

export const NO_FIGURES: Figures = {
  distribution: null,
  quality: null,
  roughly: false,
  leaderboard: null,
  effects: [],
  comparison: null,
  done: false,
};

/** Before there is anything to report. */
export const NO_REPORT: ReportState = {
  phase: 'none',
  fraction: 0,
  error: null,
  table: null,
  facts: null,
  probabilities: null,
  figures: NO_FIGURES,
  query: ALL_ROWS,
  view: null,
  finding: false,
  post: NO_POST,
  other: null,
  readingOther: false,
  otherError: null,
  members: [],
  readingMember: false,
  memberError: null,
  exporting: false,
  exportError: null,
};
