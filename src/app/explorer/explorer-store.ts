import type { Pair } from '../../domain/settings.ts';
import { clipPair } from '../../explore/clip.ts';
import { recordScore, recordStep, type Step } from '../../explore/history.ts';
import { withoutTurn, withText, withTurnAdded } from '../../explore/turns.ts';
import { type OrderScores, orderScores } from '../../stats/order-scores.ts';
import { chosenNotice, isRunning } from '../score/state.ts';
import { Store } from '../state/store.ts';
import { nextVariants, triesOf, variantsAtOnce, whyOf, withScores } from './analysis.ts';
import type { AppAccess, ExploreClient } from './app-access.ts';
import { EXAMPLES } from './examples.ts';
import type { Basis, ExplorerState, PairSource, Score } from './explorer-state.ts';
import { PairOpener } from './pair-opener.ts';
import { PairScorer } from './pair-scorer.ts';

/** What the screen opens with: an empty one shows nothing. */
const FIRST = EXAMPLES[0]!;

/** How long typing must rest before the model is asked, in milliseconds: the slower the model, the longer. */
const REST_MS = { least: 40, most: 600 };
/** Where scoring a pair takes no longer than this, its counterfactuals are scored without being asked for. */
const QUICK_SECONDS = 0.6;
/**
 * The state of the explorer. It asks the model again whenever the pair, the settings or the chosen
 * adapters change, and drops answers that came too late. Calls never throw.
 */
export class ExplorerStore extends Store<ExplorerState> {
  private readonly client: ExploreClient;
  private readonly app: AppAccess;
  private readonly scorer: PairScorer;
  private readonly opener: PairOpener;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private analysing = false;
  /** What the latest score took, and the part of it until something could be shown. */
  private lastSeconds = 0;
  private firstSeconds = 0;
  /** What of the page's state the latest question was about. */
  private asked: unknown[] = [];
  private stopWatching: (() => void) | null = null;

  constructor(client: ExploreClient, app: AppAccess) {
    super(initialState());
    this.client = client;
    this.app = app;
    this.scorer = new PairScorer(client, (error) => {
      this.set({ scoring: 'failed', error });
      this.app.worker.noticeDeath(error);
    });
    this.opener = new PairOpener(client, app, {
      take: (pair, source, problem) => {
        this.setPair(pair, source);
        if (problem !== null) this.set({ openError: problem });
      },
      refuse: (openError) => this.set({ openError }),
      mayGiveWay: () => this.isUntouched(),
    });
  }

  /** Follows the page: to be called when the screen is shown. @returns what ends it. */
  readonly open = (): (() => void) => {
    this.stopWatching?.();
    const stop = this.app.subscribe(() => this.follow());
    this.stopWatching = stop;
    this.follow();
    return () => {
      stop();
      this.stopWatching = null;
      this.asked = [];
      if (this.state.source.kind === 'row') this.opener.forgetRow();
      this.giveUp();
    };
  };

  /** Takes a pair in place of the one that is there; of very long texts their beginning. */
  setPair(whole: Pair, source: PairSource): void {
    this.opener.supersede();
    const { pair, clipped } = clipPair(whole);
    this.set({ source, original: pair, clipped, openError: null });
    this.change(pair, { kind: 'opened' }, 0);
  }

  /** Takes a changed pair, which comes from where the one before did. */
  tryPair(pair: Pair, name: string): void {
    this.change(pair, { kind: 'try', name }, 0);
  }

  /** Goes back to a state of the history. */
  returnTo(id: number): void {
    const entry = this.state.history.find((other) => other.id === id);
    if (entry !== undefined) this.change(entry.pair, { kind: 'returned' }, 0);
  }

  /** Takes what follows `#explore?` in the address: `row=`, counted from 1, or `d=` with a shared pair. */
  openQuery(query: string): Promise<void> {
    return this.opener.address(query);
  }

  /** Takes a row of the open file, by its position from 0. */
  openRow(row: number): Promise<void> {
    return this.opener.row(row);
  }

  /** The row that is so many rows on from the one that is shown or was shown last; null where the file has none. */
  rowFromHere(by: number): number | null {
    const { csv } = this.app.getState();
    if (csv.status !== 'ready') return null;
    const { source } = this.state;
    const row = source.kind === 'row' ? source.row + by : this.opener.latestRow;
    return row >= 0 && row < csv.summary.rows ? row : null;
  }

