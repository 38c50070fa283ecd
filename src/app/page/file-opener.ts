import { aborted, asTiebreakError } from '../../domain/errors.ts';
import { LatestCall } from '../../rpc/latest.ts';
import type { RunEvent } from '../../scoring/events.ts';
import type { RunClient } from '../state/client.ts';
import type { Writable } from '../state/store.ts';
import { type EventFields, takeEvents } from './events.ts';
import type { KeptRows, RowColumns } from './rows.ts';
import type { FileOrigin } from './run-files.ts';
import { type AppState, isRunning, type ResultsInfo } from './state.ts';
import type { WorkerGuard } from './worker-guard.ts';

type Fields = EventFields | 'exportError';

/** Reads the file with the rows. The first row of a new file replaces the results of the previous run. */
export class FileOpener {
  private readonly app: Writable<AppState, Fields>;
  private readonly client: Pick<RunClient, 'openCsv'>;
  private readonly rows: RowColumns;
  private readonly worker: WorkerGuard;
  private file: File | null = null;
  private fileOrigin: FileOrigin | null = null;
  /** Results set aside for a new file that is not yet read to its end; null for none. */
  private setAside: { rows: KeptRows; results: ResultsInfo } | null = null;
  private readonly opens = new LatestCall();
  private reading: Promise<unknown> = Promise.resolve();

  constructor(
    app: Writable<AppState, Fields>,
    client: Pick<RunClient, 'openCsv'>,
    rows: RowColumns,
    worker: WorkerGuard,
  ) {
    this.app = app;
    this.client = client;
    this.rows = rows;
    this.worker = worker;
  }

  /** The latest file that was read to its end; null before the first. */
  get current(): File | null {
    return this.file;
  }

  /** The place where the page finds {@link current} again after a reload; null if it cannot. */
  get origin(): FileOrigin | null {
    return this.fileOrigin;
  }

  /**
   * Reads a file. Rows and results of the previous file stay until the first row of this one arrives, and return if
   * this one cannot be read to its end. `origin`: the place where the page finds the file again after a reload.
   */
  async open(
    choice: File | Promise<File>,
    name = 'name' in choice ? choice.name : '',
    origin: FileOrigin | null = null,
  ): Promise<void> {
    const state = this.app.getState();
    if (isRunning(state)) return;
    const call = this.opens.begin();
    this.app.set({
      csv: { status: 'reading', name, bytes: 0, totalBytes: 0, rows: 0 },
      run: { status: 'idle' },
      exportError: null,
    });
    // Cancelling in the worker would also stop a model that is loading.
    if (state.csv.status === 'reading' && state.model.status !== 'loading') {
      void this.worker.stop();
    }
    await this.reading;
    let fresh = false;
    const replace = () => {
      if (fresh) return;
      fresh = true;
      this.putAside();
    };
    try {
      const file = await choice;
      if (!call.isLatest) return;
      const { settings } = this.app.getState();
      const reading = this.client.openCsv(file, settings, (events) => {
        if (!call.isLatest) return;
        if (events.some(({ type }) => type === 'rows')) replace();
        this.take(events);
      });
      this.reading = reading.catch(() => undefined);
      const summary = await reading;
      // The worker has dropped the previous file, even if the user has since chosen another one.
      replace();
      this.setAside = null;
      if (!call.isLatest) return;
      this.file = file;
      this.fileOrigin = origin;
      this.app.set({ csv: { status: 'ready', summary, textMode: settings.textMode } });
      void this.readAgain(); // the text mode may have changed meanwhile
    } catch (thrown) {
      if (!call.isLatest) return;
      const error = asTiebreakError(thrown);
      this.opens.giveUp(); // drops rows that are still arriving
      this.bringBack();
      this.app.set({
        csv: error.code === aborted().code ? { status: 'none' } : { status: 'failed', name, error },
      });
      this.worker.noticeDeath(error);
    }
  }

  /** True if the file was read in another text mode than the settings name. */
  get isOutdated(): boolean {
    const { csv, settings } = this.app.getState();
    return csv.status === 'ready' && csv.textMode !== settings.textMode;
  }

  /** Reads the file again if it is outdated. */
  async readAgain(): Promise<void> {
    if (this.isOutdated && this.file !== null) {
      await this.open(this.file, undefined, this.fileOrigin);
    }
  }

  /** Stops reading a file. */
  async cancelReading(): Promise<void> {
    const state = this.app.getState();
    if (state.csv.status === 'reading' && !isRunning(state)) await this.worker.stop();
  }

  /** Hides the present results until the new file has been read or has failed. */
  private putAside(): void {
    const { results } = this.app.getState();
    const rows = this.rows.clear();
    if (results !== null) this.setAside = { rows, results };
    this.app.setSoon({ results: null });
  }

  /** Drops a file that was read in part, and shows again the results that it replaced. */
  private bringBack(): void {
    const { setAside } = this;
    this.setAside = null;
    if (setAside !== null) {
      this.rows.restore(setAside.rows);
      this.app.setSoon({ results: setAside.results });
    } else if (this.app.getState().results === null) {
      this.rows.clear();
    }
  }

  private take(events: RunEvent[]): void {
    // Taking in thousands of rows and drawing them in one task would block the page, so drawing gets its own.
    this.app.setSoon(takeEvents(events, this.rows, this.app.getState()));
  }
}
