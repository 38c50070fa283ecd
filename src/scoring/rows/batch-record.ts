/** A finished batch. */
export interface BatchRecord {
  /** Time of its completion, in seconds of computing since the run began: of all sessions, without pauses. */
  seconds: number;
  /** Rows of the run that are finished with this batch. */
  rowsDone: number;
  /** Positions in `RowIndex.sequences`. */
  sequences: Uint32Array;
  /** [sequences, 3]: the mean over the adapters. Empty for rewards, two of which make the probabilities of a row. */
  probabilities: Float64Array;
  /**
   * [adapters, sequences, labels]. Null if the run has one adapter, or its journal stores only the mean; never for
   * rewards.
   */
  logits: Float32Array | null;
  /** Tokens of each sequence that the model saw. */
  tokens: Uint32Array;
  /** 1 for each sequence of which something was cut, else 0. */
  truncated: Uint8Array;
}
