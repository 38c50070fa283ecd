import { aborted, asTiebreakError } from '../../../domain/errors.ts';
import { type Call, LatestCall } from '../../../rpc/latest.ts';
import type { RowColumns } from '../../page/rows.ts';
import { type AppState, isRunning, type ResultsInfo } from '../../page/state.ts';
import { type Readable, Store } from '../../state/store.ts';
import { FigureMaker } from './figure-maker.ts';
import { ReportChoices } from './report-choices.ts';
import type { ReportClient } from './report-client.ts';
import { ReportExporter } from './report-exporter.ts';
import { NO_REPORT, type ReportState, withoutAdapters } from './report-state.ts';
import { RowFinder } from './row-finder.ts';
import { resultsOf } from './taken.ts';

/** The part of the page's store that the report reads. */
interface ReportedApp extends Readable<AppState> {
  readonly rows: RowColumns;
  readonly file: { readonly current: File | null };
}

/**
 * The state of the report, with its operations by subject. It follows the results of the page. Calls never throw: an
 * error becomes part of the state.
 */
export class ReportStore extends Store<ReportState> {
  readonly finder: RowFinder;
  readonly choices: ReportChoices;
  readonly exporter: ReportExporter;
  private readonly figures: FigureMaker;
  private readonly client: ReportClient;
  private readonly app: ReportedApp;
  /** The file and mode from which the table was read. */
  private opened: { file: File; textMode: string } | null = null;
  /** The results that were taken in. */
  private taken: { results: ResultsInfo; version: number } | null = null;
  private readonly syncs = new LatestCall();

  constructor(app: ReportedApp, client: ReportClient) {
    super(NO_REPORT);
    this.app = app;
    this.client = client;
    const store = { getState: this.getState, set: this.set, setSoon: this.setSoon };
    this.finder = new RowFinder(store, client.table);
    this.figures = new FigureMaker(store, client, this.finder);
    this.choices = new ReportChoices(store, client.table, this.figures);
    this.exporter = new ReportExporter(store, client.table, app, () => this.figuresDone());
  }

  /** Follows the page's results. @returns a function that ends this. */
  follow(): () => void {
    void this.sync();
    return this.app.subscribe(() => void this.sync());
  }

  /** Takes in the page's results if they have changed. */
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
    const call = this.syncs.begin();
    try {
      await this.open(call, file, results.settings.textMode);
      if (!call.isLatest) return;
      const taken = resultsOf(rows, results.adapters);
      // Choices about adapters belong to the previous run.
      this.set(withoutAdapters(this.state));
      await this.client.table.setResults(taken);
      if (call.isLatest) await this.figures.take(taken);
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      if (call.isLatest && error.code !== aborted().code) {
        this.taken = null;
        this.figures.forget();
        this.set({ phase: 'failed', error });
      }
    }
  }

  /** Settles when every figure has its intervals, or will get none. */
  figuresDone(): Promise<void> {
    return this.until(({ figures, phase }) => figures.done || phase !== 'ready');
  }

  /** Reads the table of the file, unless it is the present one. */
  private async open(
    call: Call,
    file: File,
    textMode: ResultsInfo['settings']['textMode'],
  ): Promise<void> {
    if (this.opened?.file === file && this.opened.textMode === textMode) return;
    this.opened = null;
    this.choices.giveUp();
    this.set({ ...NO_REPORT, phase: 'reading' });
    const { table, facts } = await this.client.table.open(file, textMode, (bytes) => {
      if (call.isLatest) this.set({ fraction: bytes / Math.max(file.size, 1) });
    });
    if (!call.isLatest) return;
    this.opened = { file, textMode };
    this.set({ table, facts });
  }

  private forget(phase: 'none' | 'running'): void {
    if (this.taken === null && this.state.phase === phase) return;
    this.taken = null;
    this.syncs.giveUp();
    this.figures.forget();
    this.finder.giveUp();
    this.choices.giveUp();
    // The table stays, since the next results are mostly of the same file.
    const { table, facts } = this.state;
    this.set({ ...NO_REPORT, phase, table, facts });
  }
}
