/** Bounds of a batch on a device, as numbers that can cross to another thread. */
export interface BatchBounds {
  /** Rows are padded to a multiple of this many tokens. */
  padMultiple: number;
  /** Bytes that the attention scores of one batch may take in one buffer. */
  maxScoreBytes: number;
  /**
   * Bytes of the scores of all heads of a row padded to one token; they grow with the square of the length. 0: none are
   * kept.
   */
  scoreBytesOfOne: number;
  /** Into how many groups the heads can be split, so that each has a buffer of its own. */
  headGroups: number[];
  /** Tokens of a batch that the device's buffers allow, padding included; left out: any number. */
  maxTokens?: number;
  /** Rows are not padded, and what those of a batch begin with is computed once. Left out: they are padded. */
  sharesPrefixes?: boolean;
  /**
   * The length at which attention costs as much as all other work of a token, for predicting times; left out: unknown.
   */
  balance?: number;
}
