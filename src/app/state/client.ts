import { TiebreakError } from '../../domain/errors.ts';
import { workerClient } from '../../rpc/client.ts';
import type { Client } from '../../rpc/methods.ts';
import type { WorkerLike } from '../../rpc/remote.ts';
import type { RunWorkerApi } from '../../scoring/worker/api.ts';

/** The page's client of the run worker. */
export type RunClient = Client<RunWorkerApi>;

/** Code of the error with which every call rejects after the death of the worker. */
export const WORKER_DEAD = 'page/worker-died';

/** Starts the run worker. */
export function spawnRunWorker(): WorkerLike {
  return new Worker(new URL('../../scoring/worker/run.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiebreak-run',
  });
}

/**
 * Makes a client of the run worker. When the worker dies, every pending call rejects with {@link WORKER_DEAD}, and the
 * next call starts a new worker, which has neither model nor file.
 */
export function createClient(spawn: () => WorkerLike = spawnRunWorker): RunClient {
  return workerClient<RunWorkerApi>(spawn, workerDied);
}

function workerDied(why: string | undefined): TiebreakError {
  if (why === undefined) {
    return new TiebreakError('page/script-missing', { code: WORKER_DEAD });
  }
  return new TiebreakError('page/worker-died', { params: { reason: why } });
}
