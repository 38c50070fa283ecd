import { asTiebreakError, type TiebreakError } from '../../core/errors.ts';
import type { Pair } from '../../core/settings.ts';
import { recordScore, recordStep, type Step } from '../../explore/history.ts';
import { decodeLink } from '../../explore/link.ts';
import { type OrderScores, orderScores } from '../../explore/scores.ts';
import type { RowTexts } from '../../run/api.ts';
import type { Explored, ExploreRequest } from '../../run/explore-api.ts';
import type { RunClient } from '../client.ts';
import { type AppState, chosenNotice, isRunning } from '../state.ts';
import { nextVariants, triesOf, variantsAtOnce, whyOf, withScores } from './analysis.ts';
import { EXAMPLES } from './examples.ts';
import type { Basis, ExplorerState, PairSource, Score } from './explorer-state.ts';

/** What the explorer needs of the page's store. */
export interface AppAccess {
  getState(): AppState;
  subscribe(listener: () => void): () => void;
  readRow(row: number): Promise<RowTexts>;
  noticeDeath(error: TiebreakError): void;
}

/** What it needs of the run worker. */
export type ExploreClient = Pick<RunClient, 'explore' | 'stopExploring' | 'readTokens'>;

/** What the screen opens with: an empty one shows nothing. */
const FIRST = EXAMPLES[0]!;

