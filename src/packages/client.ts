import { TiebreakError } from '../domain/errors.ts';
import { workerClient } from '../rpc/client.ts';
import type { Client } from '../rpc/methods.ts';
import type { WorkerLike } from '../rpc/remote.ts';
import type { PackagesWorkerApi } from './api.ts';

/** The packages worker as the page calls it. */
export type PackagesClient = Client<PackagesWorkerApi>;

/** Code of the error with which pending calls reject when the worker dies. */
export const PACKAGES_WORKER_DEAD = 'packages/worker-died';

/** Starts the worker that imports and stores packages. */
function spawnPackagesWorker(): WorkerLike {
  return new Worker(new URL('./packages.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiebreak-packages',
  });
}

/**
 * A client of the packages worker, which the first call starts. When the worker dies, every pending call rejects with
 * {@link PACKAGES_WORKER_DEAD}, and the next call starts a new worker, which finds everything that was written.
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
  // All other methods come from the prototype, the client itself.
  return Object.assign(Object.create(client), withTokenizer);
}

function died(why: string | undefined): TiebreakError {
  return new TiebreakError('packages/worker-died', { params: { reason: why } });
}
