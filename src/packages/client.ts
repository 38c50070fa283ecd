import { TiebreakError } from '../domain/errors.ts';
import { workerClient } from '../rpc/client.ts';
import type { Client } from '../rpc/methods.ts';
import type { WorkerLike } from '../rpc/remote.ts';
import type { PackagesWorkerApi } from './api.ts';

/** The packages worker, as the page calls it. */
export type PackagesClient = Client<PackagesWorkerApi>;

/** Code of the error that every call rejects with once the worker is dead. */
export const PACKAGES_WORKER_DEAD = 'packages/worker-died';

/** Starts the worker that imports and keeps packages. */
function spawnPackagesWorker(): WorkerLike {
  return new Worker(new URL('./packages.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiebreak-packages',
  });
}

/**
 * Talks to the packages worker, which starts with the first call. After its death every pending call rejects with
 * {@link PACKAGES_WORKER_DEAD}, and the next call starts a new one; what was written is still there.
 * @param shippedTokenizer address of the folder with the tokenizer for checkpoints that have none.
 */
export function createPackagesClient(
  spawn: () => WorkerLike = spawnPackagesWorker,
  shippedTokenizer?: string,
): PackagesClient {
  const client = workerClient<PackagesWorkerApi>(spawn, died, { stops: ['cancel'] });
  const withTokenizer: Pick<PackagesClient, 'plan' | 'start'> = {
    plan: (request, token) => client.plan({ ...request, shippedTokenizer }, token),
    start: (request, ...rest) => client.start({ ...request, shippedTokenizer }, ...rest),
  };
  // Every other method is the client's own.
  return Object.assign(Object.create(client), withTokenizer);
}

function died(why: string | undefined): TiebreakError {
  return new TiebreakError('packages/worker-died', { params: { reason: why } });
}
