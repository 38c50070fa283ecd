import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { WorkerLike } from '../../rpc/remote.ts';
import { dispatchPool } from '../../tokens/pool/dispatch.ts';
import type { TokenizerPool } from '../../tokens/pool/pool.ts';
import { tokenWorker } from '../../tokens/pool/token-worker.ts';
import type { TokenizerInput } from '../../tokens/pool/worker-api.ts';

/**
 * A pool with one thread of its own, so that the engine's thread is always free for the GPU.
 *
 * @param folder with `tokenizer.json` and `tokenizer_config.json`.
 * @param model what else decides its texts, as in `TokenizerInput`.
 * @throws TiebreakError `tokens/bad-tokenizer`, `tokens/vocabulary`, `chat/…` for a template that fails, or
 *   `tokens/worker-failed` if the thread cannot start.
 */
export async function threadPool(
  folder: string,
  model: Pick<TokenizerInput, 'rows' | 'chat'> = {},
): Promise<TokenizerPool> {
  const [json, config] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map((name) => readFile(join(folder, name))),
  );
  return dispatchPool(() => {
    const worker = new Worker(new URL('./tokenizer-thread.mjs', import.meta.url));
    return tokenWorker(asWebWorker(worker), { json: json!, config: config!, ...model });
  }, 1);
}

/** Gives a thread of Node the events of a Web Worker. A thread that ends by itself counts as failed. */
function asWebWorker(worker: Worker): WorkerLike {
  const endpoint = nodeEndpoint(worker);
  return {
    postMessage: endpoint.postMessage,
    addEventListener(type: string, listener: (event: Event) => void) {
      if (type === 'message') return endpoint.addEventListener(type, listener);
      const event = (error: Error) =>
        ({ message: error.message, preventDefault: () => {} }) as unknown as Event;
      worker.on(type, (error: Error) => listener(event(error)));
      if (type === 'error') {
        worker.on('exit', (code) => listener(event(new Error(`it ended with code ${code}`))));
      }
    },
    removeEventListener: endpoint.removeEventListener,
    terminate: () => void worker.terminate(),
  };
}
