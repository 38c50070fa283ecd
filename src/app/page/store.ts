import type { ModelSource } from '../../scoring/lanes/model-source.ts';
import type { RunClient } from '../state/client.ts';
import { Store } from '../state/store.ts';
import type { PageStorage } from '../ui/files/page-storage.ts';
import { Exporter } from './exporter.ts';
import { FileOpener } from './file-opener.ts';
import { KnownSpeed } from './known-speed.ts';
import { ModelLoader } from './model-loader.ts';
import { RowColumns } from './rows.ts';
import { RunControl } from './run-control.ts';
import type { FileOrigin } from './run-files.ts';
import { SettingsControl } from './settings-control.ts';
import { readSettings, readWishes } from './settings-storage.ts';
import { type AppState, initialState } from './state.ts';
import { WorkerGuard } from './worker-guard.ts';

interface StoreOptions {
  client: RunClient;
  storage: PageStorage | null;
  /** The model that the page opens with. */
  embedded: ModelSource;
  /** Keeps where the file of a new run came from. */
  remember?: (runId: string, origin: FileOrigin) => void;
  /** Asks the browser not to clear what is stored here. */
  persist?: () => Promise<unknown>;
}

/**
 * The state of the page, and by subject what can be done to it. Each subject writes its own fields and reads all; those
 * that need another are given it here, so that none knows one that knows it. Calls never throw: what goes wrong becomes
 * part of the state, and no failure takes away results that are there.
 */
export class AppStore extends Store<AppState> {
  readonly rows = new RowColumns();
  readonly worker: WorkerGuard;
  readonly model: ModelLoader;
  readonly file: FileOpener;
  readonly settings: SettingsControl;
  readonly speed: KnownSpeed;
  readonly run: RunControl;
  readonly exporter: Exporter;

  constructor(options: StoreOptions) {
    const { client, storage, embedded, remember, persist } = options;
    super(initialState(readSettings(storage), readWishes(storage)));
    const { rows } = this;
    // The rows change in place; their version goes with every change of the state.
    const app = {
      getState: this.getState,
      set: (change: Partial<AppState>) => this.set({ ...change, rowsVersion: rows.version }),
      setSoon: (change: Partial<AppState>, delay?: number) =>
        this.setSoon({ ...change, rowsVersion: rows.version }, delay),
    };
    this.worker = new WorkerGuard(app, client);
    const { worker } = this;
    this.model = new ModelLoader(app, { client, storage, worker, embedded });
    this.file = new FileOpener(app, client, rows, worker);
    this.settings = new SettingsControl(app, storage, this.model, this.file);
    this.speed = new KnownSpeed(app, storage);
    const { file, speed } = this;
    this.run = new RunControl(app, { client, rows, worker, file, speed, remember, persist });
    this.exporter = new Exporter(app, client, rows);
  }
}
