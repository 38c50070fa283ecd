import { BPE, Tokenizer } from '@huggingface/tokenizers';
import { SentenceMerger, SPACE } from './sentence-merger.ts';
import { bpeModel, type Json, specialIds, unsupported } from './tokenizer-json.ts';

const BYTE = /^<0x[\dA-F]{2}>$/;
const utf8 = new TextEncoder();

/**
 * Splits texts as SentencePiece's byte-pair models do, such as Gemma's: `▁` stands for a space, and characters outside
 * the vocabulary become tokens of their bytes. The library does this but for the merging.
 */
export class SentencePieceEncoder {
  private readonly tokenizer: Tokenizer;
  private readonly pieces: readonly string[];
  private readonly special: ReadonlySet<number>;

  /** @throws TiebreakError `tokens/bad-tokenizer`; Error for a merge rule outside the vocabulary. */
  constructor(json: Json, config: Json) {
    const model = bpeModel(json);
    // The merge rules go to our own merger. Without them the library spends neither time nor memory on them.
    this.tokenizer = new Tokenizer({ ...json, model: { ...model, merges: [] } }, config);
    const library = this.tokenizer.model;
    if (!(library instanceof BPE)) throw unsupported(`model ${String(model.type)}`);
    const merger = new SentenceMerger(library.tokens_to_ids, library.vocab, model.merges);
    library.bpe = (text) => merger.merge(text);
    this.pieces = library.vocab;
    this.special = specialIds(json);
  }

  get size(): number {
    return this.pieces.length;
  }

  idOf(entry: string): number | undefined {
    return this.tokenizer.token_to_id(entry);
  }

  encode(text: string): number[] {
    return this.tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  /** A `▁` in a text becomes the token of a space. */
  spell(text: string): string {
    return text.replaceAll(SPACE, ' ');
  }

  piece(id: number): string {
    const piece = this.pieces[id] ?? '';
    return this.special.has(id) ? piece : this.spell(piece);
  }

  byteLength(id: number): number {
    const piece = this.piece(id);
    return BYTE.test(piece) ? 1 : utf8.encode(piece).length;
  }
}
