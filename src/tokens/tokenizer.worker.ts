import { expose, transfer } from 'comlink';
import { TiebreakError } from '../core/errors.ts';
import type { RunSettings } from '../core/settings.ts';
import { type TokenizedText, tokenizePair } from '../core/truncate.ts';
import { type Outcome, outcome } from '../workers/remote.ts';
import type { TokenJob } from './pool.ts';
import { createTokenizer, type GemmaTokenizer } from './tokenizer.ts';

let tokenizer: GemmaTokenizer | undefined;

const api = {
  /** Builds the tokenizer from the bytes of its two files. */
  init(
    tokenizerJson: ArrayBuffer | Uint8Array,
    tokenizerConfig: ArrayBuffer | Uint8Array,
  ): Promise<Outcome<void>> {
    return outcome(() => {
      const decoder = new TextDecoder();
      tokenizer = createTokenizer(decoder.decode(tokenizerJson), decoder.decode(tokenizerConfig));
    });
  },

  /** Tokenizes one batch; the ids are moved to the caller, not copied. */
  async tokenize(jobs: TokenJob[], settings: RunSettings): Promise<Outcome<TokenizedText[]>> {
    const texts = await outcome(() => jobs.map((job) => tokenizeJob(job, settings)));
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

expose(api);
