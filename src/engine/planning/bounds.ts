/** Bounds of a batch on a device, as plain data that can cross to another thread. */
export interface BatchBounds {
  /** Rows are padded to a multiple of this many tokens. */
  padMultiple: number;
  /** Largest buffer of attention scores, in bytes. */
  maxScoreBytes: number;
  /**
   * Bytes of the scores of all heads for a row of one token; they grow with the square of the padded length. 0 if no
   * scores are stored.
   */
  scoreBytesOfOne: number;
  /** Numbers of groups into which the heads can be split, each with a buffer of its own. */
  headGroups: number[];
  /** Tokens of a batch that the device's buffers allow, padding included. Left out for no limit. */
  maxTokens?: number;
  /** True if rows are not padded and a beginning that rows of a batch share is computed once. Default false. */
  sharesPrefixes?: boolean;
  /**
   * Length in tokens at which attention costs as much as all other work, to predict times. Left out if unknown.
   */
  balance?: number;
}
