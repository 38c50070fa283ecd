const GROUPS = 32;
/** Texts of each group that are tokenized ahead of their turn. */
const SAMPLES = 4;

/** Sums over a group of texts of similar estimated length. */
interface Group {
  /** Estimates of the texts whose turn has not come. */
  left: Sums;
  /** Texts with known lengths: their estimates (`guessed`) and their true lengths (`actual`). */
  guessed: Sums;
  actual: Sums;
}

interface Sums {
  texts: number;
  tokens: number;
  squares: number;
}

/**
 * Guesses the tokens of texts that are not tokenized yet. Estimates from their characters are corrected by texts of
 * similar length whose tokens are known.
 */
export class LengthGuess {
  private readonly estimates: ArrayLike<number>;
  private readonly groupOf: Uint8Array;
  private readonly known: Uint8Array;
  private readonly groups: Group[];
  /** Texts to tokenize for a survey, spread evenly over the order of lengths. */
  readonly samples: readonly number[];
  private readonly surveyed = new Set<number>();

  /**
   * @param estimates estimated tokens of each text, at most `max_length`.
   * @param longestFirst positions of the texts, ordered by their estimates.
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

  /** Records the tokens of a text ahead of its turn, so that it still counts as left. */
  survey(text: number, tokens: number): void {
    if (this.known[text] === 1 || this.surveyed.has(text)) return;
    this.surveyed.add(text);
    this.learn(text, tokens);
  }

  /**
   * Records the tokens of a text, which is no longer among those left.
   * @returns true if this was new.
   */
  know(text: number, tokens: number): boolean {
    if (this.known[text] === 1) return false;
    this.known[text] = 1;
    add(this.groups[this.groupOf[text]!]!.left, this.estimates[text]!, -1);
    if (!this.surveyed.has(text)) this.learn(text, tokens);
    return true;
  }

  /** Estimated tokens of the texts that are left, and the sum of their squared lengths. */
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

  /**
   * Correction factor for the estimates of a group: from its own texts and, if it has few, from neighbouring groups.
   */
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
