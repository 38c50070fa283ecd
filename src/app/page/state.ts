import type { PlainError, TiebreakError } from '../../domain/errors.ts';
import type { RunSettings, TextMode } from '../../domain/settings.ts';
import type { Device } from '../../engine/device/backend.ts';
import type { EngineInfo, NoticeOf } from '../../engine/engine.ts';
import type { EnginePrecision, ExecutorKind } from '../../engine/executor/variants.ts';
import type { LaneChoice } from '../../engine/model-plan.ts';
import type { Progress, RunSummary } from '../../scoring/events.ts';
import type { Incident } from '../../scoring/lanes/lane-events.ts';
import type { LoadProgress, ModelInfo } from '../../scoring/lanes/model-request.ts';
import type { CsvSummary } from '../../scoring/rows/row-events.ts';
import type { Planned } from '../../scoring/worker/api.ts';
import type { LastModel, LastModelNote } from './last-model.ts';

/** The model: there is always one, or one on its way, or a reason why not. */
export type ModelState =
  /** Nothing is loaded yet: the one of the last visit takes long to load. */
  | { status: 'asking'; last: LastModel }
  | { status: 'loading'; progress: LoadProgress | null }
  | { status: 'ready'; info: ModelInfo }
  | { status: 'failed'; error: TiebreakError };

/** How the user wants the model to be run. */
export interface ModelWishes {
  device: Device | 'auto';
  precision: EnginePrecision | 'auto';
  executor: ExecutorKind | 'auto';
  /** Which GPUs compute, where there are several. */
  lanes: LaneChoice;
  /** Bytes that may be used of GPUs, by their names; of others there is no bound. */
  budgets: Readonly<Record<string, number>>;
}

/** The wishes that are best on each machine. */
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
 * Whether the run rests. `asked`: it will, once the batch in flight has ended; `resting`: nothing is computed, with an
 * error when that was not the user's wish.
 */
export type RestState =
  | { status: 'no' | 'asked' }
  | { status: 'resting'; error: PlainError | null };

/** Model, file and settings of the results on the page. They outlive failures and changes of the settings. */
export interface ResultsInfo {
  fileName: string;
  /** Of the file's text in UTF-8, in hexadecimal. */
  fileSha256: string;
  /** Of the manifest of the model's package, in hexadecimal. */
  modelSha256: string;
  adapters: readonly (string | null)[];
  settings: RunSettings;
  engine: EngineInfo;
  /** The same of further lanes. */
  others: readonly EngineInfo[];
  /** Other engines that computed an earlier part of it. */
  earlier: readonly EngineInfo[];
  /** Under which the run is kept. */
  runId: string;
  /** Why what is computed is not written down; null when it is. */
  unjournaled: PlainError | null;
  /** Every row that can be scored has a result. */
  complete: boolean;
  problemRows: number;
  /** Null until the run ends, and when it failed. */
  summary: RunSummary | null;
}

/** Everything that the page shows, without the rows. Never changed in place. */
export interface AppState {
  model: ModelState;
  /** Why the model of the last visit is not the one that is loaded, where that was not the user's wish. */
  lastModel: LastModelNote | null;
  wishes: ModelWishes;
  /** The memory that the chosen model takes with these wishes, adapters and max_length; null until that is known. */
  planned: Planned | null;
  /** The adapters of the next run, null being the base model alone; several give the mean of their probabilities. */
  adapters: (string | null)[];
  csv: CsvState;
  settings: RunSettings;
  run: RunState;
  /** Failures of devices in the latest run, and what was done about them. */
  incidents: readonly Incident[];
  results: ResultsInfo | null;
  /** Why the last download failed. */
  exportError: TiebreakError | null;
  /** Version of the row columns. */
  rowsVersion: number;
}

/** The page as it opens. */
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

/** Says whether a run goes on. */
export function isRunning({ run }: Pick<AppState, 'run'>): boolean {
  return run.status === 'running' || run.status === 'cancelling';
}

/** Says whether a run can start now. */
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

/** The notices that stand beside every result of the chosen model and adapters. */
export function chosenNotices({ model, adapters }: Pick<AppState, 'model' | 'adapters'>) {
  if (model.status !== 'ready') return [];
  const { info } = model;
  const chosen = info.adapters.flatMap(({ name, notice }): NoticeOf[] =>
    notice !== null && notice !== '' && adapters.includes(name) ? [{ name, notice }] : [],
  );
  if (chosen.length > 0 || !info.notice) return chosen;
  return [{ name: null, notice: info.notice }];
}
