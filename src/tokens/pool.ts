import { aborted, throwIfAborted } from '../domain/errors.ts';
import type { Pair, RunSettings } from '../domain/settings.ts';
import { type TokenizedText, tokenizePair } from '../domain/truncate.ts';
import { type SeenText, seenText } from './seen.ts';
import type { GemmaTokenizer } from './tokenizer.ts';

/** A pair to tokenize, as given or with the answers exchanged. */
export interface TokenJob {
  pair: Pair;
  swapped: boolean;
  /** Also tell what each token is a part of. */
  explain?: boolean;
}

/** A pair that was tokenized; `seen` where the job asked for it. */
export type JobText = TokenizedText & { seen?: SeenText };

/** Tokenizes one job. */
export function tokenizeJob(
  { pair, swapped, explain }: TokenJob,
  settings: RunSettings,
  tokenizer: GemmaTokenizer,
): JobText {
  const text = tokenizePair(pair, swapped, settings, tokenizer);
  return explain ? { ...text, seen: seenText(pair, swapped, settings, text, tokenizer) } : text;
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
