import type { PlainError, TiebreakError } from '../../domain/errors.ts';
import type { Reading } from '../../domain/reading.ts';
import type { RunSettings, TextMode } from '../../domain/settings.ts';
import type { Device } from '../../engine/device/backend.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { EnginePrecision, ExecutorKind } from '../../engine/executor/variants.ts';
import type { LaneChoice } from '../../engine/model-plan.ts';
import type { NoticeOf } from '../../engine/notices.ts';
import type { Progress, RunSummary } from '../../scoring/events.ts';
import type { Incident } from '../../scoring/lanes/lane-events.ts';
import type { LoadProgress, ModelInfo } from '../../scoring/lanes/model-request.ts';
import type { CsvSummary } from '../../scoring/rows/row-events.ts';
import type { Planned } from '../../scoring/worker/api.ts';
import type { LastModel, LastModelNote } from './last-model.ts';

/** The model: loaded, loading, or the reason why there is none. */
export type ModelState =
  /** Nothing is loaded yet, since the model of the last visit takes long to load. */
  | { status: 'asking'; last: LastModel }
  | { status: 'loading'; progress: LoadProgress | null }
  | { status: 'ready'; info: ModelInfo }
  | { status: 'failed'; error: TiebreakError };

/** The user's options for running the model. */
export interface ModelWishes {
  device: Device | 'auto';
  precision: EnginePrecision | 'auto';
  executor: ExecutorKind | 'auto';
  /** The GPUs that compute, if there are several. */
  lanes: LaneChoice;
  /** Bytes that may be used of each GPU, by its name; the others are not limited. */
  budgets: Readonly<Record<string, number>>;
}

/** The options that suit every machine. */
export const AUTOMATIC: ModelWishes = {
  device: 'auto',
  precision: 'auto',
  executor: 'auto',
  lanes: 'auto',
  budgets: {},
};

/** The file with the rows. */
export type CsvState =
  | { status: 'none' }
  | { status: 'reading'; name: string; bytes: number; totalBytes: number; rows: number }
  | { status: 'ready'; summary: CsvSummary; textMode: TextMode }
  | { status: 'failed'; name: string; error: TiebreakError };

/** The run: at most one at a time. */
export type RunState =
  | { status: 'idle' }
  | { status: 'running' | 'cancelling'; progress: Progress | null; rest: RestState }
  | { status: 'ended'; outcome: 'complete' | 'cancelled' }
  | { status: 'failed'; error: TiebreakError };

/**
 * The state of a pause. `asked`: it begins after the batch in flight; `resting`: nothing is computed, with an error if
 * the user did not ask for it.
 */
export type RestState =
  | { status: 'no' | 'asked' }
  | { status: 'resting'; error: PlainError | null };

/** Model, file and settings of the results on the page. They survive failures and changes of settings. */
export interface ResultsInfo {
  fileName: string;
  /** SHA-256 of the file's text in UTF-8, in hexadecimal. */
  fileSha256: string;
  /** SHA-256 of the manifest of the model's package, in hexadecimal. */
  modelSha256: string;
  adapters: readonly (string | null)[];
  settings: RunSettings;
  engine: EngineInfo;
  /** The engines of further lanes. */
  others: readonly EngineInfo[];
  /** Other engines that computed earlier parts of the run. */
  earlier: readonly EngineInfo[];
  /** The id under which the run is saved. */
  runId: string;
  /** The reason why the run is not saved; null if it is. */
  unjournaled: PlainError | null;
  /** True once every row that can be scored has a result. */
  complete: boolean;
  problemRows: number;
  /** Null until the run ends, and if it failed. */
  summary: RunSummary | null;
}

/** The state of the page without the rows. Never changed in place. */
export interface AppState {
  model: ModelState;
  /**
   * The reason why the page did not load the model of the last visit; null if it did, or if the user chose otherwise.
   */
  lastModel: LastModelNote | null;
  wishes: ModelWishes;
  /** The memory plan of the chosen model with these options, adapters and max_length; null until known. */
  planned: Planned | null;
  /**
   * The adapters of the next run; null stands for the base model alone. Several give the mean of their probabilities.
   */
  adapters: (string | null)[];
  csv: CsvState;
  settings: RunSettings;
  run: RunState;
  /** Failures of devices in the latest run, and the reactions to them. */
  incidents: readonly Incident[];
  results: ResultsInfo | null;
  /** The reason why the last download failed. */
  exportError: TiebreakError | null;
  /** Version of the row columns; see {@link RowColumns.version}. */
  rowsVersion: number;
}

/** The state of the page when it opens. */
export function initialState(settings: RunSettings, wishes = AUTOMATIC): AppState {
  return {
    model: { status: 'loading', progress: null },
    lastModel: null,
    wishes,
    planned: null,
    adapters: [null],
    csv: { status: 'none' },
    settings,
    run: { status: 'idle' },
    incidents: [],
    results: null,
    exportError: null,
    rowsVersion: 0,
  };
}

/** True while a run is in progress. */
export function isRunning({ run }: Pick<AppState, 'run'>): boolean {
  return run.status === 'running' || run.status === 'cancelling';
}

/** True if a run can start now. */
export function canStart(state: AppState): boolean {
  const { model, csv } = state;
  return (
    model.status === 'ready' &&
    (model.info.baseHasHead || model.info.adapters.length > 0) &&
    csv.status === 'ready' &&
    csv.summary.rows > csv.summary.problemRows &&
    !isRunning(state)
  );
}

/** The way in which the loaded model reads a row; `pair` without one. */
export function modelReading({ model }: Pick<AppState, 'model'>): Reading {
  return model.status === 'ready' ? model.info.engine.reading : 'pair';
}

/** The notices shown beside every result of the chosen model and adapters. */
export function chosenNotices({ model, adapters }: Pick<AppState, 'model' | 'adapters'>) {
  if (model.status !== 'ready') return [];
  const { info } = model;
  const chosen = info.adapters.flatMap(({ name, notice }): NoticeOf[] =>
    notice !== null && notice !== '' && adapters.includes(name) ? [{ name, notice }] : [],
  );
  if (chosen.length > 0 || !info.notice) return chosen;
  return [{ name: null, notice: info.notice }];
}
