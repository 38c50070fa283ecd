import { asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import { MAX_RUN_NAME, type RunNotes } from '../../scoring/journal/run-notes.ts';
import type { StoredRun } from '../../scoring/journal/run-store.ts';
import { strings } from '../i18n/strings.ts';
import { isRunning } from '../score/state.ts';
import type { AppStore } from '../score/store.ts';
import type { RunClient } from '../shell/client.ts';
import { Store } from '../state/store.ts';
import type { FileOrigin, RunFiles } from './run-files.ts';
import { hasUnsaved, type RunNote, type RunsState, type StorageSpace } from './runs-state.ts';

const words = strings.runs;

/** A file that the user chose for a run. */
export interface ChosenFile {
  file: File;
  origin: FileOrigin | null;
}

type RunsClient = Pick<RunClient, 'listRuns' | 'removeRun' | 'noteRun' | 'exportRun' | 'hashCsv'>;

/** How a run is to be continued. */
interface How {
  chosen?: ChosenFile | null;
  otherEngine?: boolean;
}

/** The saved runs. Calls never throw: what goes wrong becomes a note at its run. */
export class RunsStore extends Store<RunsState> {
  private readonly client: RunsClient;
  private readonly app: AppStore;
  private readonly files: RunFiles;
  private readonly estimate: () => Promise<StorageSpace | null>;
  private call = 0;
  /** Lists that are being read. */
  private reads = 0;
  private answer: (agreed: boolean) => void = () => undefined;
  private wasRunning = false;

  /**
   * Reads the list again whenever a run of this page has ended. `estimate`: what the browser gives this page to store; left out
   * where nobody knows.
   */
  constructor(options: {
    client: RunsClient;
    app: AppStore;
    files: RunFiles;
    estimate?: () => Promise<StorageSpace | null>;
  }) {
    super({
      runs: null,
      findable: new Set(),
      space: null,
      opening: null,
      notes: {},
      asking: null,
    });
    this.client = options.client;
    this.estimate = options.estimate ?? (async () => null);
    this.app = options.app;
    this.files = options.files;
    this.app.subscribe(() => {
      const running = isRunning(this.app.getState());
      if (this.wasRunning && !running) void this.refresh();
      this.wasRunning = running;
    });
  }

  /** Reads the list again. One that cannot be read is an empty one: the page works without. */
  async refresh(): Promise<void> {
    const call = ++this.call;
    this.reads += 1;
    const [runs, space] = await Promise.all([
      this.client.listRuns().catch(() => []),
      this.estimate().catch(() => null),
    ]);
    this.reads -= 1;
    const found = await Promise.all(runs.map(({ id }) => this.files.find(id)));
    const findable = new Set(runs.flatMap(({ id }, i) => (found[i] === null ? [] : [id])));
    if (call === this.call) this.set({ runs, space, findable });
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

  /** Gives a run a name; an empty one takes it away. */
  rename(id: string, name: string): Promise<void> {
    return this.change(id, { name: name.trim().slice(0, MAX_RUN_NAME) || undefined });
  }

  /** Notes that the submission of the results on the page was downloaded. */
  async downloaded(): Promise<void> {
    const { results } = this.app.getState();
    if (results?.complete && results.unjournaled === null) {
      await this.change(results.runId, { downloaded: new Date().toISOString() });
    }
  }

  /** Notes the log loss of a run that its labels gave. */
  async judged(id: string, logLoss: { value: number; rows: number }): Promise<void> {
    // JSON has no infinity: with it all notes of the run would be lost.
    if (!Number.isFinite(logLoss.value)) return;
    const known = this.state.runs?.find((run) => run.id === id)?.notes.logLoss;
    if (known?.value === logLoss.value && known.rows === logLoss.rows) return;
    await this.change(id, { logLoss });
  }

  private async change(id: string, notes: RunNotes): Promise<void> {
    try {
      await this.client.noteRun(id, notes);
    } catch (thrown) {
      this.note(id, { kind: 'failed', error: asTiebreakError(thrown) });
      return this.refresh();
    }
    const { runs } = this.state;
    // A list that is on its way may be older than the note; the journals themselves have not changed.
    if (runs === null || this.reads > 0 || !runs.some((run) => run.id === id)) {
      return this.refresh();
    }
    this.set({
      runs: runs.map((run) =>
        run.id === id ? { ...run, notes: { ...run.notes, ...notes } } : run,
      ),
    });
  }

  /** The journal of a run, for saving as a file; null when that failed, with the reason at the run. */
  async exportJournal(id: string): Promise<Blob | null> {
    this.note(id, null);
    try {
      return await this.client.exportRun(id);
    } catch (thrown) {
      this.note(id, { kind: 'failed', error: asTiebreakError(thrown) });
      return null;
    }
  }

  /**
   * Goes on with a run: opens its file and its model, chooses its settings and starts. Needs a click, since the browser may
   * ask whether the file may be read. `otherEngine`: also where the rest will differ in its last digits. Unsaved results of
   * another run are discarded only when the user agrees. Settles when the run has ended.
   * @returns true when it went on.
   */
  async continue(run: StoredRun, { chosen = null, otherEngine = false }: How = {}) {
    const isBusy = () => this.state.opening !== null || isRunning(this.app.getState());
    if (isBusy()) return false;
    this.note(run.id, null);
    if (hasUnsaved(this.app.getState(), this.app.rows) && !(await this.agreed(run))) return false;
    if (isBusy()) return false;
    this.set({ opening: run.id });
    const note = await this.open(run, chosen, otherEngine);
    this.set({ opening: null });
    this.note(run.id, note);
    if (note !== null) await this.refresh();
    return note === null;
  }

  /** Takes the answer of the user whom {@link RunsState.asking} makes the page ask. */
  readonly decide = (agreed: boolean): void => {
    const { answer } = this;
    this.answer = () => undefined;
    this.set({ asking: null });
    answer(agreed);
  };

  private agreed(run: StoredRun): Promise<boolean> {
    this.decide(false);
    this.set({ asking: run });
    return new Promise((resolve) => {
      this.answer = resolve;
    });
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
    // Another file takes the place of nothing that is open, whatever its name and length.
    if (opened !== null && !(await this.isSame(opened.file, header.csv.sha256))) {
      return { kind: 'chooseFile', wrong: opened.file.name };
    }
    const model = this.loadModel(header);
    app.settings.set(header.settings);
    if (opened !== null) await app.file.open(opened.file, undefined, opened.origin);
    await app.until(({ csv }) => csv.status !== 'reading');
    if (!hasFile()) {
      const { csv } = app.getState();
      if (csv.status === 'failed') return { kind: 'failed', error: csv.error };
      return {
        kind: 'chooseFile',
        wrong: csv.status === 'ready' ? csv.summary.name : header.csv.name,
      };
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
    app.model.setAdapters(header.adapters);
    const error = await app.run.start({ kind: 'continue', id, otherEngine });
    if (error === null) return null;
    return { kind: error.code === 'journal/engine' ? 'otherEngine' : 'failed', error };
  }

  /** Is it the file of a run? One that cannot be read is not. */
  private async isSame(file: File, sha256: string): Promise<boolean> {
    return (await this.client.hashCsv(file).catch(() => null)) === sha256;
  }

  /** Loads the model of a run, unless it is loaded or nobody knows where it lies. */
  private async loadModel({ model, source }: NonNullable<StoredRun['header']>): Promise<void> {
    const { app } = this;
    await app.until((state) => state.model.status !== 'loading');
    const { model: loaded } = app.getState();
    const isThere = loaded.status === 'ready' && loaded.info.sha256 === model.sha256;
    if (isThere || source === null) return;
    const { embedded } = app.model;
    const isEmbedded =
      source.kind === 'url' && embedded.kind === 'url' && source.url === embedded.url;
    await app.model.load(isEmbedded ? embedded : source);
    await app.until((state) => state.model.status !== 'loading');
  }

  private note(id: string, note: RunNote | null): void {
    const { [id]: _, ...notes } = this.state.notes;
    this.set({ notes: note === null ? notes : { ...notes, [id]: note } });
  }
}
