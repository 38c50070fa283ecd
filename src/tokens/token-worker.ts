import { TiebreakError } from '../domain/errors.ts';
import { RemoteWorker, type WorkerLike } from '../rpc/remote.ts';
import type { TokenWorker } from './dispatch.ts';
import type { TokenizerWorkerApi } from './worker-api.ts';

/**
 * Connects a worker that serves `tokenizerWorkerApi` to a pool, and sends it the bytes of the tokenizer's two files.
 * @param rows of the model's embedding; left out, the vocabulary is not checked against it.
 */
export function tokenWorker(
  worker: WorkerLike,
  tokenizerJson: ArrayBuffer | Uint8Array,
  tokenizerConfig: ArrayBuffer | Uint8Array,
  rows?: number,
): TokenWorker {
  const remote = new RemoteWorker<TokenizerWorkerApi>(worker, workerFailed);
  return {
    ready: remote.api.init(tokenizerJson, tokenizerConfig, rows),
    tokenize: (jobs, settings) => remote.api.tokenize(jobs, settings),
    terminate: () => remote.end(),
  };
}

/** The error `tokens/worker-failed`. `why` is undefined if the worker's script did not load. */
export function workerFailed(why: string | undefined): TiebreakError {
  return new TiebreakError('tokens/worker-failed', { params: { reason: why } });
}
