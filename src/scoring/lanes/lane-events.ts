import type { PlainError } from '../../domain/errors.ts';
import type { Place } from '../../domain/place.ts';

/** The work of a lane in this session of a run. */
export interface LaneProgress {
  place: Place;
  /** The id of `place`. */
  computesOn: string;
  /** Real tokens, without padding. */
  tokens: number;
  /** Texts; with TTA both orders count. */
  texts: number;
  /** While the run goes on over the last seconds, after it on average; null until it is known. */
  tokensPerSecond: number | null;
  /** It failed and is not used any more. */
  ended: boolean;
}

/** A lane failed, and what was done about it. */
export interface Incident {
  /** Milliseconds since 1970. */
  time: number;
  /** The lane, from 1; null for one that could not be started. */
  lane: number | null;
  place: Place;
  /** The id of `place`. */
  computesOn: string;
  error: PlainError;
  /** True where memory was short. */
  memory: boolean;
  /** Rows of the batch that failed; 0 when it was not a batch. */
  rows: number;
  /**
   * `again`: the model was loaded again and the batch is tried again; `halve`: in two halves; `reload`: loading failed
   * and is tried again; `end`: this lane is not used any more; `stop`: the run ends.
   */
  action: 'again' | 'halve' | 'reload' | 'end' | 'stop';
}
