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
  /** The model that the page ships and opens with. */
  embedded: ModelSource;
  /** Stores the origin of a new run's file. */
  remember?: (runId: string, origin: FileOrigin) => void;
  /** Asks the browser to keep the page's storage. */
  persist?: () => Promise<unknown>;
}

/**
 * The state of the page, with its operations by subject. Each subject writes only its own fields and reads all. A
 * subject that needs another receives it here, so that none depend on each other in a circle. Calls never throw: an
 * error becomes part of the state, and no failure removes results.
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
    // Rows change in place, so every change of the state takes their version along.
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
