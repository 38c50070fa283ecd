import type { PlainError } from '../../domain/errors.ts';
import type { RunSettings } from '../../domain/settings.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import type { ModelPlan } from '../../engine/model-plan.ts';
import type { CpuPlan } from '../../engine/planning/cpu-memory.ts';
import type { RunEvent, RunSummary } from '../events.ts';
import type { RunNotes } from '../journal/run-notes.ts';
import type { Remedy } from '../journal/run-session.ts';
import type { StoredRun } from '../journal/run-store.ts';
import type { JournalRequest } from '../journal/start-journal.ts';
import type { LoadProgress, ModelInfo, ModelRequest } from '../lanes/model-request.ts';
import type { Cost } from '../rows/cost-model.ts';
import type { CsvSummary, MissingRows } from '../rows/row-events.ts';
import type { RowTexts } from '../rows/row-index.ts';
import type { ExploreApi } from './explore-api.ts';

/** The plan for a model before it is loaded. */
export interface Planned {
  /** Every GPU that the browser gives. */
  gpus: FoundGpu[];
  /** Null on the CPU, and where it does not fit. */
  plan: ModelPlan | null;
  /** The plan for the CPU, where it computes and the model fits. */
  cpu: CpuPlan | null;
  /** Why it does not fit. */
  error: PlainError | null;
}

/** How much there is to do in the open file, as far as can be told before it is done. */
export interface Foreseen {
  tokens: number;
  /** Sum of the squared lengths of texts. */
  squares: number;
}

export interface StartRequest {
  /** Null: the base model alone. Several: the mean of their probabilities. */
  adapters: (string | null)[];
  settings: RunSettings;
  /** Left out: what is computed is not written down. */
  journal?: JournalRequest;
  /** Tokens of a batch, padding included. Left out: what suits the device. */
  batchTokens?: number;
  /** Cost of work in an earlier run with this model on this device, for predicting the time. */
  knownCost?: Cost | null;
}

/**
 * The worker that a page talks to. It owns the file, the row index and the results; it has workers of its own for the
 * model and for tokenizing, so it answers at once whatever they do. One file, one model and one run at a time.
 */
export interface RunWorkerApi extends ExploreApi {
  /** Loads a model; one that was loaded or asked for before is let go, so the latest call wins. */
  loadModel(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<ModelInfo>;
  /**
   * What a model will take, before it is loaded; reads its headers only.
   * @param adapters those in use; left out: its first.
   */
  planModel(request: ModelRequest, adapters?: (string | null)[]): Promise<Planned>;
  /**
   * Reads a file once: header, rows, which of them can be scored. An earlier file and its results are dropped when that
   * succeeded; when it failed they stay.
   */
  openCsv(
    file: File,
    settings: RunSettings,
    onEvents: (events: RunEvent[]) => void,
  ): Promise<CsvSummary>;
  /**
   * Scores the open file. Ends early after {@link RunWorkerApi.cancel}, with `complete` false. Fails with `journal/…`
   * when a run that is to be continued is another one, goes on elsewhere or cannot be read.
   */
  start(request: StartRequest, onEvents: (events: RunEvent[]) => void): Promise<RunSummary>;
  /** How much there is to score in the open file: a few texts of every length are tokenized for it. */
  foresee(settings: RunSettings): Promise<Foreseen>;
  /** Lets the run rest once the batch in flight has ended; an event tells when. */
  pause(): Promise<void>;
  /** Lets it go on. `remedy`: what to do when it rests because the journal cannot be written. */
  resume(remedy?: Remedy): Promise<void>;
  /** Runs that are kept, the latest first. */
  listRuns(): Promise<StoredRun[]>;
  /** Deletes a run that is kept. */
  removeRun(id: string): Promise<void>;
  /** Changes some notes of a run; an entry that is undefined is removed. */
  noteRun(id: string, change: RunNotes): Promise<void>;
  /** The journal of a run that is kept, which `npm run score` can go on with. */
  exportRun(id: string): Promise<Blob>;
  /** sha256 of a CSV file's text in UTF-8, in hexadecimal, as the journal of its run names it. */
  hashCsv(file: File): Promise<string>;
  /** Stops reading, loading or scoring within a second. What was scored stays. */
  cancel(): Promise<void>;
  /**
   * The results so far as CSV, in the order of the file. `omit` leaves rows without a result out, `uniform` gives them
   * a third for each class.
   */
  exportCsv(missing: MissingRows): Promise<Blob>;
  /** Reads one row again, by its position in the file from 0. */
  readRow(index: number): Promise<RowTexts>;
}
