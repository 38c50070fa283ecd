import { proxy, type Remote, releaseProxy, wrap } from 'comlink';
import { TiebreakError } from '../core/errors.ts';
import type { RunSettings } from '../core/settings.ts';
import type {
  LoadProgress,
  ModelInfo,
  ModelRequest,
  Outcome,
  RowTexts,
  RunWorkerApi,
  StartRequest,
} from '../run/api.ts';
import type { CsvSummary, MissingRows, RunEvent, RunSummary } from '../run/events.ts';
import { strings } from './strings.ts';

/** {@link RunWorkerApi} with values and thrown {@link TiebreakError}s in place of outcomes. */
export interface RunClient {
  loadModel(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<ModelInfo>;
  openCsv(
    file: File,
    settings: RunSettings,
    onEvents: (events: RunEvent[]) => void,
  ): Promise<CsvSummary>;
  start(request: StartRequest, onEvents: (events: RunEvent[]) => void): Promise<RunSummary>;
  cancel(): Promise<void>;
  exportCsv(missing: MissingRows): Promise<Blob>;
  readRow(index: number): Promise<RowTexts>;
}

/** Code of the error that every call rejects with once the worker is dead. */
export const WORKER_DEAD = 'page/worker-died';

/** The part of `Worker` that is used. */
export type WorkerLike = Pick<
  Worker,
  'addEventListener' | 'removeEventListener' | 'postMessage' | 'terminate'
>;

/** Starts the run worker. */
export function spawnRunWorker(): WorkerLike {
  return new Worker(new URL('../run/run.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiebreak-run',
  });
}

interface Connection {
  api: Remote<RunWorkerApi>;
  /** Rejects when the worker dies, so that no call waits for ever. */
  death: Promise<never>;
}

/**
 * Talks to the run worker. After its death every pending call rejects with {@link WORKER_DEAD}; the next call starts
 * a new worker, which knows neither model nor file.
 */
export function createClient(spawn: () => WorkerLike = spawnRunWorker): RunClient {
  let current: Connection | null = null;

  function connection(): Connection {
    current ??= connect(spawn(), () => {
      current = null;
    });
    return current;
  }

  async function call<T>(ask: (api: Remote<RunWorkerApi>) => Promise<T>): Promise<T> {
    const { api, death } = connection();
    return await Promise.race([ask(api), death]);
  }

  async function outcome<T>(ask: (api: Remote<RunWorkerApi>) => Promise<Outcome<T>>): Promise<T> {
    const answer = await call(ask);
    if (!answer.ok) throw TiebreakError.fromPlain(answer.error);
    return answer.value;
  }

  return {
    loadModel: (request, onProgress) => outcome((api) => api.loadModel(request, proxy(onProgress))),
    openCsv: (file, settings, onEvents) =>
      outcome((api) => api.openCsv(file, settings, proxy(onEvents))),
    start: (request, onEvents) => outcome((api) => api.start(request, proxy(onEvents))),
    cancel: () => call((api) => api.cancel()),
    exportCsv: (missing) => outcome((api) => api.exportCsv(missing)),
    readRow: (index) => outcome((api) => api.readRow(index)),
  };
}

function connect(worker: WorkerLike, onDeath: () => void): Connection {
  const api = wrap<RunWorkerApi>(worker);
  const death = new Promise<never>((_, reject) => {
    const die = (event: Event) => {
      // An uncaught error leaves the worker in an unknown state, so it ends even if it could go on.
      worker.terminate();
      onDeath();
      api[releaseProxy]();
      const { message } = event as Partial<ErrorEvent>;
      reject(
        new TiebreakError(WORKER_DEAD, strings.errors.workerDied(message ?? ''), {
          action: strings.errors.workerDiedAction,
        }),
      );
    };
    worker.addEventListener('error', die);
    worker.addEventListener('messageerror', die);
  });
  death.catch(() => undefined); // it may happen while no call is pending
  return { api, death };
}
