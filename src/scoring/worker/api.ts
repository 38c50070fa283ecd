import type { PlainError } from '../../domain/errors.ts';
import type { RunSettings } from '../../domain/settings.ts';
import type { Device } from '../../engine/device/backend.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { EnginePrecision, ExecutorKind } from '../../engine/executor.ts';
import type { LayerRange, Resident } from '../../engine/layer-store.ts';
import type { CpuPlan } from '../../engine/planning/cpu-memory.ts';
import type { Flops } from '../../engine/planning/flops.ts';
import type { LaneChoice, ModelPlan } from '../../engine/planning/model-plan.ts';
import type { CsvSummary, MissingRows, RunEvent, RunSummary } from '../events.ts';
import type { RunNotes } from '../journal/run-notes.ts';
import type { StoredRun } from '../journal/run-store.ts';
import type { Remedy } from '../journal/sitting.ts';
import type { Cost } from '../rows/cost-model.ts';
import type { ExploreApi } from './explore-api.ts';

export type { LaneChoice, ModelPlan };

/** Where a model package comes from. */
export type ModelSource =
  | { kind: 'url'; url: string }
  | { kind: 'files'; label: string; files: { path: string; file: File }[] }
  /** A package in the origin private file system; `name` is for messages. */
  | { kind: 'stored'; id: string; name: string };

export interface ModelRequest {
  source: ModelSource;
  /**
   * Which load this is about, counted by the page: what is read and found out holds for as long, and the next load, also of
   * the same source, begins anew. Left out: nothing is kept.
   */
  load?: number;
  /** Left out: WebGPU if the browser has it, else the CPU. */
  device?: Device;
  precision?: EnginePrecision | 'auto';
  /** Left out: our own kernels where they can run, else ONNX Runtime. */
  executor?: ExecutorKind | 'auto';
  /** Decoder layers that stay on the device. Left out: all, or where memory is short as many as fit. */
  resident?: Resident;
  /** False: loading fails where memory is short, and no layers are left out. Default true. */
  mayStream?: boolean;
  /** Which GPUs compute. Left out: `auto`. */
  lanes?: LaneChoice;
  /** Bytes that may be used of GPUs, by their names; of others as much as there is. */
  budgets?: Readonly<Record<string, number>>;
  /** Tokens of a row, for which memory is planned. Left out: the notebook's. */
  maxLength?: number;
  /** Which GPU; set for each lane by who starts them. Left out: the fast one. */
  gpu?: FoundGpu;
  /** Two GPUs that share the layers; set for a lane by who starts them. */
  split?: SplitChoice;
  /** The layers that this GPU computes; set for each half of a split lane. */
  layers?: LayerRange;
  /** For tests: a software GPU counts as two. */
  softwareTwice?: boolean;
  /** For tests: bytes that may be used of any GPU without a bound of its own. */
  budgetOfEach?: number;
}

/** How two GPUs share the layers of a model. */
export interface SplitChoice {
  gpus: readonly [FoundGpu, FoundGpu];
  /** The first layer of the second GPU, and all there are. */
  at: number;
  layers: number;
  /** Tokens that go through them together. */
  partTokens: number;
  /** Of the layers of each, those that stay; undefined: all, or where memory is short as many as fit. */
  resident: readonly [Resident | undefined, Resident | undefined];
}

/** What is planned for a model before it is loaded. */
export interface Planned {
  /** Every GPU that the browser gives. */
  gpus: FoundGpu[];
  /** Null on the CPU, and where it does not fit. */
  plan: ModelPlan | null;
  /** What the CPU will hold, where it computes and it fits. */
  cpu: CpuPlan | null;
  /** Why it does not fit. */
  error: PlainError | null;
}

/** A GPU that was to become a lane. */
export interface LaneInfo {
  name: string;
  /** Null when it cannot be used. */
  engine: EngineInfo | null;
  /** Why it cannot be used. */
  error: PlainError | null;
}

/** Progress of loading a model: `fraction` from 0 to 1. */
export interface LoadProgress {
  step: 'device' | 'weights' | 'tokenizer';
  fraction: number;
  /** Of the step `weights`: decoder layers that are loaded, and those that will be. */
  layers?: number;
  total?: number;
}

/** A model that is ready to score. */
export interface ModelInfo {
  name: string;
  /** Of the package's manifest, in hexadecimal. */
  sha256: string;
  notice: string | null;
  adapters: { name: string; notice: string | null }[];
  /** May the base be used without an adapter (has it a score head)? */
  baseHasHead: boolean;
  /** What its layers compute, adapters left out. */
  flops: Flops;
  /** Of the first lane. */
  engine: EngineInfo;
  /** Every lane that was asked for, the first one included. */
  lanes: LaneInfo[];
  /** Every GPU that the browser gives, whether it is used or not. */
  gpus: FoundGpu[];
  /** What it was loaded by; null on the CPU. */
  plan: ModelPlan | null;
  tokenizerWorkers: number;
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
  /** What work cost in an earlier run with this model on this device, for predicting the time. */
  knownCost?: Cost | null;
}

/** How a run is written down. */
export type JournalRequest =
  /** Under a new id of lower-case letters, digits and `-`; the run `replaces` is deleted once this one is complete. */
  | { kind: 'new'; id: string; replaces?: string }
  /** Goes on with a run; `otherEngine`: also where the rest will differ in its last digits. */
  | { kind: 'continue'; id: string; otherEngine: boolean };

/** One row, read again from the file, for showing. */
export interface RowTexts {
  id: string;
  /** The turns; of a row that cannot be scored the cell as it stands in the file. */
  prompt: string[];
  responseA: string[];
  responseB: string[];
  /** Why the row cannot be scored. */
  problem: PlainError | null;
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
   * Scores the open file. Ends early after {@link RunWorkerApi.cancel}, with `complete` false. Fails with `journal/…` when a
   * run that is to be continued is another one, goes on elsewhere or cannot be read.
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
   * The results so far as CSV, in the order of the file. `omit` leaves rows without a result out, `uniform` gives them a
   * third for each class.
   */
  exportCsv(missing: MissingRows): Promise<Blob>;
  /** Reads one row again, by its position in the file from 0. */
  readRow(index: number): Promise<RowTexts>;
}
