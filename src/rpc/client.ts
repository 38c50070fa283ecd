import { type Client, clientOf } from './methods.ts';
import { type Died, RemoteWorker, type WorkerLike } from './remote.ts';

/**
 * A client of a worker that the first call starts. When the worker dies, every pending call rejects with the error of
 * `died`, and the next call starts a new worker, without the state of the previous one. With `restarts: false` all
 * later calls reject instead.
 * @param options.stops methods that only end work: while no worker is running they do nothing, and start none.
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
