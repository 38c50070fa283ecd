import { transfer } from 'comlink';
import { TiebreakError } from '../domain/errors.ts';
import type { RunSettings } from '../domain/settings.ts';
import { type JobText, type TokenJob, tokenizeJob } from './pool.ts';
import { createTokenizer, type PairTextTokenizer, pairTokenizer } from './tokenizer.ts';
import { checkVocabulary, parseTokenizer, rowsNeeded } from './tokenizer-json.ts';

let tokenizer: PairTextTokenizer | undefined;

/** The calls that the pool makes to its workers: Web Workers in the page, threads in Node. */
export const tokenizerWorkerApi = {
  /**
   * Builds the tokenizer from the bytes of its two files.
   * @param rows of the model's embedding; left out, the vocabulary is not checked against it.
   * @throws TiebreakError `tokens/bad-tokenizer` or `tokens/vocabulary`.
   */
  async init(
    tokenizerJson: ArrayBuffer | Uint8Array,
    tokenizerConfig: ArrayBuffer | Uint8Array,
    rows?: number,
  ): Promise<void> {
    const decoder = new TextDecoder();
    const json = parseTokenizer(decoder.decode(tokenizerJson), 'tokenizer.json');
    if (rows !== undefined) checkVocabulary(rowsNeeded(json), rows);
    tokenizer = pairTokenizer(createTokenizer(json, decoder.decode(tokenizerConfig)));
  },

  /** Tokenizes jobs, in order. The ids are transferred to the caller, not copied. */
  async tokenize(jobs: TokenJob[], settings: RunSettings): Promise<JobText[]> {
    const texts = jobs.map((job) => tokenize(job, settings));
    return transfer(
      texts,
      texts.map(({ ids }) => ids.buffer),
    );
  },
};

export type TokenizerWorkerApi = typeof tokenizerWorkerApi;

function tokenize(job: TokenJob, settings: RunSettings): JobText {
  if (!tokenizer) throw new TiebreakError('tokens/worker-failed:no-tokenizer');
  return tokenizeJob(job, settings, tokenizer);
}
