import { proxy, type Remote } from 'comlink';
import { TiebreakError } from '../domain/errors.ts';
import type { BuildProgress } from '../import/build.ts';
import { type Outcome, RemoteWorker, type WorkerLike } from '../rpc/remote.ts';
import type {
  ImportPlan,
  ImportRequest,
  PackageOffer,
  PackagesWorkerApi,
  StoredPackage,
} from './api.ts';

/** {@link PackagesWorkerApi} with values and thrown {@link TiebreakError}s in place of outcomes. */
export interface PackagesClient {
  plan(request: ImportRequest, token: string | null): Promise<ImportPlan | PackageOffer>;
  start(
    request: ImportRequest,
    token: string | null,
    id: string | null,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<StoredPackage>;
  download(
    address: string,
    token: string | null,
    id: string | null,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<StoredPackage>;
  cancel(): Promise<void>;
  list(): Promise<StoredPackage[]>;
  verify(id: string, onProgress: (progress: BuildProgress) => void): Promise<void>;
  repair(
    id: string,
    token: string | null,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<StoredPackage>;
  exportTo(
    id: string,
    folder: FileSystemDirectoryHandle,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<void>;
  files(id: string): Promise<{ path: string; file: File }[]>;
  remove(id: string): Promise<void>;
}

/** Code of the error that every call rejects with once the worker is dead. */
export const PACKAGES_WORKER_DEAD = 'packages/worker-died';

/** Starts the worker that imports and keeps packages. */
export function spawnPackagesWorker(): WorkerLike {
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
  let current: RemoteWorker<PackagesWorkerApi> | undefined;

  async function call<T>(ask: (api: Remote<PackagesWorkerApi>) => Promise<Outcome<T>>): Promise<T> {
    if (current === undefined || current.dead) current = new RemoteWorker(spawn(), died);
    return current.call(ask(current.api));
  }

  return {
    plan: (request, token) => call((api) => api.plan({ ...request, shippedTokenizer }, token)),
    start: (request, token, id, onProgress) =>
      call((api) => api.start({ ...request, shippedTokenizer }, token, id, proxy(onProgress))),
    download: (address, token, id, onProgress) =>
      call((api) => api.download(address, token, id, proxy(onProgress))),
    async cancel() {
      // A worker that is not there has nothing to stop.
      if (current !== undefined && !current.dead) await current.settled(current.api.cancel());
    },
    list: () => call((api) => api.list()),
    verify: (id, onProgress) => call((api) => api.verify(id, proxy(onProgress))),
    repair: (id, token, onProgress) => call((api) => api.repair(id, token, proxy(onProgress))),
    exportTo: (id, folder, onProgress) =>
      call((api) => api.exportTo(id, folder, proxy(onProgress))),
    files: (id) => call((api) => api.files(id)),
    remove: (id) => call((api) => api.remove(id)),
  };
}

function died(why: string | undefined): TiebreakError {
  const reason = `: ${why?.replace(/\.$/, '') ?? 'its script did not arrive'}`;
  return new TiebreakError(
    PACKAGES_WORKER_DEAD,
    `The worker that stores models has crashed${reason}.`,
    {
      action:
        'Try again: an import or download picks up where it stopped. If that fails too, reload the page.',
    },
  );
}
