import type { Pair } from '../../../domain/settings.ts';
import { clipPair } from '../../../explore/clip.ts';
import { recordStep, type Step } from '../../../explore/history.ts';
import { withoutTurn, withText, withTurnAdded } from '../../../explore/turns.ts';
import { oneForEach } from '../../state/one-for-each.ts';
import { Store } from '../../state/store.ts';
import type { AppAccess, ExploreClient } from './app-access.ts';
import { EXAMPLES } from './examples.ts';
import type { ExplorerState, PairSource } from './explorer-state.ts';
import { PairOpener } from './pair-opener.ts';
import { PairScorer } from './pair-scorer.ts';
import { PairScores } from './pair-scores.ts';
import { TokenReader } from './token-reader.ts';
import { VariantScorer } from './variant-scorer.ts';

/** The first pair of the screen: an empty one would show nothing. */
const FIRST = EXAMPLES[0]!;

/**
 * The state of the explorer. The store itself changes the pair and its source; its parts add scores, tokens and
 * variants. Calls never throw.
 */
export class ExplorerStore extends Store<ExplorerState> {
  readonly scores: PairScores;
  readonly variants: VariantScorer;
  readonly tokens: TokenReader;
  private readonly app: AppAccess;
  private readonly opener: PairOpener;
  private stopWatching: (() => void) | null = null;

  constructor(client: ExploreClient, app: AppAccess) {
    super(initialState());
    this.app = app;
    const store = { getState: this.getState, set: this.set, setSoon: this.setSoon };
    const scorer = new PairScorer(client, (error) => {
      this.set({ scoring: 'failed', error });
      app.worker.noticeDeath(error);
    });
    this.variants = new VariantScorer(store, app, scorer);
    this.tokens = new TokenReader(store, app, client, scorer);
    this.scores = new PairScores(store, app, scorer, this.variants, this.tokens);
    this.opener = new PairOpener(client, app, {
      take: (pair, source, problem) => {
        this.setPair(pair, source);
        if (problem !== null) this.set({ openError: problem });
      },
      refuse: (openError) => this.set({ openError }),
      mayGiveWay: () => this.isUntouched(),
    });
  }

  /** Follows the page from the moment the screen is shown. @returns a function that ends this. */
  readonly open = (): (() => void) => {
    this.stopWatching?.();
    const stop = this.app.subscribe(() => this.follow());
    this.stopWatching = stop;
    this.follow();
    return () => {
      stop();
      this.stopWatching = null;
      if (this.state.source.kind === 'row') this.opener.forgetRow();
      this.scores.stop();
    };
  };

  /** Replaces the pair; of very long texts it takes the beginning. */
  setPair(whole: Pair, source: PairSource): void {
    this.opener.supersede();
    const { pair, clipped } = clipPair(whole);
    this.set({ source, original: pair, clipped, openError: null });
    this.change(pair, { kind: 'opened' }, 0);
  }

  /** Applies a changed pair, which keeps the source of the previous one. */
  tryPair(pair: Pair, name: string): void {
    this.change(pair, { kind: 'try', name }, 0);
  }

  /** Returns to a state of the history. */
  returnTo(id: number): void {
    const entry = this.state.history.find((other) => other.id === id);
    if (entry !== undefined) this.change(entry.pair, { kind: 'returned' }, 0);
  }

  /** Opens the query after `#explore?` in the address: `row=`, counted from 1, or `d=` with a shared pair. */
  openQuery(query: string): Promise<void> {
    return this.opener.address(query);
  }

  /** Opens a row of the open file. @param row its index, from 0. */
  openRow(row: number): Promise<void> {
    return this.opener.row(row);
  }

  /** The row `by` rows after the one shown now or last; null if the file has none. */
  rowFromHere(by: number): number | null {
    const { csv } = this.app.getState();
    if (csv.status !== 'ready') return null;
    const { source } = this.state;
    const row = source.kind === 'row' ? source.row + by : this.opener.latestRow;
    return row >= 0 && row < csv.summary.rows ? row : null;
  }

  /** Changes a turn, at every key. */
  edit(part: keyof Pair, turn: number, text: string): void {
    const { pair, clipped } = clipPair(withText(this.state.pair, part, turn, text));
    if (clipped.length > 0) this.set({ clipped });
    this.change(pair, { kind: 'edit', part, turn }, this.scores.restMs);
  }

  /** Adds a turn to the prompt and to both answers. */
  addTurn(): void {
    this.change(withTurnAdded(this.state.pair), { kind: 'turns' }, 0);
  }

  /** Removes a turn from the prompt and from both answers. The last turn stays. */
  removeTurn(turn: number): void {
    const pair = withoutTurn(this.state.pair, turn);
    if (pair !== this.state.pair) this.change(pair, { kind: 'turns' }, 0);
  }

  private change(pair: Pair, step: Step, delay: number): void {
    const history = recordStep(this.state.history, pair, step, Date.now());
    this.set({ pair, history });
    this.variants.forget(pair);
    this.scores.ask(delay);
  }

  /** Reacts to changes of the page: a new file, or anything that scores depend on. */
  private follow(): void {
    const { csv } = this.app.getState();
    if (csv.status === 'ready') this.opener.follow(csv.summary);
    this.scores.follow();
  }

  /** True for an unedited pair that opened by itself: the first example, or a row of a file. */
  private isUntouched(): boolean {
    const { pair, original, source, history, openError } = this.state;
    const isFirst = original === FIRST.pair && history.length === 1;
    return pair === original && openError === null && (source.kind === 'row' || isFirst);
  }
}

/** The initial state of the explorer. */
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
    tokens: { swapped: false, seen: null, isWanted: false },
  };
}

/** The single store of a page's explorer. */
export const explorerStoreOf = oneForEach(
  (client: ExploreClient, app: AppAccess) => new ExplorerStore(client, app),
);
