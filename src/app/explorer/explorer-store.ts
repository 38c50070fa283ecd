import { asTiebreakError } from '../../core/errors.ts';
import type { Pair } from '../../core/settings.ts';
import { orderScores } from '../../explore/scores.ts';
import type { RunClient } from '../client.ts';
import { type AppState, chosenNotice, isRunning } from '../state.ts';
import { EXAMPLES } from './examples.ts';
import type { Basis, ExplorerState, PairSource, Score } from './explorer-state.ts';

/** What the explorer needs of the page's store. */
export interface AppAccess {
  getState(): AppState;
  subscribe(listener: () => void): () => void;
}

/** What it needs of the run worker. */
export type ExploreClient = Pick<RunClient, 'explore' | 'stopExploring' | 'readTokens'>;

/** What the screen opens with: an empty one shows nothing. */
const FIRST = EXAMPLES[0]!;

/** How long typing must rest before the model is asked, in milliseconds: the slower the model, the longer. */
const REST_MS = { least: 40, most: 600 };

/**
 * The state of the explorer, for useSyncExternalStore. It asks the model again whenever the pair, the settings or the chosen
 * adapters change, and drops answers that came too late. Calls never throw.
 */
export class ExplorerStore {
  private readonly client: ExploreClient;
  private readonly app: AppAccess;
  private readonly listeners = new Set<() => void>();
  private state: ExplorerState = {
    pair: FIRST.pair,
    source: { kind: 'example', id: FIRST.id },
    scoring: 'model',
    score: null,
    error: null,
    compares: false,
    tokens: { swap: false, seen: null, isWanted: false },
  };
  /** Goes up with all that makes earlier answers useless. */
  private version = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private inFlight = false;
  private lastSeconds = 0;
  /** What of the page's state the latest question was about. */
  private asked: unknown[] = [];
  private stopWatching: (() => void) | null = null;

  constructor(client: ExploreClient, app: AppAccess) {
    this.client = client;
    this.app = app;
  }

  readonly getState = (): ExplorerState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

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
      this.giveUp();
    };
  };

  /** Takes a pair in place of the one that is there. */
  setPair(pair: Pair, source: PairSource): void {
    this.set({ pair, source });
    this.ask(0);
  }

  /** Changes a turn, as one types. */
  edit(part: keyof Pair, turn: number, text: string): void {
    const turns = this.state.pair[part].map((old, i) => (i === turn ? text : old));
    this.set({ pair: { ...this.state.pair, [part]: turns } });
    this.ask(restMs(this.lastSeconds));
  }

  /** Adds a turn to the prompt and to both answers. */
  addTurn(): void {
    const { prompt, responseA, responseB } = this.state.pair;
    const count = Math.max(prompt.length, responseA.length, responseB.length) + 1;
    const grown = (turns: string[]) => [
      ...turns,
      ...Array.from({ length: count - turns.length }, () => ''),
    ];
    this.replacePair({
      prompt: grown(prompt),
      responseA: grown(responseA),
      responseB: grown(responseB),
    });
  }

  /** Takes a turn out of the prompt and of both answers; the last one that is left stays. */
  removeTurn(turn: number): void {
    const { prompt, responseA, responseB } = this.state.pair;
    if (Math.max(prompt.length, responseA.length, responseB.length) < 2) return;
    const without = (turns: string[]) => turns.filter((_, i) => i !== turn);
    this.replacePair({
      prompt: without(prompt),
      responseA: without(responseA),
      responseB: without(responseB),
    });
  }

  /** Asks all adapters, or only those that are chosen. */
  setCompares(compares: boolean): void {
    this.set({ compares });
    this.ask(0);
  }

  /** Shows the tokens of a text, or no tokens. */
  setTokens(change: { swap?: boolean; isWanted?: boolean }): void {
    this.set({ tokens: { ...this.state.tokens, ...change, seen: null } });
    void this.readTokens(this.version);
  }

  /** Asks again, after a failure. */
  retry(): void {
    this.ask(0);
  }

  private replacePair(pair: Pair): void {
    this.set({ pair });
    this.ask(0);
  }

  /** Asks again where the page's state is another in what matters here. */
  private follow(): void {
    const app = this.app.getState();
    const { model, settings, adapters } = app;
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
    const { version } = this;
    this.set({ scoring: isRunning(app) ? 'run' : 'scoring', error: null });
    this.timer = setTimeout(() => {
      void this.readTokens(version);
      if (!isRunning(app)) void this.score(version);
    }, delay);
  }

  private giveUp(): void {
    this.version += 1;
    clearTimeout(this.timer);
    if (!this.inFlight) return;
    this.inFlight = false;
    // The device is free again by the time typing rests.
    void this.client.stopExploring().catch(() => undefined);
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
    const texts = [
      { pair, swap: false },
      { pair, swap: true },
    ];
    this.inFlight = true;
    try {
      const answer = await this.client.explore({
        texts,
        adapters: [...new Set([...adapters, ...others])],
        settings,
      });
      if (version !== this.version) return;
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
      this.set({ scoring: 'done', score });
    } catch (thrown) {
      if (version !== this.version) return;
      const error = asTiebreakError(thrown);
      // Another model is on its way, or a run began: what follows from that comes by itself.
      if (error.code === 'run/cancelled' || error.code === 'explore/busy') return;
      this.set({ scoring: 'failed', error });
    } finally {
      if (version === this.version) this.inFlight = false;
    }
  }

  private async readTokens(version: number): Promise<void> {
    const { pair, tokens } = this.state;
    const { model, settings } = this.app.getState();
    if (!tokens.isWanted || model.status !== 'ready') return;
    const { swap } = tokens;
    try {
      const seen = await this.client.readTokens({ pair, swap, settings });
      if (version !== this.version || swap !== this.state.tokens.swap) return;
      this.set({ tokens: { ...this.state.tokens, seen } });
    } catch {
      // The same tokenizer is asked for the score, which tells what went wrong.
    }
  }

  private set(change: Partial<ExplorerState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

function restMs(seconds: number): number {
  return Math.max(REST_MS.least, Math.min(REST_MS.most, seconds * 500));
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
