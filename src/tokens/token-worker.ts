import { TiebreakError } from '../domain/errors.ts';
import { RemoteWorker, type WorkerLike } from '../rpc/remote.ts';
import type { TokenWorker } from './dispatch.ts';
import type { TokenizerWorkerApi } from './worker-api.ts';

/** A worker that runs `tokenizerWorkerApi`, as a pool sees it; it is given the bytes of the tokenizer's two files. */
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

/** Says that a worker did not start or stopped; undefined: because its script did not arrive. */
export function workerFailed(why: string | undefined): TiebreakError {
  return new TiebreakError('tokens/worker-failed', { params: { reason: why } });
}
