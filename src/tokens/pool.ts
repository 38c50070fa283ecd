import { aborted, asTiebreakError, TiebreakError, throwIfAborted } from '../domain/errors.ts';
import type { Pair, RunSettings } from '../domain/settings.ts';
import { type TokenizedText, tokenizePair } from '../domain/truncate.ts';
import { RemoteWorker, type WorkerLike } from '../rpc/remote.ts';
import { dispatchPool, type TokenWorker } from './dispatch.ts';
import { type SeenText, seenText } from './seen.ts';
import type { GemmaTokenizer } from './tokenizer.ts';
import type { TokenizerWorkerApi } from './worker-api.ts';

/** A pair to tokenize, as given or with the answers exchanged. */
export interface TokenJob {
  pair: Pair;
  swap: boolean;
  /** Also tell what each token is a part of. */
  explain?: boolean;
}

/** A pair that was tokenized; `seen` where the job asked for it. */
export type JobText = TokenizedText & { seen?: SeenText };

/** Tokenizes one job. */
export function tokenizeJob(
  { pair, swap, explain }: TokenJob,
  settings: RunSettings,
  tokenizer: GemmaTokenizer,
): JobText {
  const text = tokenizePair(pair, swap, settings, tokenizer);
  return explain ? { ...text, seen: seenText(pair, swap, settings, text, tokenizer) } : text;
}

/** Tokenizes pairs, on this thread or on others. */
export interface TokenizerPool {
  /** Workers that share the work. */
  readonly size: number;
  /** The texts in the order of the jobs. Rejects with `run/cancelled` when the signal fires or the pool is closed. */
  tokenize(jobs: TokenJob[], settings: RunSettings, signal?: AbortSignal): Promise<JobText[]>;
  /** Ends the workers; what is still waiting rejects with `run/cancelled`. */
  close(): void;
}

/** Milliseconds that the inline pool works before it lets other work on its thread run. */
const WORK_MS = 3;

/** A pool on this thread, for benches and tests. */
export function inlinePool(tokenizer: GemmaTokenizer): TokenizerPool {
  let closed = false;
  return {
    size: 1,
    async tokenize(jobs, settings, signal) {
      const texts: JobText[] = [];
      let pauseAt = performance.now() + WORK_MS;
      for (const job of jobs) {
        if (performance.now() >= pauseAt) {
          await new Promise((resolve) => setTimeout(resolve));
          pauseAt = performance.now() + WORK_MS;
        }
        throwIfAborted(signal);
        if (closed) throw aborted();
        texts.push(tokenizeJob(job, settings, tokenizer));
      }
      return texts;
    },
    close() {
      closed = true;
    },
  };
}

/**
 * A pool of Web Workers. Each gets the bytes of the two files and parses them itself. The pool is ready with its first
 * worker; the others start then, one after the other.
 * @param rows of the model's embedding, which must have one for every id.
 * @throws TiebreakError `tokens/bad-tokenizer`, `tokens/vocabulary`, or `tokens/worker-failed` when the worker cannot start.
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

function createWorker(): Worker {
  try {
    // Written out in one expression, so that Vite finds the worker.
    return new Worker(new URL('./tokenizer.worker.ts', import.meta.url), { type: 'module' });
  } catch (thrown) {
    throw workerFailed(asTiebreakError(thrown).message);
  }
}

function workerFailed(why: string | undefined): TiebreakError {
  return new TiebreakError(
    'tokens/worker-failed',
    `A tokenizer worker could not start or stopped: ${why ?? 'its script did not arrive'}.`,
    { action: 'Reload the page and try again; close other tabs if memory is short.' },
  );
}
