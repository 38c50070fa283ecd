import type { PlainError } from '../../domain/errors.ts';
import type { Place } from '../../domain/place.ts';

/** The work of a lane in this session of a run. */
export interface LaneProgress {
  place: Place;
  /** The id of `place`. */
  computesOn: string;
  /** Tokens, without padding. */
  tokens: number;
  /** Sequences: with TTA both orders count. */
  texts: number;
  /** During the run the rate over the last half minute, after it the average; null until it is known. */
  tokensPerSecond: number | null;
  /** True once the lane has failed and is no longer used. */
  ended: boolean;
}

/** A failure of a lane, and the action that followed. */
export interface Incident {
  /** Milliseconds since 1970. */
  time: number;
  /** Number of the lane, counted from 1; null for one that could not be started. */
  lane: number | null;
  place: Place;
  /** The id of `place`. */
  computesOn: string;
  error: PlainError;
  /** True if the failure was a lack of memory. */
  memory: boolean;
  /** Rows of the batch that failed; 0 if none did, as when loading failed. */
  rows: number;
  /**
   * `again`: the model is reloaded and the batch repeated. `halve`: so too, but with the batch in two halves. `reload`:
   * loading failed and is repeated. `end`: the lane is no longer used. `stop`: the run ends.
   */
  action: 'again' | 'halve' | 'reload' | 'end' | 'stop';
}
