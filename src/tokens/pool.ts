import { aborted, throwIfAborted } from '../domain/errors.ts';
import type { Pair, RunSettings } from '../domain/settings.ts';
import { type TokenizedText, tokenizePair } from '../domain/truncate.ts';
import { type SeenText, seenText } from './seen.ts';
import type { PairTextTokenizer } from './tokenizer.ts';

/** A pair to tokenize, in the order of the file or swapped. */
export interface TokenJob {
  pair: Pair;
  swapped: boolean;
  /** Also returns what each token is a part of, as `seen`. */
  explain?: boolean;
}

/** A tokenized pair; has `seen` if the job had `explain`. */
export type JobText = TokenizedText & { seen?: SeenText };

/** Tokenizes one job. */
export function tokenizeJob(
  { pair, swapped, explain }: TokenJob,
  settings: RunSettings,
  tokenizer: PairTextTokenizer,
): JobText {
  const text = tokenizePair(pair, swapped, settings, tokenizer);
  return explain ? { ...text, seen: seenText(pair, swapped, settings, text, tokenizer) } : text;
}

/** Tokenizes pairs, on this thread or on others. */
export interface TokenizerPool {
  /** Largest number of workers that share the work. */
  readonly size: number;
  /**
   * Resolves to one text per job, in order. Rejects with `run/cancelled` when the signal fires or the pool is closed.
   */
  tokenize(jobs: TokenJob[], settings: RunSettings, signal?: AbortSignal): Promise<JobText[]>;
  /** Ends the workers; pending calls reject with `run/cancelled`. */
  close(): void;
}

/** Milliseconds after which the inline pool yields to other work on its thread. */
const WORK_MS = 3;

/** A pool on this thread, for benches and tests. */
export function inlinePool(tokenizer: PairTextTokenizer): TokenizerPool {
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
