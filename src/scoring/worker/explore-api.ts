import type { Pair, RunSettings } from '../../domain/settings.ts';
import type { TokenizedText } from '../../domain/truncate.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { SeenText } from '../../tokens/seen.ts';

/** Texts to score outside of a run. */
export interface ExploreRequest {
  texts: { pair: Pair; swapped: boolean }[];
  /** Adapters to score with; null is the base model alone. Repeated names count once. */
  adapters: (string | null)[];
  settings: RunSettings;
}

/** Facts about a scored text, without its ids. */
export type TextFacts = Omit<TokenizedText, 'ids'> & {
  /** Tokens that the model saw. */
  tokens: number;
};

/** The answer to an {@link ExploreRequest}. */
export interface Explored {
  /** The request's adapters without repetitions, in the order of `logits`. */
  adapters: (string | null)[];
  /** [adapters, texts, labels], in the order of the request's texts; `engine.reading` tells the labels. */
  logits: Float32Array;
  facts: TextFacts[];
  engine: EngineInfo;
  /** Seconds for tokenizing and scoring, without waiting for the previous call to end. */
  seconds: number;
}

/** The methods of the run worker for single pairs. */
export interface ExploreApi {
  /**
   * Scores texts as a run would. The latest call wins: the previous one rejects with `run/cancelled`. Rejects with
   * `explore/busy` during a run.
   */
  explore(request: ExploreRequest): Promise<Explored>;
  /** Cancels the call of {@link ExploreApi.explore} in progress. */
  stopExploring(): Promise<void>;
  /** The tokens of a text with their parts. It needs no device, so it works during a run too. */
  readTokens(request: TokensRequest): Promise<SeenText>;
}

/** The text whose tokens are requested. */
export interface TokensRequest {
  pair: Pair;
  swapped: boolean;
  settings: RunSettings;
}
