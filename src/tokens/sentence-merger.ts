import { type MergeRule, PairMerger, sidesOf } from './bpe.ts';
import { WordCache } from './word-cache.ts';

/** SentencePiece's stand-in for a space. */
export const SPACE = '▁';

/** Splits texts in which `▁` is a space into pieces of a vocabulary, as `BPE.bpe` of @huggingface/tokenizers does. */
export class SentenceMerger {
  private readonly vocab: ReadonlyMap<string, number>;
  private readonly pieces: readonly string[];
  private readonly merger: PairMerger;
  private readonly splitsAtSpaces: boolean;
  private readonly words = new WordCache((word) => this.mergePiece(word));

  /** @throws Error when a merge rule names a piece that is not in the vocabulary. */
  constructor(
    vocab: ReadonlyMap<string, number>,
    pieces: readonly string[],
    merges: readonly MergeRule[],
  ) {
    this.vocab = vocab;
    this.pieces = pieces;
    this.merger = new PairMerger(vocab, merges);
    // A merge joins the end of one piece to the start of another. If no rule joins a non-space to a following space, no
    // merge can cross the start of a word, so words can be merged one at a time with the same result.
    this.splitsAtSpaces = merges.every((merge) => {
      const [left, right] = sidesOf(merge);
      return !right.startsWith(SPACE) || left.endsWith(SPACE);
    });
  }

  /** Splits a text into its pieces. A character outside the vocabulary becomes a piece of its own. */
  merge(text: string): string[] {
    if (!this.splitsAtSpaces) return this.mergePiece(text);
    const result: string[] = [];
    let start = 0;
    for (let at = text.indexOf(SPACE, 1); at !== -1; at = text.indexOf(SPACE, at + 1)) {
      if (text[at - 1] === SPACE) continue;
      for (const piece of this.words.of(text.slice(start, at))) result.push(piece);
      start = at;
    }
    for (const piece of this.words.of(text.slice(start))) result.push(piece);
    return result;
  }

  private mergePiece(text: string): string[] {
    const characters = Array.from(text);
    // A negative number stands for a character outside the vocabulary.
    const ids = Int32Array.from(
      characters,
      (character, at) => this.vocab.get(character) ?? -1 - at,
    );
    const count = this.merger.merge(ids, ids.length);
    return Array.from(ids.subarray(0, count), (id) =>
      id < 0 ? characters[-1 - id]! : this.pieces[id]!,
    );
  }
}
