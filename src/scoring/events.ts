import type { CsvNote } from '../data/csv/notes.ts';
import type { PlainError } from '../domain/errors.ts';
import type { RunSettings } from '../domain/settings.ts';
import type { EngineInfo } from '../engine/engine.ts';
import type { Cost } from './rows/cost-model.ts';

/** A row that cannot be scored. */
export interface RowProblem {
  /** Position in the file, from 0. */
  index: number;
  id: string;
  error: PlainError;
}

/** What was found out about a file before anything is scored. */
export interface CsvSummary {
  name: string;
  bytes: number;
  /** Of the file's text in UTF-8, in hexadecimal. */
  sha256: string;
  rows: number;
  /** Does every row say which answer won? */
  hasLabels: boolean;
  /** About the file as a whole: encoding, extra columns, duplicate ids. */
  notes: CsvNote[];
  /** Rows that cannot be scored, the first {@link MAX_PROBLEMS} of them. */
  problems: RowProblem[];
  problemRows: number;
  duplicateRows: number;
  plainTextRows: number;
}

/** Problems that are kept with their messages; beyond, only their number is. */
export const MAX_PROBLEMS = 1000;

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

/** What a lane did in this sitting of a run. */
export interface LaneProgress {
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

/** Rows of the file as they are read: `ids[i]` belongs to row `first + i`. */
export interface RowsEvent {
  type: 'rows';
  first: number;
  ids: string[];
  /** The beginning of each prompt, for showing. */
  excerpts: string[];
  /** Bits of {@link ROW_FLAG}. */
  flags: Uint8Array;
}

/** Rows that were scored. */
export interface ResultsEvent {
  type: 'results';
  /** Positions in the file, from 0. */
  rows: Uint32Array;
  /** Three per row, in the order of the submission's columns. */
  probabilities: Float64Array;
  /** Those of the order in the file, before both orders are averaged; left out where only that order is scored. */
  forward?: Float64Array;
  /** [rows, adapters, 3]: of each adapter, both orders averaged; left out where there is one, or only the mean is known. */
  adapters?: Float32Array;
  /** Tokens that the model saw (of the first order, with TTA). */
  tokens: Uint32Array;
  /** Bits of {@link ROW_FLAG}. */
  flags: Uint8Array;
}

/** A lane failed, and what was done about it. */
export interface Incident {
  /** Milliseconds since 1970. */
  time: number;
  /** The lane, from 1; null for one that could not be started. */
  lane: number | null;
  computesOn: string;
  error: PlainError;
  /** Was memory short? */
  memory: boolean;
  /** Rows of the batch that failed; 0 when it was not a batch. */
  rows: number;
  /**
   * `again`: the model was loaded again and the batch is tried again; `halve`: in two halves; `reload`: loading failed and
   * is tried again; `end`: this lane is not used any more; `stop`: the run ends.
   */
  action: 'again' | 'halve' | 'reload' | 'end' | 'stop';
}

/** What a run reports while it goes. */
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
  /** Engines that computed a part of it in earlier sittings, where they were others. */
  earlier?: readonly EngineInfo[];
  rows: number;
  scoredRows: number;
  problemRows: number;
  truncatedRows: number;
  duplicateRows: number;
  plainTextRows: number;
  /** Failures of a device that the run met. */
  incidents: number;
  /** What each lane did in this sitting. */
  lanes: readonly LaneProgress[];
  /** Real tokens computed. */
  tokens: number;
  seconds: number;
  /** What work cost all lanes together in this sitting, for predicting the next run; null where too little was done. */
  cost?: Cost | null;
  /** All rows that can be scored were. */
  complete: boolean;
}

/** What to do about rows without a result when results are written. */
export type MissingRows = 'omit' | 'uniform';
