/** A finished batch. */
export interface BatchRecord {
  /** When it was finished, in seconds of computing since the run began: all sessions together, pauses left out. */
  seconds: number;
  /** Rows of the run that were finished then, this batch included. */
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
