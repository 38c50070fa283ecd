import { BPE, Tokenizer } from '@huggingface/tokenizers';
import { asTiebreakError, TiebreakError } from '../core/errors.ts';
import { PairMerger } from './bpe.ts';

/** Gemma's tokenizer, ready to use. */
export interface GemmaTokenizer {
  /** Ids of a text; nothing is added around it. Literal `<eos>` and the like become the special ids. */
  encode(text: string): number[];
  /** The vocabulary's entry of an id, where `▁` stands for a space and `<0xE3>` for a byte; empty for an unknown id. */
  piece(id: number): string;
  /** Is it a token that no text has, such as `<eos>`? */
  isSpecial(id: number): boolean;
  readonly bos: number;
  readonly eos: number;
  readonly pad: number;
  readonly vocabSize: number;
}

type Json = Record<string, unknown>;

/** What is read of the `model` of a tokenizer.json. */
interface BpeJson extends Json {
  type?: unknown;
  vocab: Json;
  merges: (string | [string, string])[];
}

/**
 * Builds a tokenizer from the contents of `tokenizer.json` and `tokenizer_config.json`, as text or parsed.
 * @throws TiebreakError `tokens/bad-tokenizer` when they are not a usable byte-pair tokenizer with `<bos>` and `<eos>`.
 */
export function createTokenizer(
  tokenizerJson: string | object,
  tokenizerConfig: string | object,
): GemmaTokenizer {
  const json = parseObject(tokenizerJson, 'tokenizer.json');
  const config = parseObject(tokenizerConfig, 'tokenizer_config.json');
  const model = bpeModel(json);
  try {
    // The rules go to our own merger; without them the library needs neither its time nor its memory for them.
    const tokenizer = new Tokenizer({ ...json, model: { ...model, merges: [] } }, config);
    if (!(tokenizer.model instanceof BPE)) throw bad('its model is not byte-pair encoding');
    const { tokens_to_ids: vocab, vocab: pieces } = tokenizer.model;
    const merger = new PairMerger(vocab, pieces, model.merges);
    tokenizer.model.bpe = (text) => merger.merge(text);
    const special = specialIds(json);
    const id = (key: string) => specialId(tokenizer, config, key);
    const bos = id('bos_token');
    const eos = id('eos_token');
    if (bos === undefined || eos === undefined) {
      throw bad('tokenizer_config.json names no bos_token and eos_token of its vocabulary');
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
    throw bad(asTiebreakError(thrown).message, thrown);
  }
}

/** Half a surrogate pair has no UTF-8 form and counts as U+FFFD, as everywhere text is decoded. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

function specialId(tokenizer: Tokenizer, config: Json, key: string): number | undefined {
  const entry = config[key];
  const token = isObject(entry) ? entry.content : entry;
  return typeof token === 'string' ? tokenizer.token_to_id(token) : undefined;
}

function specialIds({ added_tokens: added }: Json): Set<number> {
  const entries: unknown[] = Array.isArray(added) ? added : [];
  return new Set(
    entries.flatMap((entry) =>
      isObject(entry) && entry.special === true && typeof entry.id === 'number' ? [entry.id] : [],
    ),
  );
}

function bpeModel(json: Json): BpeJson {
  const { model } = json;
  if (!isObject(model) || !isObject(model.vocab) || !Array.isArray(model.merges)) {
    throw bad('it has no byte-pair model with a vocabulary and merge rules');
  }
  // These change the pieces in ways that the merger does not know; Gemma has none of them.
  for (const key of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix']) {
    if (model[key]) throw bad(`its model uses ${key}`);
  }
  return model as BpeJson;
}

function parseObject(source: string | object, name: string): Json {
  let value: unknown = source;
  if (typeof source === 'string') {
    try {
      value = JSON.parse(source);
    } catch (cause) {
      throw bad(`${name} is not JSON`, cause);
    }
  }
  if (!isObject(value)) throw bad(`${name} is not a JSON object`);
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(why: string, cause?: unknown): TiebreakError {
  return new TiebreakError('tokens/bad-tokenizer', `The tokenizer cannot be used: ${why}.`, {
    action: 'Take tokenizer.json and tokenizer_config.json from the Gemma-2 model.',
    cause,
  });
}
