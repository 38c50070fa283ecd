import { aborted, throwIfAborted } from '../../domain/errors.ts';
import type { Pair, RunSettings } from '../../domain/settings.ts';
import { type TokenizedText, tokenizePair } from '../../domain/truncate.ts';
import { tokenizeAnswer } from '../chat/answer.ts';
import type { ChatTemplate } from '../chat/chat-template.ts';
import { seenAnswer } from '../chat/seen-answer.ts';
import { type SeenText, seenText } from '../seen.ts';
import type { PairTextTokenizer, TextTokenizer } from '../tokenizer.ts';

/** A pair to tokenize, in the order of the file or swapped. */
export interface TokenJob {
  pair: Pair;
  swapped: boolean;
  /** Also returns what each token is a part of, as `seen`. */
  explain?: boolean;
}

/** A tokenized pair; has `seen` if the job had `explain`. */
export type JobText = TokenizedText & { seen?: SeenText };

/** Tokenizes one job, as the model reads it. */
export type JobTokenizer = (job: TokenJob, settings: RunSettings) => JobText;

/** Tokenizes both answers in one text, in the notebook's template. */
export function pairJobs(tokenizer: PairTextTokenizer): JobTokenizer {
  return ({ pair, swapped, explain }, settings) => {
    const text = tokenizePair(pair, swapped, settings, tokenizer);
    return explain ? { ...text, seen: seenText(pair, swapped, settings, text, tokenizer) } : text;
  };
}

/** Tokenizes the conversation with one answer, in a chat template. */
export function answerJobs(tokenizer: TextTokenizer, template: ChatTemplate): JobTokenizer {
  return ({ pair, swapped, explain }, settings) => {
    const { messages, ...text } = tokenizeAnswer(pair, swapped, settings, tokenizer, template);
    if (!explain) return text;
    return { ...text, seen: seenAnswer(pair, swapped, { ...text, messages }, tokenizer, template) };
  };
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
export function inlinePool(
  tokenizer: PairTextTokenizer,
  tokenizeJob = pairJobs(tokenizer),
): TokenizerPool {
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
        texts.push(tokenizeJob(job, settings));
      }
      return texts;
    },
    close() {
      closed = true;
    },
  };
}
