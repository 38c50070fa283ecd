import { expose, transfer } from 'comlink';
import { asTiebreakError, type PlainError, TiebreakError } from '../core/errors.ts';
import type { RunSettings } from '../core/settings.ts';
import { type TokenizedText, tokenizePair } from '../core/truncate.ts';
import type { TokenJob } from './pool.ts';
import { createTokenizer, type GemmaTokenizer } from './tokenizer.ts';

/** A result or an error as a value: Comlink would flatten a thrown error to its text. */
export type Answer<T> = { ok: true; value: T } | { ok: false; error: PlainError };

let tokenizer: GemmaTokenizer | undefined;

const api = {
  /** Builds the tokenizer from the bytes of its two files. */
  init(
    tokenizerJson: ArrayBuffer | Uint8Array,
    tokenizerConfig: ArrayBuffer | Uint8Array,
  ): Answer<undefined> {
    return answer(() => {
      const decoder = new TextDecoder();
      tokenizer = createTokenizer(decoder.decode(tokenizerJson), decoder.decode(tokenizerConfig));
      return undefined;
    });
  },

  /** Tokenizes one batch; the ids are moved to the caller, not copied. */
  tokenize(jobs: TokenJob[], settings: RunSettings): Answer<TokenizedText[]> {
    const texts = answer(() => jobs.map((job) => tokenizeJob(job, settings)));
    return texts.ok
      ? transfer(
          texts,
          texts.value.map(({ ids }) => ids.buffer),
        )
      : texts;
  },
};

/** What the pool can call in its workers. */
export type TokenizerWorkerApi = typeof api;

function tokenizeJob({ pair, swap }: TokenJob, settings: RunSettings): TokenizedText {
  if (!tokenizer) throw new TiebreakError('tokens/worker-failed', 'The worker has no tokenizer.');
  return tokenizePair(pair, swap, settings, tokenizer);
}

function answer<T>(work: () => T): Answer<T> {
  try {
    return { ok: true, value: work() };
  } catch (thrown) {
    return { ok: false, error: asTiebreakError(thrown).toPlain() };
  }
}

expose(api);
