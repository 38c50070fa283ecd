import type { Pair } from '../../../domain/settings.ts';
import type { OrderScores } from '../../../stats/pair/order-scores.ts';
import { modelReading } from '../../page/state.ts';
import type { Writable } from '../../state/store.ts';
import { nextVariants, triesOf, variantsAtOnce, whyOf, withScores } from './analysis.ts';
import type { AppAccess } from './app-access.ts';
import type { ExplorerState } from './explorer-state.ts';
import type { PairScorer } from './pair-scorer.ts';

type Fields = 'tries' | 'why';

/** Seconds for a pair up to which its counterfactuals are scored without a request. */
const QUICK_SECONDS = 0.6;

/** Scores the pair's counterfactuals, and the pair without each of its sentences. */
export class VariantScorer {
  private readonly store: Writable<ExplorerState, Fields>;
  private readonly app: Pick<AppAccess, 'getState'>;
  private readonly scorer: PairScorer;
  private isAtWork = false;
  /** Seconds of the latest score. */
  private seconds = 0;

  constructor(
    store: Writable<ExplorerState, Fields>,
    app: Pick<AppAccess, 'getState'>,
    scorer: PairScorer,
  ) {
    this.store = store;
    this.app = app;
    this.scorer = scorer;
  }

  /** Scores the counterfactuals of this pair and of later ones. */
  wantTries(): void {
    const { tries, pair } = this.store.getState();
    if (tries !== null) return;
    this.store.set({ tries: triesOf(pair) });
    void this.score();
  }

  /** Scores the pair without each of its sentences, or stops doing so. */
  wantWhy(isWanted: boolean): void {
    this.store.set({ why: isWanted ? whyOf(this.store.getState().pair) : null });
    if (isWanted) void this.score();
  }

  /** Drops results about another pair or other settings. They are computed again only if that is quick. */
  forget(pair: Pair): void {
    const { tries, why } = this.store.getState();
    const isQuick = this.seconds <= QUICK_SECONDS;
    this.store.set({
      tries: tries === null || !isQuick ? null : triesOf(pair),
      why: why === null || !isQuick ? null : whyOf(pair),
    });
  }

  /**
   * Scores the wanted variants of a pair after the pair itself. `seconds`: the time of the pair; `isOther`: true if
   * model, adapters or settings have changed since the previous one.
   */
  follow(pair: Pair, { seconds, isOther }: { seconds: number; isOther: boolean }): void {
    this.seconds = seconds;
    if (isOther) this.forget(pair);
    if (seconds <= QUICK_SECONDS && this.store.getState().tries === null) {
      this.store.set({ tries: triesOf(pair) });
    }
    void this.score();
  }

  /** Scores the wanted variants, a few at a time, until the pair changes. */
  private async score(): Promise<void> {
    if (this.isAtWork || this.store.getState().scoring !== 'done') return;
    const { question } = this.scorer;
    this.isAtWork = true;
    try {
      while (question.isLatest) {
        const { tries, why } = this.store.getState();
        const next = nextVariants(tries, why, variantsAtOnce(this.seconds));
        if (next === null) return;
        const app = this.app.getState();
        const { adapters, settings } = app;
        const means = { adapters, settings, reading: modelReading(app) };
        const found = await this.scorer.all(next.pairs, means);
        if (found === null) return;
        this.take(next.of, next.places, next.pairs, found);
      }
    } finally {
      this.isAtWork = false;
      // A newer pair may have been scored meanwhile and found this call still busy.
      if (!question.isLatest) void this.score();
    }
  }

  private take(
    of: 'tries' | 'why',
    places: readonly number[],
    pairs: readonly Pair[],
    found: readonly OrderScores[],
  ): void {
    const { tries, why } = this.store.getState();
    if (of === 'tries' && tries !== null) {
      const scores = withScores(
        tries.map((one) => one.scores),
        places,
        found,
      );
      this.store.set({ tries: tries.map((one, i) => ({ ...one, scores: scores[i]! })) });
    }
    // It may have been stopped, or even restarted, during this call.
    if (of === 'why' && why !== null && why.units[places[0]!]?.without === pairs[0]) {
      this.store.set({ why: { ...why, scores: withScores(why.scores, places, found) } });
    }
  }
}
