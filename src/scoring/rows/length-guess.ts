const GROUPS = 32;
/** Texts of a group that are tokenized ahead. */
const SAMPLES = 4;

/** Tokens seen in a group of sequences of similar length. */
interface Group {
  /** Not tokenized yet, by their estimates. */
  left: Sums;
  /** Tokenized: by their estimates, and as they are. */
  guessed: Sums;
  actual: Sums;
}

interface Sums {
  texts: number;
  tokens: number;
  squares: number;
}

/**
 * Guesses the tokens of texts that are not tokenized yet: from estimates by their characters, put right by the texts of
 * like length whose tokens are known.
 */
export class LengthGuess {
  private readonly estimates: ArrayLike<number>;
  private readonly groupOf: Uint8Array;
  private readonly known: Uint8Array;
  private readonly groups: Group[];
  /** Texts whose tokens tell most about all, spread over the lengths. */
  readonly samples: readonly number[];
  private readonly surveyed = new Set<number>();

  /**
   * @param estimates tokens that each text is likely to have, at most as many as the model reads.
   * @param longestFirst the texts in the order of their estimates.
   */
  constructor(estimates: ArrayLike<number>, longestFirst: readonly number[]) {
    this.estimates = estimates;
    this.groupOf = new Uint8Array(longestFirst.length);
    this.known = new Uint8Array(longestFirst.length);
    this.groups = Array.from({ length: GROUPS }, () => ({
      left: noSums(),
      guessed: noSums(),
      actual: noSums(),
    }));
    const each = longestFirst.length / GROUPS;
    for (const [rank, text] of longestFirst.entries()) {
      const group = Math.min(GROUPS - 1, Math.floor(rank / each));
      this.groupOf[text] = group;
      add(this.groups[group]!.left, estimates[text]!, 1);
    }
    const many = Math.min(longestFirst.length, GROUPS * SAMPLES);
    this.samples = Array.from(
      { length: many },
      (_, i) => longestFirst[Math.floor(((i + 0.5) * longestFirst.length) / many)]!,
    );
  }

  /** Notes the tokens of a text ahead of its turn: it is still to be done. */
  survey(text: number, tokens: number): void {
    if (this.known[text] === 1 || this.surveyed.has(text)) return;
    this.surveyed.add(text);
    this.learn(text, tokens);
  }

  /**
   * Notes the tokens of a text, which is not among those left any more.
   * @returns true where they were not known yet.
   */
  know(text: number, tokens: number): boolean {
    if (this.known[text] === 1) return false;
    this.known[text] = 1;
    add(this.groups[this.groupOf[text]!]!.left, this.estimates[text]!, -1);
    if (!this.surveyed.has(text)) this.learn(text, tokens);
    return true;
  }

  /** Tokens of the texts that are left, and the sum of their squares. */
  get left(): { tokens: number; squares: number } {
    let tokens = 0;
    let squares = 0;
    for (const [g, { left }] of this.groups.entries()) {
      tokens += left.tokens * this.factor(g, 'tokens');
      squares += left.squares * this.factor(g, 'squares');
    }
    return { tokens, squares };
  }

  private learn(text: number, tokens: number): void {
    const group = this.groups[this.groupOf[text]!]!;
    add(group.guessed, this.estimates[text]!, 1);
    add(group.actual, tokens, 1);
  }

  /** The factor for estimates of a group: from its own texts, and from those of near groups where it has few. */
  private factor(group: number, what: 'tokens' | 'squares'): number {
    for (let reach = 1; reach <= GROUPS; reach *= 2) {
      let texts = 0;
      let guessed = 0;
      let actual = 0;
      for (const near of this.groups.slice(Math.max(0, group - reach), group + reach + 1)) {
        texts += near.guessed.texts;
        guessed += near.guessed[what];
        actual += near.actual[what];
      }
      if (texts >= SAMPLES) return actual / guessed;
    }
    return 1;
  }
}

function noSums(): Sums {
  return { texts: 0, tokens: 0, squares: 0 };
}

function add(sums: Sums, length: number, sign: 1 | -1): void {
  sums.texts += sign;
  sums.tokens += sign * length;
  sums.squares += sign * length * length;
}