  /** Changes a turn, as one types. */
  edit(part: keyof Pair, turn: number, text: string): void {
    const { pair, clipped } = clipPair(withText(this.state.pair, part, turn, text));
    if (clipped.length > 0) this.set({ clipped });
    this.change(pair, { kind: 'edit', part, turn }, restMs(this.firstSeconds));
  }

  /** Adds a turn to the prompt and to both answers. */
  addTurn(): void {
    this.change(withTurnAdded(this.state.pair), { kind: 'turns' }, 0);
  }

  /** Takes a turn out of the prompt and of both answers; the last one that is left stays. */
  removeTurn(turn: number): void {
    const pair = withoutTurn(this.state.pair, turn);
    if (pair !== this.state.pair) this.change(pair, { kind: 'turns' }, 0);
  }

  /** Asks all adapters, or only those that are chosen. */
  setCompares(compares: boolean): void {
    this.set({ compares });
    this.ask(0);
  }

  /** Scores the counterfactuals, of this pair and of those that follow. */
  wantTries(): void {
    if (this.state.tries !== null) return;
    this.set({ tries: triesOf(this.state.pair) });
    void this.analyse(this.scorer.question);
  }

  /** Scores the pair without each of its sentences, or stops that. */
  wantWhy(isWanted: boolean): void {
    this.set({ why: isWanted ? whyOf(this.state.pair) : null });
    if (isWanted) void this.analyse(this.scorer.question);
  }

  /** Shows the tokens of a text, or no tokens. */
  setTokens(change: { swap?: boolean; isWanted?: boolean }): void {
    this.set({ tokens: { ...this.state.tokens, ...change, seen: null } });
    void this.readTokens(this.scorer.question);
  }

  /** Asks again, after a failure. */
  retry(): void {
    this.ask(0);
  }

  private change(pair: Pair, step: Step, delay: number): void {
    const history = recordStep(this.state.history, pair, step, Date.now());
    this.set({ pair, history });
    this.forgetVariants(pair);
    this.ask(delay);
  }

  /** What was found out about another pair, or with other settings, is found out anew, unless that takes long. */
  private forgetVariants(pair: Pair): void {
    const { tries, why } = this.state;
    const isQuick = this.lastSeconds <= QUICK_SECONDS;
    this.set({
      tries: tries === null || !isQuick ? null : triesOf(pair),
      why: why === null || !isQuick ? null : whyOf(pair),
    });
  }

  /** Asks again where the page's state is another in what matters here. */
  private follow(): void {
    const app = this.app.getState();
    const { csv, model, settings, adapters } = app;
    if (csv.status === 'ready') this.opener.follow(csv.summary);
    const matters = [
      model.status === 'ready' ? model.info : null,
      settings,
      adapters,
      isRunning(app),
    ];
    if (matters.every((value, i) => value === this.asked[i])) return;
    this.ask(0);
  }

  private ask(delay: number): void {
    const app = this.app.getState();
    const { model, settings, adapters } = app;
    this.asked = [model.status === 'ready' ? model.info : null, settings, adapters, isRunning(app)];
    this.giveUp();
    if (model.status !== 'ready') {
      this.set({ scoring: 'model', error: null });
      return;
    }
    const version = this.scorer.question;
    this.set({ scoring: isRunning(app) ? 'run' : 'scoring', error: null });
    this.timer = setTimeout(() => {
      void this.readTokens(version);
      if (!isRunning(app)) void this.score(version);
    }, delay);
  }

  /** Is the pair one that opened by itself, as it opened: the first example, or a row of a file? */
  private isUntouched(): boolean {
    const { pair, original, source, history, openError } = this.state;
    const isFirst = original === FIRST.pair && history.length === 1;
    return pair === original && openError === null && (source.kind === 'row' || isFirst);
  }

  private giveUp(): void {
    clearTimeout(this.timer);
    this.scorer.giveUp();
  }

