import { asTiebreakError } from '../domain/errors.ts';
import { dispatchPool } from './dispatch.ts';
import type { TokenizerPool } from './pool.ts';
import { tokenWorker, workerFailed } from './token-worker.ts';

/**
 * A pool of Web Workers, each of which parses the bytes of the two files itself. Resolves when the first worker is
 * ready; the others then start one after the other.
 * @param rows of the model's embedding, which must have a row for every id; left out, this is not checked.
 * @throws TiebreakError `tokens/bad-tokenizer`, `tokens/vocabulary`, or `tokens/worker-failed` if the worker cannot
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
    // Vite finds the worker only if `new Worker(new URL(…))` is one expression.
    return new Worker(new URL('./tokenizer.worker.ts', import.meta.url), { type: 'module' });
  } catch (thrown) {
    throw workerFailed(asTiebreakError(thrown).message);
  }
}
