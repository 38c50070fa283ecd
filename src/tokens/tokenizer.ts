import { asTiebreakError, TiebreakError } from '../domain/errors.ts';
import type { PairTokenizer } from '../domain/truncate.ts';
import { ByteLevelEncoder, isByteLevel } from './byte-level.ts';
import { readPostProcessor } from './post-processor.ts';
import { SentencePieceEncoder } from './sentence-piece.ts';
import { type Json, parseTokenizer, specialIds, tokenText } from './tokenizer-json.ts';

/** A tokenizer, ready to use. */
export interface TextTokenizer {
  /** Ids of a text, without added special tokens. A literal `<eos>` in the text becomes the special id. */
  encode(text: string): number[];
  /** Ids of a text with the special tokens that the tokenizer adds around it, such as one BOS. */
  encodeText(text: string): number[];
  /** The text of a token, where `<0xE3>` stands for a byte that is a part of a character; empty for an unknown id. */
  piece(id: number): string;
  /** UTF-8 bytes of the text that a token spells. */
  byteLength(id: number): number;
  /** A text as its tokens spell it: Gemma's make a `▁` a space, Qwen's are of the text in NFC. */
  spell(text: string): string;
  /** True for the id of a special token, such as `<eos>`. */
  isSpecial(id: number): boolean;
  /** Ids of the special tokens that tokenizer_config.json names. */
  readonly bos: number | undefined;
  readonly eos: number | undefined;
  readonly pad: number | undefined;
  readonly vocabSize: number;
}

/**
 * Builds a tokenizer from the contents of `tokenizer.json` and `tokenizer_config.json`, as text or parsed.
 * @throws TiebreakError `tokens/bad-tokenizer` when they are not a byte-pair tokenizer of a kind that is known.
 */
export function createTokenizer(
  tokenizerJson: string | object,
  tokenizerConfig: string | object,
): TextTokenizer {
  const json = parseTokenizer(tokenizerJson, 'tokenizer.json');
  const config = parseTokenizer(tokenizerConfig, 'tokenizer_config.json');
  try {
    const encoder = isByteLevel(json)
      ? new ByteLevelEncoder(json)
      : new SentencePieceEncoder(json, config);
    const special = specialIds(json);
    const { before, after } = readPostProcessor(json);
    const encode = (text: string) => encoder.encode(wellFormed(text));
    const id = (key: string) => namedId(config, key, encoder);
    return {
      encode,
      encodeText: (text) => [...before, ...encode(text), ...after],
      piece: (id) => encoder.piece(id),
      byteLength: (id) => encoder.byteLength(id),
      spell: (text) => encoder.spell(wellFormed(text)),
      isSpecial: (id) => special.has(id),
      bos: id('bos_token'),
      eos: id('eos_token'),
      pad: id('pad_token'),
      vocabSize: encoder.size,
    };
  } catch (thrown) {
    if (thrown instanceof TiebreakError) throw thrown;
    const params = { reason: asTiebreakError(thrown).message };
    throw new TiebreakError('tokens/bad-tokenizer', { params, cause: thrown });
  }
}

/** A tokenizer that has BOS and EOS, which stand around a pair in the notebook's template. */
export type PairTextTokenizer = TextTokenizer & PairTokenizer;

/**
 * The tokenizer as one for pairs.
 * @throws TiebreakError `tokens/bad-tokenizer` when it has not both BOS and EOS.
 */
export function pairTokenizer(tokenizer: TextTokenizer): PairTextTokenizer {
  const { bos, eos } = tokenizer;
  if (bos === undefined || eos === undefined) {
    throw new TiebreakError('tokens/bad-tokenizer:special');
  }
  return { ...tokenizer, bos, eos };
}

/** Replaces lone surrogates, which have no UTF-8 form, by U+FFFD, as a decoder of UTF-8 would. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/**
 * The id of the special token under a key of tokenizer_config.json; undefined if the key names none.
 * @throws TiebreakError `tokens/bad-tokenizer` for a token that the vocabulary lacks.
 */
function namedId(
  config: Json,
  key: string,
  encoder: { idOf(entry: string): number | undefined },
): number | undefined {
  const token = tokenText(config[key]);
  if (token === undefined) return undefined;
  const id = encoder.idOf(token);
  if (id === undefined)
    throw new TiebreakError('tokens/bad-tokenizer:unknown', { params: { key, token } });
  return id;
}
