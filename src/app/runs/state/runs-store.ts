import type { RunFiles } from '../../page/run-files.ts';
import { isRunning } from '../../page/state.ts';
import type { AppStore } from '../../page/store.ts';
import type { RunClient } from '../../state/client.ts';
import { Store } from '../../state/store.ts';
import { RunContinuer } from './run-continuer.ts';
import { RunList } from './run-list.ts';
import type { RunsState, StorageSpace } from './runs-state.ts';

type RunsClient = Pick<RunClient, 'listRuns' | 'removeRun' | 'noteRun' | 'exportRun' | 'hashCsv'>;

/** The saved runs, with their operations by subject. Calls never throw: an error becomes a note at its run. */
export class RunsStore extends Store<RunsState> {
  readonly list: RunList;
  readonly continuer: RunContinuer;
  private wasRunning = false;

  /**
   * Reads the list again whenever a run of this page ends. `estimate` reads the storage space of this page; without it
   * the space is unknown.
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
    const { client, app, files, estimate = async () => null } = options;
    const store = { getState: this.getState, set: this.set, setSoon: this.setSoon };
    this.list = new RunList(store, { client, app, files, estimate });
    this.continuer = new RunContinuer(store, client, app, files, this.list);
    app.subscribe(() => {
      const running = isRunning(app.getState());
      if (this.wasRunning && !running) void this.list.refresh();
      this.wasRunning = running;
    });
  }
}