  private async score(version: number): Promise<void> {
    const { pair, compares } = this.state;
    const { model, settings, adapters } = this.app.getState();
    if (model.status !== 'ready') return;
    const { info } = model;
    const others = compares
      ? [...info.adapters.map(({ name }) => name), ...(info.baseHasHead ? [null] : [])]
      : [];
    const basis: Basis = { pair, settings, adapters };
    const means = { adapters: [...new Set([...adapters, ...others])], settings };
    const answer = await this.scorer.both(pair, means, (first, isHalf) => {
      const { seconds } = first;
      this.firstSeconds = seconds;
      if (!isHalf) return;
      const { forward } = orderScores(first.logits, first.adapters, adapters, 0, 0);
      this.set({ first: { pair, forward, seconds } });
    });
    if (answer === null) return;
    this.lastSeconds = answer.seconds;
    const scoresOf = (names: readonly (string | null)[]) =>
      orderScores(answer.logits, answer.adapters, names, 0, 1);
    const score: Score = {
      ...basis,
      scores: scoresOf(adapters),
      compared: others.map((adapter) => ({ adapter, scores: scoresOf([adapter]) })),
      facts: [answer.facts[0]!, answer.facts[1]!],
      engine: answer.engine,
      notice: chosenNotice(this.app.getState()),
      seconds: answer.seconds,
    };
    const before = this.state.score;
    const history = recordScore(this.state.history, pair, score.scores.mean);
    this.set({ scoring: 'done', score, first: null, history });
    if (before !== null && !sameMeans(before, score)) this.forgetVariants(pair);
    if (answer.seconds <= QUICK_SECONDS && this.state.tries === null) {
      this.set({ tries: triesOf(pair) });
    }
    void this.analyse(version);
  }

  /** Scores what is wanted of the pair's variants, a few at a time, until the pair is another. */
  private async analyse(version: number): Promise<void> {
    if (this.analysing || this.state.scoring !== 'done') return;
    this.analysing = true;
    try {
      while (version === this.scorer.question) {
        const { tries, why } = this.state;
        const next = nextVariants(tries, why, variantsAtOnce(this.lastSeconds));
        if (next === null) return;
        const { adapters, settings } = this.app.getState();
        const found = await this.scorer.all(next.pairs, { adapters, settings });
        if (found === null) return;
        this.takeVariants(next.of, next.places, next.pairs, found);
      }
    } finally {
      this.analysing = false;
      // A newer pair may have been scored meanwhile, and found this still at work.
      if (version !== this.scorer.question) void this.analyse(this.scorer.question);
    }
  }

  private takeVariants(
    of: 'tries' | 'why',
    places: readonly number[],
    pairs: readonly Pair[],
    found: readonly OrderScores[],
  ): void {
    const { tries, why } = this.state;
    if (of === 'tries' && tries !== null) {
      const scores = withScores(
        tries.map((one) => one.scores),
        places,
        found,
      );
      this.set({ tries: tries.map((one, i) => ({ ...one, scores: scores[i]! })) });
    }
    // It may have been stopped, and even begun anew, while these were computed.
    if (of === 'why' && why !== null && why.units[places[0]!]?.without === pairs[0]) {
      this.set({ why: { ...why, scores: withScores(why.scores, places, found) } });
    }
  }

  private async readTokens(version: number): Promise<void> {
    const { pair, tokens } = this.state;
    const { model, settings } = this.app.getState();
    if (!tokens.isWanted || model.status !== 'ready') return;
    const { swap } = tokens;
    try {
      const seen = await this.client.readTokens({ pair, swap, settings });
      if (version !== this.scorer.question || swap !== this.state.tokens.swap) return;
      this.set({ tokens: { ...this.state.tokens, seen } });
    } catch {
      // The same tokenizer is asked for the score, which tells what went wrong.
    }
  }
}

/** The explorer as it opens. */
function initialState(): ExplorerState {
  return {
    pair: FIRST.pair,
    source: { kind: 'example', id: FIRST.id },
    original: FIRST.pair,
    clipped: [],
    openError: null,
    scoring: 'model',
    score: null,
    first: null,
    error: null,
    compares: false,
    tries: null,
    why: null,
    history: recordStep([], FIRST.pair, { kind: 'opened' }, Date.now()),
    tokens: { swap: false, seen: null, isWanted: false },
  };
}

/** Were two scores computed by the same means? */
function sameMeans(one: Score, other: Score): boolean {
  return (
    one.settings === other.settings &&
    one.adapters === other.adapters &&
    one.engine.model === other.engine.model
  );
}

function restMs(seconds: number): number {
  return Math.max(REST_MS.least, Math.min(REST_MS.most, seconds * 250));
}

const stores = new WeakMap<ExploreClient, ExplorerStore>();

/** The one store of a page's explorer: it outlives the screen, which is taken down while another one is shown. */
export function explorerStoreOf(client: ExploreClient, app: AppAccess): ExplorerStore {
  const known = stores.get(client);
  if (known !== undefined) return known;
  const store = new ExplorerStore(client, app);
  stores.set(client, store);
  return store;
}
