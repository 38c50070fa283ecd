import {
  aborted,
  asTiebreakError,
  type TiebreakError,
  throwIfAborted,
} from '../../domain/errors.ts';
import type { RunSettings } from '../../domain/settings.ts';
import type { JobText, TokenizerPool, TokenJob } from './pool.ts';

/** One worker as the pool sees it. Every promise settles, even if the worker dies. */
export interface TokenWorker {
  readonly ready: Promise<void>;
  tokenize(jobs: TokenJob[], settings: RunSettings): Promise<JobText[]>;
  terminate(): void;
}

/** Jobs in one message: enough to make the cost of messages negligible, few enough to cancel quickly. */
export const CHUNK_JOBS = 32;

interface Chunk {
  jobs: TokenJob[];
  settings: RunSettings;
  done(texts: JobText[]): void;
  fail(error: TiebreakError): void;
}

/**
 * Distributes jobs in chunks among up to `size` workers. Resolves when the first worker is ready. Workers start one
 * after the other, so that start-up never parses several tokenizers at once. The failure of any worker ends the pool:
 * all pending calls reject, and so does every later one.
 */
export async function dispatchPool(start: () => TokenWorker, size: number): Promise<TokenizerPool> {
  const workers: TokenWorker[] = [];
  const idle: TokenWorker[] = [];
  // Chunks that are queued or with a worker. A failure rejects them all.
  const open = new Set<Chunk>();
  const queue: Chunk[] = [];
  let ended: TiebreakError | undefined;

  const end = (error: TiebreakError) => {
    if (ended) return;
    ended = error;
    for (const worker of workers) worker.terminate();
    for (const chunk of open) chunk.fail(error);
    open.clear();
    queue.length = 0;
  };

  const pump = () => {
    while (!ended && idle.length > 0 && queue.length > 0) {
      const worker = idle.pop()!;
      const chunk = queue.shift()!;
      // The call that made this chunk was cancelled.
      if (!open.has(chunk)) {
        idle.push(worker);
        continue;
      }
      worker.tokenize(chunk.jobs, chunk.settings).then(
        (texts) => {
          open.delete(chunk);
          chunk.done(texts);
          idle.push(worker);
          pump();
        },
        (thrown) => end(asTiebreakError(thrown)),
      );
    }
  };

  const startOne = async () => {
    try {
      const worker = start();
      workers.push(worker);
      await worker.ready;
      idle.push(worker);
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      end(error);
      throw error;
    }
    pump();
  };

  const startOthers = async () => {
    while (!ended && workers.length < size) await startOne();
  };

  await startOne();
  // A failure has already ended the pool and rejected every call.
  startOthers().catch(() => undefined);

  return {
    size,
    async tokenize(jobs, settings, signal) {
      throwIfAborted(signal);
      if (ended) throw ended;
      const own: Chunk[] = [];
      const parts: Promise<JobText[]>[] = [];
      for (let at = 0; at < jobs.length; at += CHUNK_JOBS) {
        parts.push(
          new Promise((done, fail) => {
            own.push({ jobs: jobs.slice(at, at + CHUNK_JOBS), settings, done, fail });
          }),
        );
      }
      const cancel = () => {
        for (const chunk of own) {
          open.delete(chunk);
          chunk.fail(aborted());
        }
      };
      signal?.addEventListener('abort', cancel, { once: true });
      for (const chunk of own) {
        open.add(chunk);
        queue.push(chunk);
      }
      pump();
      try {
        return (await Promise.all(parts)).flat();
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    },
    close: () => end(aborted()),
  };
}
