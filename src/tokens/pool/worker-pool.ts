import { asTiebreakError } from '../../domain/errors.ts';
import { dispatchPool } from './dispatch.ts';
import type { TokenizerPool } from './pool.ts';
import { tokenWorker, workerFailed } from './token-worker.ts';
import type { TokenizerInput } from './worker-api.ts';

/**
 * A pool of Web Workers, each of which parses the tokenizer's files itself. Resolves when the first worker is ready;
 * the others then start one after the other.
 * @throws TiebreakError `tokens/bad-tokenizer`, `tokens/vocabulary`, `chat/…` for a template that fails, or
 * `tokens/worker-failed` if the worker cannot start.
 */
export function workerPool(input: TokenizerInput, size: number): Promise<TokenizerPool> {
  return dispatchPool(() => tokenWorker(createWorker(), input), size);
}

function createWorker(): Worker {
  try {
    // Vite finds the worker only if `new Worker(new URL(…))` is one expression.
    return new Worker(new URL('./tokenizer.worker.ts', import.meta.url), { type: 'module' });
  } catch (thrown) {
    throw workerFailed(asTiebreakError(thrown).message);
  }
}
