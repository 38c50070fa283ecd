import { TiebreakError } from '../../domain/errors.ts';
import { RemoteWorker, type WorkerLike } from '../../rpc/remote.ts';
import type { TokenWorker } from './dispatch.ts';
import type { TokenizerInput, TokenizerWorkerApi } from './worker-api.ts';

/** Connects a worker that serves `tokenizerWorkerApi` to a pool, and sends it the tokenizer. */
export function tokenWorker(worker: WorkerLike, input: TokenizerInput): TokenWorker {
  const remote = new RemoteWorker<TokenizerWorkerApi>(worker, workerFailed);
  return {
    ready: remote.api.init(input),
    tokenize: (jobs, settings) => remote.api.tokenize(jobs, settings),
    terminate: () => remote.end(),
  };
}

/** The error `tokens/worker-failed`. `why` is undefined if the worker's script did not load. */
export function workerFailed(why: string | undefined): TiebreakError {
  return new TiebreakError('tokens/worker-failed', { params: { reason: why } });
}
