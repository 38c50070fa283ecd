/** A finished batch. */
export interface BatchRecord {
  /** Seconds of the run when it was finished, those of all sessions together. */
  seconds: number;
  /** Rows that were finished then. */
  rowsDone: number;
  /** Positions in the index's sequences. */
  sequences: Uint32Array;
  /** Three per sequence: the mean over the adapters. */
  probabilities: Float64Array;
  /** [adapters, sequences, 3]; null where the run has one adapter, or its journal keeps only the mean. */
  logits: Float32Array | null;
  /** Tokens of each sequence as the model saw it. */
  tokens: Uint32Array;
  /** 1 where something was cut. */
  truncated: Uint8Array;
}
