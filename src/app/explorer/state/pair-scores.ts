import { recordScore } from '../../../explore/history.ts';
import { orderScores } from '../../../stats/pair/order-scores.ts';
import { type AppState, chosenNotices, isRunning } from '../../page/state.ts';
import type { Writable } from '../../state/store.ts';
import type { AppAccess } from './app-access.ts';
import type { Basis, ExplorerState, Score } from './explorer-state.ts';
import type { PairScorer } from './pair-scorer.ts';
import type { TokenReader } from './token-reader.ts';
import type { VariantScorer } from './variant-scorer.ts';

type Fields = 'scoring' | 'score' | 'first' | 'error' | 'compares' | 'history';

/** Bounds of the pause in typing before the model is asked, in milliseconds; a slower model needs a longer one. */
const REST_MS = { least: 40, most: 600 };

/** The score of the pair, asked for again whenever the pair, or something of the page that it depends on, changes. */
export class PairScores {
  private readonly store: Writable<ExplorerState, Fields>;
  private readonly app: Pick<AppAccess, 'getState'>;
  private readonly scorer: PairScorer;
  private readonly variants: VariantScorer;
  private readonly tokens: TokenReader;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Seconds until the latest score, or its first half, could be shown. */
  private firstSeconds = 0;
  /** The parts of the page's state that the latest question depended on. */
  private asked: readonly unknown[] = [];

  /** @param variants are scored after the pair. @param tokens are read with the pair. */
  constructor(
    store: Writable<ExplorerState, Fields>,
    app: Pick<AppAccess, 'getState'>,
    scorer: PairScorer,
    variants: VariantScorer,
    tokens: TokenReader,
  ) {
    this.store = store;
    this.app = app;
    this.scorer = scorer;
    this.variants = variants;
    this.tokens = tokens;
  }

  /** The pause in typing before the model is asked, in milliseconds. */
  get restMs(): number {
    return Math.max(REST_MS.least, Math.min(REST_MS.most, this.firstSeconds * 250));
  }

  /** Asks all adapters, or only the chosen ones. */
  setCompares(compares: boolean): void {
    this.store.set({ compares });
    this.ask(0);
  }

  /** Asks again, after a failure. */
  retry(): void {
    this.ask(0);
  }

  /** Asks again if something of the page that the score depends on has changed. */
  follow(): void {
    const matters = whatMatters(this.app.getState());
    if (matters.some((value, i) => value !== this.asked[i])) this.ask(0);
  }

  /** Asks for the score of the pair after a delay in ms. Earlier questions are cancelled at once. */
  ask(delay: number): void {
    const app = this.app.getState();
    this.asked = whatMatters(app);
    this.giveUp();
    if (app.model.status !== 'ready') {
      this.store.set({ scoring: 'model', error: null });
      return;
    }
    this.store.set({ scoring: isRunning(app) ? 'run' : 'scoring', error: null });
    this.timer = setTimeout(() => {
      void this.tokens.read();
      if (!isRunning(app)) void this.score();
    }, delay);
  }

  /** Asks nothing until {@link follow} or {@link ask} is called, which then asks again. */
  stop(): void {
    this.asked = [];
    this.giveUp();
  }

  private giveUp(): void {
    clearTimeout(this.timer);
    this.scorer.giveUp();
  }

  private async score(): Promise<void> {
    const { pair, compares } = this.store.getState();
    const { model, settings, adapters } = this.app.getState();
    if (model.status !== 'ready') return;
    const { info } = model;
    const others = compares
      ? [...info.adapters.map(({ name }) => name), ...(info.baseHasHead ? [null] : [])]
      : [];
    const basis: Basis = { pair, settings, adapters };
    const { reading } = info.engine;
    const means = { adapters: [...new Set([...adapters, ...others])], settings, reading };
    const answer = await this.scorer.both(pair, means, (first, isHalf) => {
      const { seconds } = first;
      this.firstSeconds = seconds;
      if (!isHalf) return;
      const { forward } = orderScores(first.logits, first.adapters, adapters, 0, 0, reading);
      this.store.set({ first: { pair, forward, seconds } });
    });
    if (answer === null) return;
    const { seconds } = answer;
    const scoresOf = (names: readonly (string | null)[]) =>
      orderScores(answer.logits, answer.adapters, names, 0, 1, reading);
    const score: Score = {
      ...basis,
      scores: scoresOf(adapters),
      compared: others.map((adapter) => ({ adapter, scores: scoresOf([adapter]) })),
      facts: [answer.facts[0]!, answer.facts[1]!],
      engine: answer.engine,
      notices: chosenNotices(this.app.getState()),
      seconds,
    };
    const { score: previous, history } = this.store.getState();
    this.store.set({
      scoring: 'done',
      score,
      first: null,
      history: recordScore(history, pair, score.scores.mean),
    });
    const isOther = previous !== null && !sameMeans(previous, score);
    this.variants.follow(pair, { seconds, isOther });
  }
}

/** The parts of the page's state that a question depends on, beside the pair. */
function whatMatters(app: AppState): readonly unknown[] {
  const { model, settings, adapters } = app;
  return [model.status === 'ready' ? model.info : null, settings, adapters, isRunning(app)];
}

/** True if two scores have the same adapters, model and settings. */
function sameMeans(one: Score, other: Score): boolean {
  return (
    one.settings === other.settings &&
    one.adapters === other.adapters &&
    one.engine.model === other.engine.model
  );
}
