/** Longest word, in UTF-16 units, that is kept: longer ones seldom recur. */
const LONGEST = 32;
/** Words after which the cache is emptied, which bounds its memory. */
const MOST = 50_000;

/** Keeps the tokens of words, since most words of a text recur. */
export class WordCache<Tokens> {
  private readonly compute: (word: string) => Tokens;
  private readonly known = new Map<string, Tokens>();

  constructor(compute: (word: string) => Tokens) {
    this.compute = compute;
  }

  /** The tokens of a word, which the caller must not change. */
  of(word: string): Tokens {
    if (word.length > LONGEST) return this.compute(word);
    let tokens = this.known.get(word);
    if (tokens === undefined) {
      tokens = this.compute(word);
      if (this.known.size >= MOST) this.known.clear();
      this.known.set(word, tokens);
    }
    return tokens;
  }
}
