import type { PlainError, TiebreakError } from '../../../domain/errors.ts';
import type { Probabilities } from '../../../domain/probabilities.ts';
import type { Pair, RunSettings, TextMode } from '../../../domain/settings.ts';
import type { EngineInfo } from '../../../engine/engine.ts';
import type { NoticeOf } from '../../../engine/notices.ts';
import type { Clipped } from '../../../explore/clip.ts';
import type { Counterfactual } from '../../../explore/counterfactuals.ts';
import type { History } from '../../../explore/history.ts';
import type { SharedPair } from '../../../explore/link.ts';
import type { Unit } from '../../../explore/units.ts';
import type { TextFacts } from '../../../scoring/worker/explore-api.ts';
import type { OrderScores } from '../../../stats/pair/order-scores.ts';
import type { SeenText } from '../../../tokens/seen.ts';

/** The source of the pair, which may have been edited since. */
export type PairSource =
  | { kind: 'example'; id: string }
  /** `row`: index in the file, from 0; `textMode`: the mode in which its cells were read. */
  | { kind: 'row'; row: number; id: string; textMode: TextMode }
  /** `said`: the answer of the sender's model. */
  | { kind: 'link' | 'json'; said: SharedPair['said'] }
  | { kind: 'own' };

/** The pair, model and settings of a number. */
export interface Basis {
  pair: Pair;
  settings: RunSettings;
  /** Several give the mean of their probabilities. */
  adapters: readonly (string | null)[];
}

/** The model's answer. */
export interface Score extends Basis {
  scores: OrderScores;
  /** The answer of each single adapter, if they are compared. */
  compared: { adapter: string | null; scores: OrderScores }[];
  /** Facts about the text in the pair's order, and about the swapped one. */
  facts: [TextFacts, TextFacts];
  engine: EngineInfo;
  notices: readonly NoticeOf[];
  /** The seconds that the worker reported. */
  seconds: number;
}

/**
 * The progress of the pair's score.
 * - `model`: waiting for a model; `run`: waiting for the end of a run.
 * - `scoring`: the model is computing a change.
 * - `done`: the score belongs to the pair.
 */
type Scoring = 'model' | 'run' | 'scoring' | 'done' | 'failed';

/** A counterfactual; `pair` is null if it changes nothing, `scores` until computed. */
export interface Try {
  kind: Counterfactual;
  pair: Pair | null;
  scores: OrderScores | null;
}

/** The scores of the pair without each of its units; null until computed. */
export interface Why {
  units: readonly Unit[];
  scores: readonly (OrderScores | null)[];
}

/** The state of the explorer. Never changed in place. */
export interface ExplorerState {
  pair: Pair;
  source: PairSource;
  /** The pair as its source gave it. */
  original: Pair;
  /** The texts of which the explorer took only the beginning. */
  clipped: readonly Clipped[];
  /** The reason why a row or a link could not be opened. */
  openError: PlainError | null;
  scoring: Scoring;
  /** The latest score; while `scoring` is not `done`, that of an earlier pair. */
  score: Score | null;
  /** The first half of a score whose second half is being computed. */
  first: { pair: Pair; forward: Probabilities; seconds: number } | null;
  error: TiebreakError | null;
  /** True if all adapters of the model are asked. */
  compares: boolean;
  /** Ready-made changes of the scored pair; null until the user wants them. */
  tries: readonly Try[] | null;
  /** The effect of each sentence; null unless the user wants it. */
  why: Why | null;
  history: History;
  /** The tokens of the pair, if they are shown. */
  tokens: { swapped: boolean; seen: SeenText | null; isWanted: boolean };
}

/** A pair of one empty turn. */
export const EMPTY_PAIR: Pair = { prompt: [''], responseA: [''], responseB: [''] };
