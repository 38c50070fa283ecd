import { type Client, clientOf } from './methods.ts';
import { type Died, RemoteWorker, type WorkerLike } from './remote.ts';

/**
 * Talks to a worker that starts with the first call. After its death every pending call rejects with the error of
 * `died`; the next call starts a new worker, which knows nothing of the one before, unless `restarts` is false.
 * @param options.stops methods that only end work: where no worker runs they do nothing, and start none.
 */
export function workerClient<Api>(
  spawn: () => WorkerLike,
  died: Died,
  options: { restarts?: boolean; stops?: readonly (keyof Api & string)[] } = {},
): Client<Api> {
  const { restarts = true } = options;
  const stops: readonly string[] = options.stops ?? [];
  let worker: RemoteWorker<Api> | undefined;
  return clientOf<Api>(async (method, args) => {
    const isRunning = worker !== undefined && !worker.dead;
    if (!isRunning && stops.includes(method)) return undefined;
    if (worker === undefined || (worker.dead && restarts)) {
      worker = new RemoteWorker<Api>(spawn(), died);
    }
    return worker.call(method, args);
  });
}
