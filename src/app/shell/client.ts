import { proxy, type Remote } from 'comlink';
import { TiebreakError } from '../../domain/errors.ts';
import type { RunSettings } from '../../domain/settings.ts';
import { type Outcome, RemoteWorker, type WorkerLike } from '../../rpc/remote.ts';
import type { CsvSummary, MissingRows, RunEvent, RunSummary } from '../../scoring/events.ts';
import type { RunNotes } from '../../scoring/journal/run-notes.ts';
import type { StoredRun } from '../../scoring/journal/run-store.ts';
import type { Remedy } from '../../scoring/journal/sitting.ts';
import type {
  Foreseen,
  LoadProgress,
  ModelInfo,
  ModelRequest,
  Planned,
  RowTexts,
  RunWorkerApi,
  StartRequest,
} from '../../scoring/worker/api.ts';
import type { Explored, ExploreRequest, TokensRequest } from '../../scoring/worker/explore-api.ts';
import type { SeenText } from '../../tokens/seen.ts';
import { strings } from '../i18n/strings.ts';

/** {@link RunWorkerApi} with values and thrown {@link TiebreakError}s in place of outcomes. */
export interface RunClient {
  loadModel(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<ModelInfo>;
  planModel(request: ModelRequest, adapters?: (string | null)[]): Promise<Planned>;
  openCsv(
    file: File,
    settings: RunSettings,
    onEvents: (events: RunEvent[]) => void,
  ): Promise<CsvSummary>;
  foresee(settings: RunSettings): Promise<Foreseen>;
  start(request: StartRequest, onEvents: (events: RunEvent[]) => void): Promise<RunSummary>;
  pause(): Promise<void>;
  resume(remedy?: Remedy): Promise<void>;
  listRuns(): Promise<StoredRun[]>;
  removeRun(id: string): Promise<void>;
  noteRun(id: string, change: RunNotes): Promise<void>;
  cancel(): Promise<void>;
  exportCsv(missing: MissingRows): Promise<Blob>;
  readRow(index: number): Promise<RowTexts>;
  explore(request: ExploreRequest): Promise<Explored>;
  stopExploring(): Promise<void>;
  readTokens(request: TokensRequest): Promise<SeenText>;
}

/** Code of the error that every call rejects with once the worker is dead. */
export const WORKER_DEAD = 'page/worker-died';

/** Starts the run worker. */
export function spawnRunWorker(): WorkerLike {
  return new Worker(new URL('../../scoring/worker/run.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiebreak-run',
  });
}

/**
 * Talks to the run worker. After its death every pending call rejects with {@link WORKER_DEAD}; the next call starts
 * a new worker, which knows neither model nor file.
 */
export function createClient(spawn: () => WorkerLike = spawnRunWorker): RunClient {
  let current: RemoteWorker<RunWorkerApi> | undefined;

  function remote(): RemoteWorker<RunWorkerApi> {
    if (current === undefined || current.dead) current = new RemoteWorker(spawn(), workerDied);
    return current;
  }

  async function call<T>(ask: (api: Remote<RunWorkerApi>) => Promise<Outcome<T>>): Promise<T> {
    const worker = remote();
    return worker.call(ask(worker.api));
  }

  return {
    loadModel: (request, onProgress) => call((api) => api.loadModel(request, proxy(onProgress))),
    planModel: (request, adapters) => call((api) => api.planModel(request, adapters)),
    openCsv: (file, settings, onEvents) =>
      call((api) => api.openCsv(file, settings, proxy(onEvents))),
    foresee: (settings) => call((api) => api.foresee(settings)),
    start: (request, onEvents) => call((api) => api.start(request, proxy(onEvents))),
    async pause() {
      const worker = remote();
      return worker.settled(worker.api.pause());
    },
    async resume(remedy) {
      const worker = remote();
      return worker.settled(worker.api.resume(remedy));
    },
    listRuns: () => call((api) => api.listRuns()),
    removeRun: (id) => call((api) => api.removeRun(id)),
    noteRun: (id, change) => call((api) => api.noteRun(id, change)),
    async cancel() {
      const worker = remote();
      return worker.settled(worker.api.cancel());
    },
    exportCsv: (missing) => call((api) => api.exportCsv(missing)),
    readRow: (index) => call((api) => api.readRow(index)),
    explore: (request) => call((api) => api.explore(request)),
    async stopExploring() {
      const worker = remote();
      return worker.settled(worker.api.stopExploring());
    },
    readTokens: (request) => call((api) => api.readTokens(request)),
  };
}

function workerDied(why: string | undefined): TiebreakError {
  if (why === undefined) {
    return new TiebreakError(WORKER_DEAD, strings.errors.scriptMissing, {
      action: strings.errors.scriptMissingAction,
    });
  }
  return new TiebreakError(WORKER_DEAD, strings.errors.workerDied(why), {
    action: strings.errors.workerDiedAction,
  });
}
