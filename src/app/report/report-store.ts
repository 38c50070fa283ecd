import { aborted, asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import type { RunResults, RunSource } from '../../report/api.ts';
import type { OtherRun } from '../../report/other-run.ts';
import { ALL_ROWS, type Filter, type Query, subjectOf, withFilter } from '../../report/query.ts';
import type { Average, PostProcessing } from '../../stats/post.ts';
import type { RowColumns } from '../score/rows.ts';
import { type AppState, isRunning, type ResultsInfo } from '../score/state.ts';
import { type Readable, Store } from '../state/store.ts';
import { manifestOf } from './manifest.ts';
import type { ReportClient } from './report-client.ts';
import {
  BOOTSTRAP,
  NO_REPORT,
  type Reading,
  type ReportState,
  withoutAdapters,
  withoutComparison,
} from './report-state.ts';
import { choicesOf, resultsOf } from './taken.ts';

const EQUAL_PARTS: Average = { of: 'probabilities', weight: 1, members: [] };
const NO_INTERVALS = { draws: 0, seed: 0 } as const;
/** So long after the last key a text is looked for. */
const TYPING_MS = 250;

/** What the report looks at of the page. */
export interface ReportedApp extends Readable<AppState> {
  readonly rows: RowColumns;
  readonly file: { readonly current: File | null };
}

/** An export: the rows, and what they are. */
export interface Exported {
  csv: Blob;
  manifest: Blob;
}

/**
 * The state of the report. It follows the results of the page; calls never throw: what goes wrong
 * becomes part of the state.
 */
export class ReportStore extends Store<ReportState> {
  private readonly client: ReportClient;
  private readonly app: ReportedApp;
  /** What the table was read from. */
  private opened: { file: File; textMode: string } | null = null;
  /** Which results were taken. */
  private taken: { results: ResultsInfo; version: number } | null = null;
  /** What the figures are to be of and their worker has not yet. */
  private unsent: RunResults | null = null;
  // Answers to anything but the latest call of a kind are old news.
  private syncCall = 0;
  private figuresCall = 0;
  private findCall = 0;
  private readonly readCalls = { compare: 0, average: 0 };
  private typing: ReturnType<typeof setTimeout> | undefined;

  constructor(app: ReportedApp, client: ReportClient) {
    super(NO_REPORT);
    this.app = app;
    this.client = client;
  }

  /** Follows the page's results until the function is called that it gives. */
  follow(): () => void {
    void this.sync();
    return this.app.subscribe(() => void this.sync());
  }

  /** Takes in the page's results, where they are others than those that were taken. */
  async sync(): Promise<void> {
    const app = this.app.getState();
    const { rows } = this.app;
    const file = this.app.file.current;
    const { results } = app;
    if (results === null || rows.scored === 0 || file === null) {
      this.forget('none');
      return;
    }
    if (isRunning(app)) {
      this.forget('running');
      return;
    }
    if (this.taken?.results === results && this.taken.version === rows.version) return;
    this.taken = { results, version: rows.version };
    const call = ++this.syncCall;
    const { textMode } = results.settings;
    try {
      if (this.opened?.file !== file || this.opened.textMode !== textMode) {
        this.opened = null;
        this.dropReading();
        this.set({ ...NO_REPORT, phase: 'reading' });
        const { table, facts } = await this.client.open(file, textMode, (bytes) => {
          if (call === this.syncCall) this.set({ fraction: bytes / Math.max(file.size, 1) });
        });
        if (call !== this.syncCall) return;
        this.opened = { file, textMode };
        this.set({ table, facts });
      }
      const taken = resultsOf(rows, results.adapters);
      // Those that something was chosen of are another run's.
      this.set(withoutAdapters(this.state));
      await this.client.setResults(taken);
      if (call !== this.syncCall) return;
      this.unsent = taken;
      await this.take();
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      if (call === this.syncCall && error.code !== aborted().code) {
        this.taken = null;
        this.set({ phase: 'failed', error });
      }
    }
  }

  /** Adds filters in place of those about the same things, or takes them away where all of them are on. */
  toggle(...added: Filter[]): void {
    const { filters } = this.state.query;
    const subjects = added.map(subjectOf);
    this.setQuery({
      filters: added.every((filter) => this.has(filter))
        ? filters.filter((filter) => !subjects.includes(subjectOf(filter)))
        : added.reduce(withFilter, [...filters]),
    });
  }

  /** Takes away the filter about the same thing. */
  remove(filter: Filter): void {
    const filters = this.state.query.filters.filter(
      (other) => subjectOf(other) !== subjectOf(filter),
    );
    this.setQuery({ filters });
  }

  /** Is this very filter on? */
  has(filter: Filter): boolean {
    return this.state.query.filters.some((other) => isSame(other, filter));
  }

  /** All rows again; the order stays. */
  clearFilters(): void {
    this.setQuery({ filters: ALL_ROWS.filters, text: '' });
  }

  setSort(sort: Query['sort']): void {
    this.setQuery({ sort });
  }

  /** Looks for a text once the user stops typing. */
  setText(text: string): void {
    this.set({ query: { ...this.state.query, text } });
    clearTimeout(this.typing);
    this.typing = setTimeout(() => void this.find(), TYPING_MS);
  }

  /** Stops looking for a text; what was found stays. */
  async stopFinding(): Promise<void> {
    this.findCall += 1;
    this.set({ finding: false });
    await this.client.stop().catch(() => undefined);
  }

  async setPost(change: Partial<PostProcessing>): Promise<void> {
    this.set({ post: { ...this.state.post, ...change } });
    await this.take();
  }

  /** Compares with another run of this file, or with an adapter of this run, by its place. */
  async compareWith(source: RunSource | { adapter: number }, name: string): Promise<void> {
    if ('adapter' in source) {
      this.readCalls.compare += 1;
      this.setReading('compare', { busy: false, error: null });
      this.set({ other: { ...source, name } });
      return this.take();
    }
    await this.readRun('compare', source, (run) => this.set({ other: { ...run, name } }));
  }

  /** What is compared with the other side: an adapter of this run, by its place, or null for the run itself. */
  async compare(one: number | null): Promise<void> {
    this.set({ one });
    if (this.state.other !== null) await this.take();
  }

  /** Compares with nothing any more. */
  async stopComparing(): Promise<void> {
    this.readCalls.compare += 1;
    this.set(withoutComparison(this.state));
    await this.take();
  }

  /** Averages with one more run of this file. All runs count alike until the user weights them. */
  async averageWith(source: RunSource, name: string): Promise<void> {
    await this.readRun('average', source, (run) => {
      const { members, post } = this.state;
      const average = post.average ?? EQUAL_PARTS;
      this.set({
        members: [...members, { ...run, name }],
        post: {
          ...post,
          average: { ...average, members: [...average.members, { name, weight: 1 }] },
        },
      });
    });
  }

  /** Leaves a run out of the mean. @param place among the members. */
  async dropMember(place: number): Promise<void> {
    const { members, post } = this.state;
    const without = <T>(all: readonly T[]) => all.filter((_, i) => i !== place);
    const { average } = post;
    if (average === null) return;
    const left = without(average.members);
    this.set({
      members: without(members),
      post: { ...post, average: left.length === 0 ? null : { ...average, members: left } },
    });
    this.setReading('average', { ...this.state.reading.average, error: null });
    await this.take();
  }

  /** The rows that are shown, as CSV, and a manifest of what they are; null when that failed. */
  async exportShown(): Promise<Exported | null> {
    const { view } = this.state;
    const { results, csv: file } = this.app.getState();
    if (view === null || results === null) return null;
    this.set({ exporting: true, exportError: null });
    try {
      const { csv, sha256 } = await this.client.exportRows(view.rows);
      await this.figuresDone();
      const manifest = manifestOf({ report: this.state, results, file, sha256, csv });
      this.set({ exporting: false });
      const text = `${JSON.stringify(manifest, null, 2)}\n`;
      return { csv, manifest: new Blob([text], { type: 'application/json' }) };
    } catch (thrown) {
      this.set({ exporting: false, exportError: asTiebreakError(thrown) });
      return null;
    }
  }

  /** Settles when every figure has its interval, or none will come. */
  figuresDone(): Promise<void> {
    return this.until(({ figures, phase }) => figures.done || phase !== 'ready');
  }

  private forget(phase: 'none' | 'running'): void {
    if (this.taken === null && this.state.phase === phase) return;
    this.taken = null;
    this.syncCall += 1;
    this.figuresCall += 1;
    this.findCall += 1;
    this.dropReading();
    // The table stays: the next results are mostly of the same file.
    const { table, facts } = this.state;
    this.set({ ...NO_REPORT, phase, table, facts });
  }

  /** Reads another run; the latest call for a purpose wins. */
  private async readRun(
    purpose: keyof ReportState['reading'],
    source: RunSource,
    use: (run: OtherRun) => void,
  ): Promise<void> {
    this.readCalls[purpose] += 1;
    const call = this.readCalls[purpose];
    this.setReading(purpose, { busy: true, error: null });
    try {
      const run = await this.client.readOther(source);
      if (call !== this.readCalls[purpose]) return;
      this.setReading(purpose, { busy: false, error: null });
      use(run);
      await this.take();
    } catch (thrown) {
      if (call !== this.readCalls[purpose]) return;
      this.setReading(purpose, { busy: false, error: asTiebreakError(thrown) });
    }
  }

  /** What is being read of other runs is of no use any more. */
  private dropReading(): void {
    this.readCalls.compare += 1;
    this.readCalls.average += 1;
  }

  private setReading(purpose: keyof ReportState['reading'], reading: Reading): void {
    this.set({ reading: { ...this.state.reading, [purpose]: reading } });
  }

  /** Gives what was chosen to the workers, and asks for everything anew. */
  private async take(): Promise<void> {
    const { table } = this.state;
    if (this.taken === null || table === null) return;
    const call = ++this.figuresCall;
    const choices = choicesOf(this.state);
    const { unsent } = this;
    const isNews = () => call === this.figuresCall;
    try {
      const probabilities = await this.client.choose(choices);
      if (!isNews()) return;
      this.set({ phase: 'ready', error: null, probabilities });
      // Drawing gets a task of its own.
      await new Promise((resolve) => setTimeout(resolve));
      void this.find();
      if (unsent !== null) {
        await this.client.setData(table, unsent);
        if (this.unsent === unsent) this.unsent = null;
        if (!isNews()) return;
      }
      await this.client.judge(choices);
      const distribution = await this.client.distribution();
      if (!isNews()) return;
      // Figures at once, all in their places; their intervals when they are there.
      const rough = await this.client.quality(NO_INTERVALS);
      if (!isNews()) return;
      const { comparison: pair, ...before } = this.state.figures;
      // What is computed later stays as it was until then, so that nothing jumps.
      this.setFigures({
        ...before,
        comparison: choices.compared === null ? null : pair,
        done: false,
        distribution,
        quality: rough,
        roughly: rough !== null,
      });
      if (rough !== null) {
        const quality = await this.client.quality(BOOTSTRAP);
        if (!isNews()) return;
        this.setFigures({ quality, roughly: false });
      }
      const effects = await this.client.effects(BOOTSTRAP);
      if (isNews()) this.setFigures({ effects });
      if (!isNews()) return;
      const comparison = await this.client.comparison(BOOTSTRAP);
      if (isNews()) this.setFigures({ comparison });
      if (!isNews()) return;
      if (this.state.figures.adapters === null) {
        // They depend on no choice.
        const adapters = await this.client.adapters(BOOTSTRAP);
        if (!isNews()) return;
        this.setFigures({ adapters });
      }
      const leaderboard = await this.client.leaderboard(BOOTSTRAP);
      if (isNews()) this.setFigures({ leaderboard, done: true });
    } catch (thrown) {
      if (isNews()) this.set({ phase: 'failed', error: asTiebreakError(thrown) });
    }
  }

  private setQuery(change: Partial<Query>): void {
    this.set({ query: { ...this.state.query, ...change } });
    void this.find();
  }

  private async find(): Promise<void> {
    clearTimeout(this.typing);
    if (this.state.probabilities === null) return;
    const call = ++this.findCall;
    this.set({ finding: true });
    try {
      const view = await this.client.find(this.state.query, (part) => {
        if (call === this.findCall) this.set({ view: part });
      });
      if (call === this.findCall) this.set({ view, finding: false });
    } catch (thrown) {
      const error: TiebreakError = asTiebreakError(thrown);
      if (call !== this.findCall) return;
      this.set({ finding: false });
      if (error.code !== aborted().code) this.set({ phase: 'failed', error });
    }
  }

  private setFigures(change: Partial<ReportState['figures']>): void {
    this.set({ figures: { ...this.state.figures, ...change } });
  }
}

function isSame(one: Filter, other: Filter): boolean {
  const keys = Object.keys(one) as (keyof Filter)[];
  return keys.every((key) => one[key] === other[key]) && one.kind === other.kind;
}
