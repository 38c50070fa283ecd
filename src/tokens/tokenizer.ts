import { BPE, Tokenizer } from '@huggingface/tokenizers';
import { asTiebreakError, TiebreakError } from '../domain/errors.ts';
import { PairMerger } from './bpe.ts';
import { addedTokens, bpeModel, isObject, type Json, parseTokenizer } from './tokenizer-json.ts';

/** Gemma's tokenizer, ready to use. */
export interface GemmaTokenizer {
  /** Ids of a text, without added special tokens. A literal `<eos>` in the text becomes the special id. */
  encode(text: string): number[];
  /** The vocabulary's entry of an id, where `▁` stands for a space and `<0xE3>` for a byte; empty for an unknown id. */
  piece(id: number): string;
  /** True for the id of a special token, such as `<eos>`. */
  isSpecial(id: number): boolean;
  readonly bos: number;
  readonly eos: number;
  readonly pad: number;
  readonly vocabSize: number;
}

/**
 * Builds a tokenizer from the contents of `tokenizer.json` and `tokenizer_config.json`, as text or parsed.
 * @throws TiebreakError `tokens/bad-tokenizer` when they are not a usable byte-pair tokenizer with `<bos>` and `<eos>`.
 */
export function createTokenizer(
  tokenizerJson: string | object,
  tokenizerConfig: string | object,
): GemmaTokenizer {
  const json = parseTokenizer(tokenizerJson, 'tokenizer.json');
  const config = parseTokenizer(tokenizerConfig, 'tokenizer_config.json');
  const model = bpeModel(json);
  try {
    // The merge rules go to our own merger. Without them the library spends neither time nor memory on them.
    const tokenizer = new Tokenizer({ ...json, model: { ...model, merges: [] } }, config);
    if (!(tokenizer.model instanceof BPE)) throw new TiebreakError('tokens/bad-tokenizer:kind');
    const { tokens_to_ids: vocab, vocab: pieces } = tokenizer.model;
    const merger = new PairMerger(vocab, pieces, model.merges);
    tokenizer.model.bpe = (text) => merger.merge(text);
    const special = specialIds(json);
    const id = (key: string) => specialId(tokenizer, config, key);
    const bos = id('bos_token');
    const eos = id('eos_token');
    if (bos === undefined || eos === undefined) {
      throw new TiebreakError('tokens/bad-tokenizer:special');
    }
    return {
      encode: (text) => tokenizer.encode(wellFormed(text), { add_special_tokens: false }).ids,
      piece: (id) => pieces[id] ?? '',
      isSpecial: (id) => special.has(id),
      bos,
      eos,
      pad: id('pad_token') ?? 0,
      vocabSize: pieces.length,
    };
  } catch (thrown) {
    if (thrown instanceof TiebreakError) throw thrown;
    const params = { reason: asTiebreakError(thrown).message };
    throw new TiebreakError('tokens/bad-tokenizer', { params, cause: thrown });
  }
}

/** Replaces lone surrogates, which have no UTF-8 form, by U+FFFD, as a decoder of UTF-8 would. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

function specialId(tokenizer: Tokenizer, config: Json, key: string): number | undefined {
  const entry = config[key];
  const token = isObject(entry) ? entry.content : entry;
  return typeof token === 'string' ? tokenizer.token_to_id(token) : undefined;
}

function specialIds(json: Json): Set<number> {
  return new Set(
    addedTokens(json).flatMap(({ id, special }) =>
      special === true && typeof id === 'number' ? [id] : [],
    ),
  );
}
