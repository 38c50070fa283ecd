import { adaptersLabel } from '../../domain/adapters.ts';
import { aborted, asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '../../domain/settings.ts';
import type { MissingRows, RunEvent, RunSummary } from '../../scoring/events.ts';
import type { Remedy } from '../../scoring/journal/sitting.ts';
import type { Cost } from '../../scoring/rows/cost-model.ts';
import type {
  JournalRequest,
  ModelRequest,
  ModelSource,
  RowTexts,
} from '../../scoring/worker/api.ts';
import { readCost, readCostOfLargest, writeCost } from '../computer/known-costs.ts';
import { type Rate, rateOfRun } from '../computer/model-times.ts';
import {
  isLost,
  type LastModelNote,
  readLastModel,
  sourceOfLast,
  takesLong,
  writeLastModel,
} from '../models/last-model.ts';
import { exportFromPage } from '../models/local-export.ts';
import { type FileOrigin, newRunId } from '../runs/run-files.ts';
import { type RunClient, WORKER_DEAD } from '../shell/client.ts';
import type { PageStorage } from '../ui/page-storage.ts';
import { takeEvents } from './events.ts';
import { type KeptRows, RowColumns } from './rows.ts';
import { readSettings, readWishes, writeSettings, writeWishes } from './settings-storage.ts';
import {
  type AppState,
  afterDeath,
  canStart,
  chosenNotice,
  initialState,
  isRunning,
  type ModelWishes,
  type ResultsInfo,
} from './state.ts';

export interface StoreOptions {
  client: RunClient;
  storage: PageStorage | null;
  /** The model that the page opens with. */
  embedded: ModelSource;
  /** Keeps where the file of a new run came from. */
  remember?: (runId: string, origin: FileOrigin) => void;
  /** Asks the browser not to clear what is stored here. */
  persist?: () => Promise<unknown>;
  /** For tests: `softwareTwice`: a software GPU counts as two; `batchTokens`: of a batch; `budget`: bytes of each GPU. */
  forTests?: { softwareTwice: boolean; batchTokens?: number; budget?: number };
}

/**
 * The state of the page, for useSyncExternalStore. Calls never throw: what goes wrong becomes part of the state, and no
 * failure takes away results that are there.
 */
export class AppStore {
  readonly rows = new RowColumns();
  private readonly client: RunClient;
  private readonly storage: PageStorage | null;
  readonly embedded: ModelSource;
  private readonly listeners = new Set<() => void>();
  private state: AppState;
  private source: ModelSource;
  private file: File | null = null;
  private origin: FileOrigin | null = null;
  private readonly remember: StoreOptions['remember'];
  private readonly persist: StoreOptions['persist'];
  private readonly forTests: StoreOptions['forTests'];
  /** Results that the page no longer shows, because rows of a new file came, which is not read to its end yet. */
  private before: { rows: KeptRows; results: ResultsInfo } | null = null;
  // Answers and events of anything but the latest call of a kind are old news.
  private modelCall = 0;
  private planCall = 0;
  private csvCall = 0;
  private runCall = 0;
  private emitting: ReturnType<typeof setTimeout> | undefined;
  private loading: Promise<unknown> = Promise.resolve();
  private reading: Promise<unknown> = Promise.resolve();

  constructor(options: StoreOptions) {
    const { client, storage, embedded, remember, persist, forTests } = options;
    this.client = client;
    this.remember = remember;
    this.persist = persist;
    this.forTests = forTests;
    this.storage = storage;
    this.embedded = embedded;
    this.source = embedded;
    this.state = initialState(readSettings(storage), readWishes(storage));
  }

  readonly getState = (): AppState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Settles when the state is as asked. */
  until(holds: (state: AppState) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds(this.state)) return;
        stop();
        resolve();
      };
      const stop = this.subscribe(look);
      look();
    });
  }

  /** Is the model that came with the page chosen? */
  get isEmbedded(): boolean {
    return this.source === this.embedded;
  }

  /** The file whose rows are there; null while there is none. */
  get openFile(): File | null {
    return this.file;
  }

  /** Id of the stored package that is chosen; null for any other model. */
  get storedId(): string | null {
    return this.source.kind === 'stored' ? this.source.id : null;
  }

  /**
   * Loads the model of the last visit: at once, or, where that takes long, once the user agrees. The one that comes with the
   * page takes the place of one that cannot be found again, and the state says so.
   */
  async openLast(): Promise<void> {
    const last = readLastModel(this.storage);
    if (last === null) return this.loadModel();
    const source = sourceOfLast(last);
    if (source === null) return this.fallBack({ kind: 'folder', name: last.name });
    if (!takesLong(last)) return this.restore(source, last.name);
    this.source = source;
    this.set({ model: { status: 'asking', last } });
    return this.plan();
  }

  /** Loads the model that the user was asked about. */
  async loadAsked(): Promise<void> {
    const { model } = this.state;
    if (model.status === 'asking') await this.restore(this.source, model.last.name);
  }

  private async restore(source: ModelSource, name: string): Promise<void> {
    await this.loadModel(source);
    const { model } = this.state;
    if (this.source !== source || model.status !== 'failed' || !isLost(model.error)) return;
    await this.fallBack({ kind: 'lost', name, error: model.error });
  }

  private fallBack(lastModel: LastModelNote): Promise<void> {
    const loading = this.loadModel(this.embedded);
    this.set({ lastModel });
    return loading;
  }

  /** Loads a model; without `source` the chosen one again. One that is still loading is given up. */
  async loadModel(source: ModelSource = this.source): Promise<void> {
    if (isRunning(this.state)) return;
    const call = ++this.modelCall;
    const before = this.state.model.status === 'loading' ? this.loading : null;
    this.source = source;
    this.set({ model: { status: 'loading', progress: null }, lastModel: null });
    // The worker's cancel stops reading too; then it is better to wait.
    if (before !== null && call > 1 && this.state.csv.status !== 'reading') void this.stop();
    await before;
    if (call !== this.modelCall) return;
    this.set({ planned: null });
    void this.plan();
    const loading = this.client.loadModel(this.modelRequest(), (progress) => {
      if (call === this.modelCall && this.state.model.status === 'loading') {
        this.set({ model: { status: 'loading', progress } });
      }
    });
    this.loading = loading.catch(() => undefined);
    try {
      const info = await loading;
      if (call !== this.modelCall) return;
      const names = info.adapters.map(({ name }) => name);
      const { adapters } = this.state;
      const known = adapters.every((name) => name !== null && names.includes(name));
      this.set({
        model: { status: 'ready', info },
        adapters: known ? adapters : [names[0] ?? null],
      });
      writeLastModel(this.storage, this.source, this.embedded, info);
      // Adapters are known now, and with them how much room there was.
      void this.plan();
    } catch (thrown) {
      if (call !== this.modelCall) return;
      const error = asTiebreakError(thrown);
      // Nobody cancels the latest load: it was hit by the cancelling of something else.
      if (error.code === aborted().code) return this.loadModel();
      this.set({ model: { status: 'failed', error } });
      this.noticeDeath(error);
    }
  }

  /** Opens a package beside the loaded model; returns why it cannot be opened, or null. Whether it fits, loading tells. */
  async inspect(source: ModelSource): Promise<TiebreakError | null> {
    try {
      await this.client.planModel({ ...this.modelRequest(), source, load: undefined });
      return null;
    } catch (thrown) {
      return asTiebreakError(thrown);
    }
  }

  private modelRequest(): ModelRequest {
    const { wishes, settings } = this.state;
    const { device, ...others } = wishes;
    return {
      source: this.source,
      load: this.modelCall,
      ...others,
      device: device === 'auto' ? undefined : device,
      maxLength: settings.maxLength,
      softwareTwice: this.forTests?.softwareTwice,
      budgetOfEach: this.forTests?.budget,
    };
  }

  /** Finds out what the chosen model takes. What cannot be read is told by loading it. */
  private async plan(): Promise<void> {
    const call = ++this.planCall;
    const { model, adapters } = this.state;
    const known = model.status === 'ready' ? adapters : undefined;
    const planned = await this.client.planModel(this.modelRequest(), known).catch(() => null);
    if (call === this.planCall) this.set({ planned });
  }

  /** Chooses device, precision, executor, GPUs or how much of them may be used, and loads the model again. */
  setWishes(change: Partial<ModelWishes>): Promise<void> {
    if (isRunning(this.state)) return Promise.resolve();
    const wishes = { ...this.state.wishes, ...change };
    this.set({ wishes });
    writeWishes(this.storage, wishes);
    return this.state.model.status === 'asking' ? this.plan() : this.loadModel();
  }

  setAdapters(adapters: (string | null)[]): void {
    if (isRunning(this.state)) return;
    this.set({ adapters });
    void this.plan();
  }

  /** Changes settings. Another text mode reads the file again, at once or, where that would cost results, at the start. */
  setSettings(change: Partial<RunSettings>): void {
    if (isRunning(this.state)) return;
    const settings = { ...this.state.settings, ...change };
    this.set({ settings });
    writeSettings(this.storage, settings);
    if (change.maxLength !== undefined) void this.plan();
    if (this.isOutdated() && this.state.results === null && this.file !== null) {
      void this.openCsv(this.file, undefined, this.origin);
    }
  }

  /** Back to what the notebook does. */
  resetSettings(): void {
    this.setSettings(DEFAULT_SETTINGS);
  }

  /**
   * Reads a file. Rows and results of an earlier one stay until the first row of this one is there; the results come
   * back when this one cannot be read to its end. `origin`: where the page finds it again after a reload.
   */
  async openCsv(
    choice: File | Promise<File>,
    name = 'name' in choice ? choice.name : '',
    origin: FileOrigin | null = null,
  ) {
    if (isRunning(this.state)) return;
    const call = ++this.csvCall;
    const wasReading = this.state.csv.status === 'reading';
    this.set({
      csv: { status: 'reading', name, bytes: 0, totalBytes: 0, rows: 0 },
      run: { status: 'idle' },
      exportError: null,
    });
    if (wasReading && this.state.model.status !== 'loading') void this.stop();
    await this.reading;
    let fresh = false;
    const replace = () => {
      if (fresh) return;
      fresh = true;
      const { results } = this.state;
      const rows = this.rows.clear();
      if (results !== null) this.before = { rows, results };
      this.assign({ results: null });
    };
    try {
      const file = await choice;
      if (call !== this.csvCall) return;
      const { settings } = this.state;
      const reading = this.client.openCsv(file, settings, (events) => {
        if (call !== this.csvCall) return;
        if (events.some(({ type }) => type === 'rows')) replace();
        this.take(events);
      });
      this.reading = reading.catch(() => undefined);
      const summary = await reading;
      // The worker has let go of the file before, also where another one was chosen meanwhile.
      replace();
      this.before = null;
      if (call !== this.csvCall) return;
      this.file = file;
      this.origin = origin;
      this.set({ csv: { status: 'ready', summary, textMode: settings.textMode } });
      if (this.isOutdated()) void this.openCsv(file, undefined, origin); // the mode was changed while it was read
    } catch (thrown) {
      if (call !== this.csvCall) return;
      const error = asTiebreakError(thrown);
      this.csvCall += 1; // rows that are still on their way are of no use
      this.bringBack();
      this.set({
        csv: error.code === aborted().code ? { status: 'none' } : { status: 'failed', name, error },
      });
      this.noticeDeath(error);
    }
  }

  /**
   * Scores the open file with the chosen model, adapter and settings: anew, or going on with a saved run. The run
   * `replaces` is deleted once the new one is complete.
   * @returns why it did not start, where that is about the run that is to be continued; else null.
   */
  async start(
    how: { replaces?: string } | Extract<JournalRequest, { kind: 'continue' }> = {},
  ): Promise<TiebreakError | null> {
    if (!canStart(this.state)) return null;
    if (this.isOutdated() && this.file !== null) {
      await this.openCsv(this.file, undefined, this.origin);
      if (!canStart(this.state)) return null;
    }
    const { model, csv, adapters, settings } = this.state;
    if (model.status !== 'ready' || csv.status !== 'ready') return null;
    const journal: JournalRequest =
      'kind' in how ? how : { kind: 'new', id: newRunId(), replaces: how.replaces };
    const runId = journal.id;
    if (this.origin !== null) this.remember?.(runId, this.origin);
    const call = ++this.runCall;
    const adapter = adaptersLabel(adapters);
    const notice = chosenNotice(this.state);
    const engine = { ...model.info.engine, adapter, notice };
    const others = model.info.lanes.flatMap((lane) => lane.engine ?? []).slice(1);
    const batchTokens = this.forTests?.batchTokens;
    // What is kept of the run lasts only as long as the browser lets it.
    void this.persist?.().catch(() => undefined);
    let fresh = false;
    // Until this run shows a sign of life, the results of the one before are the ones there are.
    const replace = () => {
      if (fresh) return;
      fresh = true;
      this.rows.clearResults();
      const { name: fileName, sha256: fileSha256, problemRows } = csv.summary;
      this.assign({
        results: {
          fileName,
          fileSha256,
          modelSha256: model.info.sha256,
          adapters,
          settings,
          engine,
          others,
          earlier: [],
          runId,
          unjournaled: null,
          complete: false,
          problemRows,
          summary: null,
        },
      });
    };
    this.set({
      run: { status: 'running', progress: null, rest: { status: 'no' } },
      incidents: [],
      exportError: null,
    });
    try {
      const summary = await this.client.start(
        { adapters, settings, journal, batchTokens, knownCost: this.knownCost() },
        (events) => {
          if (call !== this.runCall || this.state.csv !== csv) return;
          if (events.some(({ type }) => type !== 'rows' && type !== 'reading')) replace();
          this.take(events);
        },
      );
      replace();
      this.finish(summary);
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      if ('kind' in how && !fresh && error.code.startsWith('journal/')) {
        this.set({ run: { status: 'idle' } });
        return error;
      }
      this.set({
        run:
          error.code === aborted().code
            ? { status: 'ended', outcome: 'cancelled' }
            : { status: 'failed', error },
      });
      this.noticeDeath(error);
    }
    return null;
  }

  /** Lets the run rest, as soon as the batch in flight has ended. */
  async pause(): Promise<void> {
    const { run } = this.state;
    if (run.status !== 'running' || run.rest.status !== 'no') return;
    this.set({ run: { ...run, rest: { status: 'asked' } } });
    await this.client.pause().catch((thrown) => this.noticeDeath(asTiebreakError(thrown)));
  }

  /** Lets the run go on. `remedy`: what to do where it rests because it cannot be written down. */
  async resume(remedy?: Remedy): Promise<void> {
    const { run } = this.state;
    if (run.status !== 'running' || run.rest.status === 'no') return;
    this.set({ run: { ...run, rest: { status: 'no' } } });
    await this.client.resume(remedy).catch((thrown) => this.noticeDeath(asTiebreakError(thrown)));
  }

  /** Stops the run. The page says so at once; the worker follows within a second. */
  async cancel(): Promise<void> {
    const { run } = this.state;
    if (run.status !== 'running') return;
    this.set({ run: { ...run, status: 'cancelling' } });
    await this.stop();
  }

  /** Stops reading a file. */
  async cancelReading(): Promise<void> {
    if (this.state.csv.status === 'reading' && !isRunning(this.state)) await this.stop();
  }

  /** The results as CSV; null when that failed, with the reason in the state. */
  async exportCsv(missing: MissingRows): Promise<Blob | null> {
    this.set({ exportError: null });
    try {
      return await this.client.exportCsv(missing);
    } catch (thrown) {
      // A worker that died, or the new one after it, has no results: the page has the numbers too.
      if (this.rows.scored > 0) return await exportFromPage(this.rows, missing);
      this.set({ exportError: asTiebreakError(thrown) });
      return null;
    }
  }

  /** Texts of a row. @throws TiebreakError */
  readRow(row: number): Promise<RowTexts> {
    return this.client.readRow(row);
  }

  /** Half a file is no file: it goes, and the results that it took the place of are there again. */
  private bringBack(): void {
    const { before } = this;
    this.before = null;
    if (before !== null) {
      this.rows.restore(before.rows);
      this.assign({ results: before.results });
    } else if (this.state.results === null) {
      this.rows.clear();
    }
  }

  private take(events: RunEvent[]): void {
    this.assign(takeEvents(events, this.rows, this.state));
    // Drawing gets a task of its own: taking in thousands of rows and drawing them together would be a long one.
    this.emitting ??= setTimeout(this.emit);
  }

  /** What work cost in the last run of the chosen model where it computes now; null where that is not known. */
  knownCost(): Cost | null {
    const { model, adapters } = this.state;
    return model.status === 'ready' ? readCost(this.storage, model.info, adapters.length) : null;
  }

  /** How fast the last runs were where the chosen model computes; null where that is not known. */
  knownRate(): Rate | null {
    const { model } = this.state;
    if (model.status !== 'ready') return null;
    const known = readCostOfLargest(this.storage, model.info);
    return known && rateOfRun(known.cost, known.flops, model.info.engine);
  }

  private finish(summary: RunSummary): void {
    const { results, model, adapters } = this.state;
    if (summary.cost && model.status === 'ready') {
      writeCost(this.storage, model.info, adapters.length, summary.cost);
    }
    const { settings, engine, others = [], earlier = [], complete, problemRows } = summary;
    this.set({
      run: { status: 'ended', outcome: complete ? 'complete' : 'cancelled' },
      results: results && {
        ...results,
        settings,
        engine,
        others,
        earlier,
        complete,
        problemRows,
        summary,
      },
    });
  }

  /** Was the file read in another text mode than the settings say? */
  private isOutdated(): boolean {
    const { csv, settings } = this.state;
    return csv.status === 'ready' && csv.textMode !== settings.textMode;
  }

  private stop(): Promise<void> {
    return this.client.cancel().catch((thrown) => this.noticeDeath(asTiebreakError(thrown)));
  }

  /** Takes note that the worker died, where an error says so: a new one knows neither model nor file. */
  noticeDeath(error: TiebreakError): void {
    if (error.code === WORKER_DEAD) this.set(afterDeath(this.state, error));
  }

  private set(change: Partial<AppState>): void {
    this.assign(change);
    this.emit();
  }

  private assign(change: Partial<AppState>): void {
    this.state = { ...this.state, ...change, rowsVersion: this.rows.version };
  }

  private readonly emit = (): void => {
    clearTimeout(this.emitting);
    this.emitting = undefined;
    for (const listener of this.listeners) listener();
  };
}
