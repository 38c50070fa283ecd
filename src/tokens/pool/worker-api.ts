import { transfer } from 'comlink';
import { TiebreakError } from '../../domain/errors.ts';
import type { RunSettings } from '../../domain/settings.ts';
import type { ChatTemplateSource } from '../chat/model-template.ts';
import { createTokenizer, pairTokenizer } from '../tokenizer.ts';
import { checkVocabulary, parseTokenizer, rowsNeeded } from '../tokenizer-json.ts';
import { answerJobs, type JobText, type JobTokenizer, pairJobs, type TokenJob } from './pool.ts';

let tokenizeJob: JobTokenizer | undefined;

/** The files of a tokenizer, and what else decides the texts of a model. */
export interface TokenizerInput {
  /** The bytes of `tokenizer.json`. */
  json: ArrayBuffer | Uint8Array;
  /** The bytes of `tokenizer_config.json`. */
  config: ArrayBuffer | Uint8Array;
  /** Rows of the model's embedding, which must have one for every id; left out, this is not checked. */
  rows?: number;
  /** The chat template, of a model that reads conversations. */
  chat?: ChatTemplateSource;
}

/** The calls that the pool makes to its workers: Web Workers in the page, threads in Node. */
export const tokenizerWorkerApi = {
  /**
   * Builds the tokenizer.
   * @throws TiebreakError `tokens/bad-tokenizer`, `tokens/vocabulary`, or `chat/…` for a template that fails.
   */
  async init({ json: bytes, config, rows, chat }: TokenizerInput): Promise<void> {
    const decoder = new TextDecoder();
    const json = parseTokenizer(decoder.decode(bytes), 'tokenizer.json');
    if (rows !== undefined) checkVocabulary(rowsNeeded(json), rows);
    const tokenizer = createTokenizer(json, decoder.decode(config));
    if (chat === undefined) {
      tokenizeJob = pairJobs(pairTokenizer(tokenizer));
      return;
    }
    // Only reward models need the interpreter of templates.
    const { compileForModel, specialTokens } = await import('../chat/model-template.ts');
    tokenizeJob = answerJobs(tokenizer, compileForModel(chat, specialTokens(tokenizer)));
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
  if (!tokenizeJob) throw new TiebreakError('tokens/worker-failed:no-tokenizer');
  return tokenizeJob(job, settings);
}
