import type { PlainError } from '../domain/errors.ts';
import type { RunSettings } from '../domain/settings.ts';
import type { EngineInfo } from '../engine/engine.ts';
import type { Incident, LaneProgress } from './lanes/lane-events.ts';
import type { Cost } from './rows/cost-model.ts';
import type { ResultsEvent, RowsEvent } from './rows/row-events.ts';

/** Progress of a run. Tokens are counted without padding, and with TTA in both orders. */
export interface Progress {
  tokensDone: number;
  /** Estimated from the lengths of texts until everything is tokenized, exact then. */
  tokensTotal: number;
  rowsDone: number;
  rowsTotal: number;
  /** Rate over the last half minute; null until it is known. */
  tokensPerSecond: number | null;
  secondsLeft: number | null;
  /** The lanes, in the order of their numbers. */
  lanes: LaneProgress[];
}

/** Events of a run in progress. */
export type RunEvent =
  | { type: 'reading'; bytes: number; totalBytes: number; rows: number }
  | RowsEvent
  | { type: 'progress'; progress: Progress }
  | { type: 'incident'; incident: Incident }
  /** Nothing is computed until the run is resumed. `error` is set if the journal cannot be written. */
  | { type: 'rest'; error: PlainError | null }
  /** The run continues without a journal, so its results are not saved. */
  | { type: 'unjournaled'; error: PlainError }
  | ResultsEvent;

/** Facts about a run that was completed or cancelled. */
export interface RunSummary {
  settings: RunSettings;
  engine: EngineInfo;
  /** Engines of further lanes, if there are any. */
  others?: readonly EngineInfo[];
  /** Engines of earlier sessions that differ from those of this one. */
  earlier?: readonly EngineInfo[];
  rows: number;
  scoredRows: number;
  problemRows: number;
  truncatedRows: number;
  duplicateRows: number;
  plainTextRows: number;
  /** Number of failures of lanes in this session. */
  incidents: number;
  /** The work of each lane in this session. */
  lanes: readonly LaneProgress[];
  /** Tokens computed in all sessions, without padding. */
  tokens: number;
  seconds: number;
  /** Cost of work for all lanes together in this session, to predict the next run; null if too little was done. */
  cost?: Cost | null;
  /** True if every row that can be scored has a result. */
  complete: boolean;
}
