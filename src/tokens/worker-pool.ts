import { asTiebreakError } from '../domain/errors.ts';
import { dispatchPool } from './dispatch.ts';
import type { TokenizerPool } from './pool.ts';
import { tokenWorker, workerFailed } from './token-worker.ts';

/**
 * A pool of Web Workers. Each gets the bytes of the two files and parses them itself. The pool is ready with its first
 * worker; the others start then, one after the other.
 * @param rows of the model's embedding, which must have one for every id.
 * @throws TiebreakError `tokens/bad-tokenizer`, `tokens/vocabulary`, or `tokens/worker-failed` when the worker cannot
 * start.
 */
export function workerPool(
  tokenizerJson: ArrayBuffer | Uint8Array,
  tokenizerConfig: ArrayBuffer | Uint8Array,
  size: number,
  rows?: number,
): Promise<TokenizerPool> {
  return dispatchPool(
    () => tokenWorker(createWorker(), tokenizerJson, tokenizerConfig, rows),
    size,
  );
}

function createWorker(): Worker {
  try {
    // Written out in one expression, so that Vite finds the worker.
    return new Worker(new URL('./tokenizer.worker.ts', import.meta.url), { type: 'module' });
  } catch (thrown) {
    throw workerFailed(asTiebreakError(thrown).message);
  }
}
