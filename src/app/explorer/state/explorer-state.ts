import type { PlainError, TiebreakError } from '../../../domain/errors.ts';
import type { Probabilities } from '../../../domain/probabilities.ts';
import type { Pair, RunSettings, TextMode } from '../../../domain/settings.ts';
import type { EngineInfo, NoticeOf } from '../../../engine/engine.ts';
import type { Clipped } from '../../../explore/clip.ts';
import type { Counterfactual } from '../../../explore/counterfactuals.ts';
import type { History } from '../../../explore/history.ts';
import type { SharedPair } from '../../../explore/link.ts';
import type { Unit } from '../../../explore/units.ts';
import type { TextFacts } from '../../../scoring/worker/explore-api.ts';
import type { OrderScores } from '../../../stats/pair/order-scores.ts';
import type { SeenText } from '../../../tokens/seen.ts';

/** Where the pair came from. It may have been edited since. */
export type PairSource =
  | { kind: 'example'; id: string }
  /** `row`: position in the file, from 0; `textMode`: how its cells were read. */
  | { kind: 'row'; row: number; id: string; textMode: TextMode }
  /** `said`: what the sender's model said. */
  | { kind: 'link' | 'json'; said: SharedPair['said'] }
  | { kind: 'own' };

/** The pair and the means that a number on the screen was computed from. */
export interface Basis {
  pair: Pair;
  settings: RunSettings;
  /** Several: the mean of their probabilities. */
  adapters: readonly (string | null)[];
}

/** The model's answer. */
export interface Score extends Basis {
  scores: OrderScores;
  /** Each adapter of the model alone, where they are compared. */
  compared: { adapter: string | null; scores: OrderScores }[];
  /** Of the text in the pair's order, and of the swapped one. */
  facts: [TextFacts, TextFacts];
  engine: EngineInfo;
  notices: readonly NoticeOf[];
  /** As the worker tells it. */
  seconds: number;
}

/**
 * How the score of the pair is on its way.
 * - `model`: there is no model yet; `run`: a run is going on.
 * - `scoring`: a change is on its way to the model.
 * - `done`: the score is that of the pair.
 */
type Scoring = 'model' | 'run' | 'scoring' | 'done' | 'failed';

/** A counterfactual; `pair` is null where it would change nothing, `scores` until they are there. */
export interface Try {
  kind: Counterfactual;
  pair: Pair | null;
  scores: OrderScores | null;
}

/** The pair without each of its units; null where that is not scored yet. */
export interface Why {
  units: readonly Unit[];
  scores: readonly (OrderScores | null)[];
}

/** Everything that the explorer shows. Never changed in place. */
export interface ExplorerState {
  pair: Pair;
  source: PairSource;
  /** The pair as it came from there. */
  original: Pair;
  /** The texts of which only the beginning is here. */
  clipped: readonly Clipped[];
  /** Why a row or a link could not be opened. */
  openError: PlainError | null;
  scoring: Scoring;
  /** The latest score; of an earlier pair while `scoring` is not `done`. */
  score: Score | null;
  /** The first half of a score that is still being computed. */
  first: { pair: Pair; forward: Probabilities; seconds: number } | null;
  error: TiebreakError | null;
  /** All adapters of the model are asked. */
  compares: boolean;
  /** Ready-made changes of the scored pair; null where they are not wanted yet. */
  tries: readonly Try[] | null;
  /** The effect of each sentence; null where that is not wanted. */
  why: Why | null;
  history: History;
  /** The tokens of the pair, where they are looked at. */
  tokens: { swapped: boolean; seen: SeenText | null; isWanted: boolean };
}

/** A pair of one empty turn. */
export const EMPTY_PAIR: Pair = { prompt: [''], responseA: [''], responseB: [''] };
