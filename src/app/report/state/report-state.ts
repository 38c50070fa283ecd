import type { TiebreakError } from '../../../domain/errors.ts';
import type { View } from '../../../report/api.ts';
import type { OtherRun } from '../../../report/other-run.ts';
import { ALL_ROWS, type Query } from '../../../report/query.ts';
import type { Comparison } from '../../../stats/figures/compare.ts';
import type { Distribution } from '../../../stats/figures/distribution.ts';
import type { Effect } from '../../../stats/figures/effects.ts';
import type { Leaderboard } from '../../../stats/figures/leaderboard.ts';
import { NO_POST, type PostProcessing } from '../../../stats/figures/post.ts';
import type { Quality } from '../../../stats/figures/quality.ts';
import type { TableFacts } from '../../../stats/table/read-table.ts';
import type { Table } from '../../../stats/table/table.ts';

/** The same as in `npm run evaluate`, so that the figures agree. */
export const BOOTSTRAP = { draws: 1000, seed: 0 } as const;

/** A run to compare or average with. */
type ComparedRun = OtherRun & { name: string };

/** The other side of a comparison: another run, or an adapter of this one by its index. */
export type OtherSide = ComparedRun | { name: string; adapter: number };

/** The progress of reading another run. */
export interface Reading {
  busy: boolean;
  error: TiebreakError | null;
}

/** The figures of the report; null until computed, and if there is nothing to compute them from. */
export interface Figures {
  distribution: Distribution | null;
  quality: Quality | null;
  /** True while the intervals of `quality` are being computed. */
  roughly: boolean;
  leaderboard: Leaderboard | null;
  effects: Effect[];
  comparison: Comparison | null;
  /** Each adapter of the run compared with the mean of all. */
  adapters: readonly Comparison[] | null;
  /** True once everything is computed. */
  done: boolean;
}

/** The state of the report. Never changed in place. */
export interface ReportState {
  /**
   * `none`: no results; `running`: the run is in progress; `reading`: the file is being read again; `failed`: see
   * `error`.
   */
  phase: 'none' | 'running' | 'reading' | 'ready' | 'failed';
  /** Fraction of the file that is read, 0 to 1. */
  fraction: number;
  error: TiebreakError | null;
  table: Table | null;
  facts: TableFacts | null;
  /** [rows, 3], after post-processing. */
  probabilities: Float64Array<ArrayBuffer> | null;
  figures: Figures;
  query: Query;
  /** Null until the first rows are found. */
  view: View | null;
  finding: boolean;
  post: PostProcessing;
  /** The side to compare with `other`: an adapter by its index, or null for this run. */
  one: number | null;
  other: OtherSide | null;
  /** Runs to average with, in the order of `post.average`. */
  members: readonly ComparedRun[];
  reading: { compare: Reading; average: Reading };
  exporting: boolean;
  exportError: TiebreakError | null;
}

const NO_FIGURES: Figures = {
  distribution: null,
  quality: null,
  roughly: false,
  leaderboard: null,
  effects: [],
  comparison: null,
  adapters: null,
  done: false,
};

const NOT_READING: Reading = { busy: false, error: null };

/** Removes the comparison, with sorting and filters by it. */
export function withoutComparison({ query, reading }: ReportState): Partial<ReportState> {
  const filters = query.filters.filter(
    (filter) => !(filter.kind === 'range' && filter.field === 'change'),
  );
  const sort = query.sort.field === 'change' ? ALL_ROWS.sort : query.sort;
  return {
    one: null,
    other: null,
    reading: { ...reading, compare: NOT_READING },
    query: { ...query, filters, sort },
  };
}

/** Removes facts and choices about the adapters of a run. */
export function withoutAdapters(state: ReportState): Partial<ReportState> {
  const { one, other, post, figures } = state;
  const isCompared = one !== null || (other !== null && 'adapter' in other);
  return {
    post: { ...post, adapters: null },
    figures: { ...figures, adapters: null },
    ...(isCompared ? withoutComparison(state) : {}),
  };
}

/** The state without results. */
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
  one: null,
  other: null,
  members: [],
  reading: { compare: NOT_READING, average: NOT_READING },
  exporting: false,
  exportError: null,
};
