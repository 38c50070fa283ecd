import type { Pair, RunSettings } from '../../domain/settings.ts';
import type { TokenizedText } from '../../domain/truncate.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { SeenText } from '../../tokens/seen.ts';

/** Texts to score outside of a run. */
export interface ExploreRequest {
  texts: { pair: Pair; swapped: boolean }[];
  /** Of each, logits are given; null is the base model alone. Names that come twice count once. */
  adapters: (string | null)[];
  settings: RunSettings;
}

/** Facts about a text that was scored, without its ids. */
export type TextFacts = Omit<TokenizedText, 'ids'> & {
  /** Tokens that the model saw. */
  tokens: number;
};

/** The answer to an {@link ExploreRequest}. */
export interface Explored {
  /** Without those that come twice, in the order of `logits`. */
  adapters: (string | null)[];
  /** [adapters, texts, 3], in the order of the request's texts. */
  logits: Float32Array;
  facts: TextFacts[];
  engine: EngineInfo;
  /** Tokenizing and scoring, without waiting for the call before. */
  seconds: number;
}

/** The part of the run worker that looks at single pairs. */
export interface ExploreApi {
  /**
   * Scores texts as a run would. The latest call wins: one before it rejects with `run/cancelled`. Fails with
   * `explore/busy` during a run.
   */
  explore(request: ExploreRequest): Promise<Explored>;
  /** Gives up what {@link ExploreApi.explore} is doing. */
  stopExploring(): Promise<void>;
  /** The tokens of a text with their parts. Needs no device, so also during a run. */
  readTokens(request: TokensRequest): Promise<SeenText>;
}

/** Which text's tokens are asked for. */
export interface TokensRequest {
  pair: Pair;
  swapped: boolean;
  settings: RunSettings;
}
