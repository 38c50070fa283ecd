import type { PlainError } from '../../domain/errors.ts';
import type { RunSettings } from '../../domain/settings.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import type { ModelPlan } from '../../engine/model-plan.ts';
import type { CpuPlan } from '../../engine/planning/cpu-memory.ts';
import type { RunEvent, RunSummary } from '../events.ts';
import type { StoredRun } from '../journal/run-archive.ts';
import type { RunNotes } from '../journal/run-notes.ts';
import type { Remedy } from '../journal/run-session.ts';
import type { JournalRequest } from '../journal/start-journal.ts';
import type { LoadProgress, ModelInfo, ModelRequest } from '../lanes/model-request.ts';
import type { Cost } from '../rows/cost-model.ts';
import type { CsvSummary, MissingRows } from '../rows/row-events.ts';
import type { RowTexts } from '../rows/row-index.ts';
import type { ExploreApi } from './explore-api.ts';

/** The plan for a model that is not loaded yet. */
export interface Planned {
  /** Every GPU that the browser offers. */
  gpus: FoundGpu[];
  /** Null on the CPU, and if the model does not fit. */
  plan: ModelPlan | null;
  /** The plan for the CPU if that computes and the model fits, else null. */
  cpu: CpuPlan | null;
  /** The reason why the model does not fit, else null. */
  error: PlainError | null;
}

/** Estimated work in the open file. */
export interface Foreseen {
  tokens: number;
  /** Sum of the squared lengths of texts. */
  squares: number;
}

/** A run to start or to continue. */
export interface StartRequest {
  /** Null: the base model alone. Several: the mean of their probabilities. */
  adapters: (string | null)[];
  settings: RunSettings;
  /** Left out, results are not saved. */
  journal?: JournalRequest;
  /** Tokens of a batch, padding included. Default: what suits the device. */
  batchTokens?: number;
  /** Cost of work in an earlier run with this model on this device, to predict the time left. */
  knownCost?: Cost | null;
}

/**
 * The worker that the page calls. It owns the file, the row index and the results, and has workers of its own for model
 * and tokenizers, so it answers at once whatever they do. It has one file, one model and one run at a time.
 */
export interface RunWorkerApi extends ExploreApi {
  /** Loads a model and closes the previous one, loaded or still loading: the latest call wins. */
  loadModel(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<ModelInfo>;
  /**
   * Plans a model before it is loaded. Reads only its headers.
   * @param adapters to plan for. Default: its first.
   */
  planModel(request: ModelRequest, adapters?: (string | null)[]): Promise<Planned>;
  /**
   * Reads a file once and finds the rows that can be scored. On success it replaces the previous file and its results;
   * on failure these stay.
   */
  openCsv(
    file: File,
    settings: RunSettings,
    onEvents: (events: RunEvent[]) => void,
  ): Promise<CsvSummary>;
  /**
   * Scores the open file. After {@link RunWorkerApi.cancel} it ends early, with `complete` false. Rejects with
   * `journal/…` if the run to continue is another one, is in progress in another tab, or is unreadable.
   */
  start(request: StartRequest, onEvents: (events: RunEvent[]) => void): Promise<RunSummary>;
  /** Estimates the work in the open file by tokenizing a few texts of every length. */
  foresee(settings: RunSettings): Promise<Foreseen>;
  /** Pauses the run. The event `rest` follows when the batches in flight have ended. */
  pause(): Promise<void>;
  /** Resumes the run. @param remedy the answer if it rests because the journal cannot be written. Default `retry`. */
  resume(remedy?: Remedy): Promise<void>;
  /** All stored runs, the latest first. */
  listRuns(): Promise<StoredRun[]>;
  /** Deletes a stored run. */
  removeRun(id: string): Promise<void>;
  /** Changes some notes of a run; undefined entries are removed. */
  noteRun(id: string, change: RunNotes): Promise<void>;
  /** The journal of a stored run, which `npm run score` can continue. */
  exportRun(id: string): Promise<Blob>;
  /** SHA-256 of a CSV file's text in UTF-8, in hexadecimal, as journals contain it. */
  hashCsv(file: File): Promise<string>;
  /** Stops reading, loading or scoring within a second. Results so far stay. */
  cancel(): Promise<void>;
  /**
   * The results so far as CSV, in the order of the file. `omit` leaves out rows without a result, `uniform` gives them
   * a third for each class.
   */
  exportCsv(missing: MissingRows): Promise<Blob>;
  /** Reads one row again. @param index its position in the file, counted from 0. */
  readRow(index: number): Promise<RowTexts>;
}
