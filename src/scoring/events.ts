import type { PlainError } from '../domain/errors.ts';
import type { RunSettings } from '../domain/settings.ts';
import type { EngineInfo } from '../engine/engine.ts';
import type { Incident, LaneProgress } from './lanes/lane-events.ts';
import type { Cost } from './rows/cost-model.ts';
import type { ResultsEvent, RowsEvent } from './rows/row-events.ts';

/** How far a run is. Tokens are real ones, without padding; with TTA both orders count. */
export interface Progress {
  tokensDone: number;
  /** An estimate from the lengths of the texts until everything is tokenized. */
  tokensTotal: number;
  rowsDone: number;
  rowsTotal: number;
  /** Over the last seconds; null until it is known. */
  tokensPerSecond: number | null;
  secondsLeft: number | null;
  /** Each lane, in its order. */
  lanes: LaneProgress[];
}

/** News of a run while it goes on. */
export type RunEvent =
  | { type: 'reading'; bytes: number; totalBytes: number; rows: number }
  | RowsEvent
  | { type: 'progress'; progress: Progress }
  | { type: 'incident'; incident: Incident }
  /** Nothing is computed until the run is resumed; with an error when the journal cannot be written. */
  | { type: 'rest'; error: PlainError | null }
  /** The run goes on, but what it computes is not written down. */
  | { type: 'unjournaled'; error: PlainError }
  | ResultsEvent;

/** How a run ended, whether it was cancelled or came to its end. */
export interface RunSummary {
  settings: RunSettings;
  engine: EngineInfo;
  /** Engines of further lanes, where there were any. */
  others?: readonly EngineInfo[];
  /** Engines that computed a part of it in earlier sessions, where they were others. */
  earlier?: readonly EngineInfo[];
  rows: number;
  scoredRows: number;
  problemRows: number;
  truncatedRows: number;
  duplicateRows: number;
  plainTextRows: number;
  /** Failures of a device that the run met. */
  incidents: number;
  /** The work of each lane in this session. */
  lanes: readonly LaneProgress[];
  /** Real tokens computed. */
  tokens: number;
  seconds: number;
  /** Cost of work for all lanes together in this session, to predict the next run; null where too little was done. */
  cost?: Cost | null;
  /** All rows that can be scored were. */
  complete: boolean;
}
