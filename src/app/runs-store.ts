import { TiebreakError } from '../core/errors.ts';
import type { StoredRun } from '../run/run-store.ts';
import type { RunClient } from './client.ts';
import type { FileOrigin, RunFiles } from './run-files.ts';
import type { RunNote, RunsState } from './runs-state.ts';
import { isRunning } from './state.ts';
import type { AppStore } from './store.ts';
import { strings } from './strings.ts';

const words = strings.runs;

/** A file that the user chose for a run. */
export interface ChosenFile {
  file: File;
  origin: FileOrigin | null;
}

/** The kept runs, for useSyncExternalStore. Calls never throw: what goes wrong becomes a note at its run. */
export class RunsStore {
  private readonly client: Pick<RunClient, 'listRuns' | 'removeRun'>;
  private readonly app: AppStore;
  private readonly files: RunFiles;
  private readonly listeners = new Set<() => void>();
  private state: RunsState = { runs: null, opening: null, notes: {} };
  private call = 0;
  private wasRunning = false;

  /** Reads the list again whenever a run of this page has ended. */
  constructor(options: {
    client: Pick<RunClient, 'listRuns' | 'removeRun'>;
    app: AppStore;
    files: RunFiles;
  }) {
    this.client = options.client;
    this.app = options.app;
    this.files = options.files;
    this.app.subscribe(() => {
      const running = isRunning(this.app.getState());
      if (this.wasRunning && !running) void this.refresh();
      this.wasRunning = running;
    });
  }

  readonly getState = (): RunsState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Reads the list again. One that cannot be read is an empty one: the page works without. */
  async refresh(): Promise<void> {
    const call = ++this.call;
    const runs = await this.client.listRuns().catch(() => []);
    if (call === this.call) this.set({ runs });
  }

  /** Deletes a run. */
  async remove(id: string): Promise<void> {
    this.note(id, null);
    try {
      await this.client.removeRun(id);
      await this.files.forget(id);
    } catch (thrown) {
      this.note(id, { kind: 'failed', error: thrown as TiebreakError });
    }
    await this.refresh();
  }

  /** Deletes the run whose results are on the page: they were fetched. */
  async fetched(): Promise<void> {
    const { results } = this.app.getState();
    if (results?.complete) await this.remove(results.runId);
  }

  /**
   * Goes on with a run: opens its file and its model, chooses its settings and starts. Needs a click, since the browser may
   * ask whether the file may be read. `otherEngine`: also where the rest will differ in its last digits.
   */
  async continue(
    run: StoredRun,
    {
      chosen = null,
      otherEngine = false,
    }: { chosen?: ChosenFile | null; otherEngine?: boolean } = {},
  ): Promise<void> {
    if (this.state.opening !== null || isRunning(this.app.getState())) return;
    this.note(run.id, null);
    this.set({ opening: run.id });
    const note = await this.open(run, chosen, otherEngine);
    this.set({ opening: null });
    this.note(run.id, note);
    if (note !== null) await this.refresh();
  }

  private async open(
    { id, header }: StoredRun,
    chosen: ChosenFile | null,
    otherEngine: boolean,
  ): Promise<RunNote | null> {
    const { app } = this;
    if (header === null) return null;
    // The file first: the browser asks only as long as the click is fresh.
    const hasFile = () => {
      const { csv } = app.getState();
      return csv.status === 'ready' && csv.summary.sha256 === header.csv.sha256;
    };
    let opened = chosen;
    if (opened === null && !hasFile()) {
      const origin = await this.files.find(id);
      const file = origin === null ? null : await this.files.open(origin);
      if (file === null) return { kind: 'chooseFile' };
      opened = { file, origin };
    }
    const model = this.loadModel(header);
    app.setSettings(header.settings);
    if (opened !== null) await app.openCsv(opened.file, undefined, opened.origin);
    await app.until(({ csv }) => csv.status !== 'reading');
    if (!hasFile()) {
      const { csv } = app.getState();
      if (csv.status === 'failed') return { kind: 'failed', error: csv.error };
      const { name } = header.csv;
      const error = new TiebreakError('page/other-file', words.otherFile(name), {
        action: words.otherFileAction(name),
      });
      return { kind: 'failed', error };
    }
    await model;
    const { model: loaded } = app.getState();
    if (loaded.status === 'failed') return { kind: 'failed', error: loaded.error };
    if (loaded.status !== 'ready' || loaded.info.sha256 !== header.model.sha256) {
      const error = new TiebreakError('page/other-model', words.otherModel(header.model.name), {
        action: words.otherModelAction,
      });
      return { kind: 'failed', error };
    }
    app.setAdapters(header.adapters);
    const error = await app.start({ kind: 'continue', id, otherEngine });
    if (error === null) return null;
    return { kind: error.code === 'journal/engine' ? 'otherEngine' : 'failed', error };
  }

  /** Loads the model of a run, unless it is loaded or nobody knows where it lies. */
  private async loadModel({ model, source }: NonNullable<StoredRun['header']>): Promise<void> {
    const { app } = this;
    await app.until((state) => state.model.status !== 'loading');
    const { model: loaded } = app.getState();
    const isThere = loaded.status === 'ready' && loaded.info.sha256 === model.sha256;
    if (isThere || source === null) return;
    const { embedded } = app;
    const isEmbedded =
      source.kind === 'url' && embedded.kind === 'url' && source.url === embedded.url;
    await app.loadModel(isEmbedded ? embedded : source);
    await app.until((state) => state.model.status !== 'loading');
  }

  private note(id: string, note: RunNote | null): void {
    const { [id]: _, ...notes } = this.state.notes;
    this.set({ notes: note === null ? notes : { ...notes, [id]: note } });
  }

  private set(change: Partial<RunsState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
