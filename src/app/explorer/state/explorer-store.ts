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

/** The pair that the screen opens with: an empty one shows nothing. */
const FIRST = EXAMPLES[0]!;

/**
 * The state of the explorer: the pair and where it came from are changed here, what is found out about the pair by its
 * parts. Calls never throw.
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

  /** Follows the page: to be called when the screen is shown. @returns what ends it. */
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

  /** Takes a pair in place of the one that is there; of very long texts their beginning. */
  setPair(whole: Pair, source: PairSource): void {
    this.opener.supersede();
    const { pair, clipped } = clipPair(whole);
    this.set({ source, original: pair, clipped, openError: null });
    this.change(pair, { kind: 'opened' }, 0);
  }

  /** Takes a changed pair, which comes from where the previous one did. */
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
    this.change(pair, { kind: 'edit', part, turn }, this.scores.restMs);
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

  private change(pair: Pair, step: Step, delay: number): void {
    const history = recordStep(this.state.history, pair, step, Date.now());
    this.set({ pair, history });
    this.variants.forget(pair);
    this.scores.ask(delay);
  }

  /** Takes what is new of the page: a file, or something that scores depend on. */
  private follow(): void {
    const { csv } = this.app.getState();
    if (csv.status === 'ready') this.opener.follow(csv.summary);
    this.scores.follow();
  }

  /** Says whether the pair is one that opened by itself, as it opened: the first example, or a row of a file. */
  private isUntouched(): boolean {
    const { pair, original, source, history, openError } = this.state;
    const isFirst = original === FIRST.pair && history.length === 1;
    return pair === original && openError === null && (source.kind === 'row' || isFirst);
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
    tokens: { swapped: false, seen: null, isWanted: false },
  };
}

/** The one store of a page's explorer. */
export const explorerStoreOf = oneForEach(
  (client: ExploreClient, app: AppAccess) => new ExplorerStore(client, app),
);
