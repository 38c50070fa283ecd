import { TiebreakError } from '../../../domain/errors.ts';
import type { StoredRun } from '../../../scoring/journal/run-archive.ts';
import type { FileOrigin, RunFiles } from '../../page/run-files.ts';
import { isRunning } from '../../page/state.ts';
import type { AppStore } from '../../page/store.ts';
import type { RunClient } from '../../state/client.ts';
import type { Writable } from '../../state/store.ts';
import type { RunList } from './run-list.ts';
import { hasUnsaved, type RunNote, type RunsState } from './runs-state.ts';

/** A file that the user chose for a run. */
export interface ChosenFile {
  file: File;
  origin: FileOrigin | null;
}

/** Options for continuing a run. */
interface How {
  chosen?: ChosenFile | null;
  otherEngine?: boolean;
}

/** Continues saved runs, one at a time. */
export class RunContinuer {
  private readonly store: Writable<RunsState, 'opening' | 'asking'>;
  private readonly client: Pick<RunClient, 'hashCsv'>;
  private readonly app: AppStore;
  private readonly files: RunFiles;
  private readonly list: RunList;
  private answer: (agreed: boolean) => void = () => undefined;

  /** @param list receives the reason if a run cannot continue. */
  constructor(
    store: Writable<RunsState, 'opening' | 'asking'>,
    client: Pick<RunClient, 'hashCsv'>,
    app: AppStore,
    files: RunFiles,
    list: RunList,
  ) {
    this.store = store;
    this.client = client;
    this.app = app;
    this.files = files;
    this.list = list;
  }

  /**
   * Continues a run: opens its file and its model, applies its settings and starts. Needs a click, since the browser
   * may ask for permission to read the file. `otherEngine`: continues even if the rest will differ in its last digits.
   * Discards unsaved results of another run only if the user agrees. Settles when the run has ended.
   * @returns true if it continued.
   */
  async start(run: StoredRun, { chosen = null, otherEngine = false }: How = {}): Promise<boolean> {
    const isBusy = () => this.store.getState().opening !== null || isRunning(this.app.getState());
    if (isBusy()) return false;
    this.list.note(run.id, null);
    if (hasUnsaved(this.app.getState(), this.app.rows) && !(await this.agreed(run))) return false;
    if (isBusy()) return false;
    this.store.set({ opening: run.id });
    const note = await this.open(run, chosen, otherEngine);
    this.store.set({ opening: null });
    this.list.note(run.id, note);
    if (note !== null) await this.list.refresh();
    return note === null;
  }

  /** Receives the user's answer to the question in {@link RunsState.asking}. */
  readonly decide = (agreed: boolean): void => {
    const { answer } = this;
    this.answer = () => undefined;
    this.store.set({ asking: null });
    answer(agreed);
  };

  private agreed(run: StoredRun): Promise<boolean> {
    this.decide(false);
    this.store.set({ asking: run });
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
    // The file comes first, since the browser asks only shortly after the click.
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
    // A file with other contents must not replace the open one, even with the same name and length.
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
      const error = new TiebreakError('page/other-model', { params: { model: header.model.name } });
      return { kind: 'failed', error };
    }
    app.model.setAdapters(header.adapters);
    const error = await app.run.start({ kind: 'continue', id, otherEngine });
    if (error === null) return null;
    return { kind: error.code === 'journal/engine' ? 'otherEngine' : 'failed', error };
  }

  /** True if the file is that of the run. A file that cannot be read is not. */
  private async isSame(file: File, sha256: string): Promise<boolean> {
    return (await this.client.hashCsv(file).catch(() => null)) === sha256;
  }

  /** Loads the model of a run, unless it is loaded or its source is unknown. */
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
}