/** How long typing must rest before the model is asked, in milliseconds: the slower the model, the longer. */
const REST_MS = { least: 40, most: 600 };
/** Where scoring a pair takes no longer than this, its counterfactuals are scored without being asked for. */
const QUICK_SECONDS = 0.6;
/** Characters from which the two orders of a pair are scored one after the other. */
const LONG_PAIR = 800;

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
    original: FIRST.pair,
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
  /** Goes up with all that makes earlier answers useless. */
  private version = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private inFlight = false;
  private analysing = false;
  /** Goes up with every row or link that is opened. */
  private opening = 0;
  private query = '';
  /** What the latest score took, and the part of it until something could be shown. */
  private lastSeconds = 0;
  private firstSeconds = 0;
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
      // The same row, opened again, may be that of another file; edits stay in the history.
      if (this.state.source.kind === 'row') this.query = '';
      this.giveUp();
    };
  };

  /** Takes a pair in place of the one that is there. */
  setPair(pair: Pair, source: PairSource): void {
    this.opening += 1;
    this.set({ source, original: pair, openError: null });
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

  /** Takes a row of the open file, by its position from 0. */
  async openRow(row: number): Promise<void> {
    this.opening += 1;
    const { opening } = this;
    try {
      const { id, prompt, responseA, responseB, problem } = await this.app.readRow(row);
      if (opening !== this.opening) return;
      const pair = {
        prompt: filled(prompt),
        responseA: filled(responseA),
        responseB: filled(responseB),
      };
      const { csv, settings } = this.app.getState();
      const { textMode } = csv.status === 'ready' ? csv : settings;
      this.setPair(pair, { kind: 'row', row, id, textMode });
      if (problem !== null) this.set({ openError: problem });
    } catch (thrown) {
      if (opening !== this.opening) return;
      this.set({ openError: asTiebreakError(thrown).toPlain() });
    }
  }

  /** Takes what follows `#explore?` in the address: `row=`, counted from 1, or `d=` with a shared pair. */
  async openQuery(query: string): Promise<void> {
    if (query === this.query) return;
    this.query = query;
    const asked = new URLSearchParams(query);
    const row = Number(asked.get('row'));
    if (Number.isInteger(row) && row > 0) return this.openRow(row - 1);
    const data = asked.get('d');
    if (data === null) return;
    this.opening += 1;
    const { opening } = this;
    try {
      const { pair, said } = await decodeLink(data);
      if (opening === this.opening) this.setPair(pair, { kind: 'link', said });
    } catch (thrown) {
      if (opening === this.opening) this.set({ openError: asTiebreakError(thrown).toPlain() });
    }
  }

  /** Changes a turn, as one types. */
  edit(part: keyof Pair, turn: number, text: string): void {
    const turns = this.state.pair[part].map((old, i) => (i === turn ? text : old));
    // An answer may have fewer turns than the prompt: typing in the field gives it what lacks.
    for (let i = turns.length; i <= turn; i += 1) turns.push(i === turn ? text : '');
    const pair = { ...this.state.pair, [part]: turns };
    this.change(pair, { kind: 'edit', part, turn }, restMs(this.firstSeconds));
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

  /** Scores the counterfactuals, of this pair and of those that follow. */
  wantTries(): void {
    if (this.state.tries !== null) return;
    this.set({ tries: triesOf(this.state.pair) });
    void this.analyse(this.version);
  }

  /** Scores the pair without each of its sentences, or stops that. */
  wantWhy(isWanted: boolean): void {
    this.set({ why: isWanted ? whyOf(this.state.pair) : null });
    if (isWanted) void this.analyse(this.version);
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
    this.change(pair, { kind: 'turns' }, 0);
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
    const answer = await this.exploreBoth(
      { texts: both(pair), adapters: [...new Set([...adapters, ...others])], settings },
      adapters,
      version,
    );
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

  /**
   * Asks for both orders of a pair: of a long one first for the order that is shown first, so that half the work is seen in
   * half the time.
   */
  private async exploreBoth(
    request: ExploreRequest,
    chosen: readonly (string | null)[],
    version: number,
  ): Promise<Explored | null> {
    const { texts } = request;
    if (charactersOf(texts[0]!.pair) < LONG_PAIR) {
      const answer = await this.explore(request, version);
      this.firstSeconds = answer?.seconds ?? this.firstSeconds;
      return answer;
    }
    const one = await this.explore({ ...request, texts: texts.slice(0, 1) }, version);
    if (one === null) return null;
    this.firstSeconds = one.seconds;
    const { forward } = orderScores(one.logits, one.adapters, chosen, 0, 0);
    this.set({ first: { pair: texts[0]!.pair, forward, seconds: one.seconds } });
    const other = await this.explore({ ...request, texts: texts.slice(1) }, version);
    return other && joined(one, other);
  }

  /** Asks the worker; null when the answer came too late or there is none, which the state then tells. */
  private async explore(request: ExploreRequest, version: number): Promise<Explored | null> {
    this.inFlight = true;
    try {
      const answer = await this.client.explore(request);
      return version === this.version ? answer : null;
    } catch (thrown) {
      if (version !== this.version) return null;
      const error = asTiebreakError(thrown);
      // Another model is on its way, or a run began: what follows from that comes by itself.
      if (error.code === 'run/cancelled' || error.code === 'explore/busy') return null;
      this.set({ scoring: 'failed', error });
      this.app.noticeDeath(error);
      return null;
    } finally {
      if (version === this.version) this.inFlight = false;
    }
  }

  /** Scores what is wanted of the pair's variants, a few at a time, until the pair is another. */
  private async analyse(version: number): Promise<void> {
    if (this.analysing || this.state.scoring !== 'done') return;
    this.analysing = true;
    try {
      while (version === this.version) {
        const { tries, why } = this.state;
        const next = nextVariants(tries, why, variantsAtOnce(this.lastSeconds));
        if (next === null) return;
        const found = await this.scoreAll(next.pairs, version);
        if (found === null) return;
        this.takeVariants(next.of, next.places, next.pairs, found);
      }
    } finally {
      this.analysing = false;
      // A newer pair may have been scored meanwhile, and found this still at work.
      if (version !== this.version) void this.analyse(this.version);
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
    if (of === 'why' && why?.units[places[0]!]?.without === pairs[0]) {
      this.set({ why: { ...why, scores: withScores(why.scores, places, found) } });
    }
  }

  /** Scores of pairs in both orders; null when there are none, because something else came or they failed. */
  private async scoreAll(pairs: readonly Pair[], version: number): Promise<OrderScores[] | null> {
    const { settings, adapters } = this.app.getState();
    const answer = await this.explore({ texts: pairs.flatMap(both), adapters, settings }, version);
    return (
      answer &&
      pairs.map((_, i) => orderScores(answer.logits, answer.adapters, adapters, 2 * i, 2 * i + 1))
    );
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

/** Two answers to the same question about one text each as an answer about both. */
function joined(one: Explored, other: Explored): Explored {
  const logits = one.adapters.flatMap((_, a) => [
    ...one.logits.subarray(3 * a, 3 * a + 3),
    ...other.logits.subarray(3 * a, 3 * a + 3),
  ]);
  return {
    ...one,
    logits: Float32Array.from(logits),
    facts: [...one.facts, ...other.facts],
    seconds: one.seconds + other.seconds,
  };
}

function charactersOf({ prompt, responseA, responseB }: Pair): number {
  return [...prompt, ...responseA, ...responseB].reduce((sum, { length }) => sum + length, 0);
}

/** A pair in both orders. */
function both(pair: Pair) {
  return [
    { pair, swap: false },
    { pair, swap: true },
  ];
}

/** Were two scores computed by the same means? */
function sameMeans(one: Score, other: Score): boolean {
  return (
    one.settings === other.settings &&
    one.adapters === other.adapters &&
    one.engine.model === other.engine.model
  );
}

/** A text without turns has an empty one to type in; the model reads the same. */
function filled(turns: string[]): string[] {
  return turns.length === 0 ? [''] : turns;
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
