import { aborted, asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import { LatestCall } from '../../rpc/latest.ts';
import type { RunSummary } from '../../scoring/events.ts';
import type { Remedy } from '../../scoring/journal/run-session.ts';
import type { JournalRequest } from '../../scoring/journal/start-journal.ts';
import type { RunClient } from '../state/client.ts';
import type { Writable } from '../state/store.ts';
import { type EventFields, takeEvents } from './events.ts';
import type { FileOpener } from './file-opener.ts';
import type { KnownSpeed } from './known-speed.ts';
import { newResults } from './new-results.ts';
import type { RowColumns } from './rows.ts';
import { type FileOrigin, newRunId } from './run-files.ts';
import { type AppState, canStart } from './state.ts';
import type { WorkerGuard } from './worker-guard.ts';

type Fields = EventFields | 'exportError';

interface RunControlOptions {
  client: Pick<RunClient, 'start' | 'pause' | 'resume'>;
  rows: RowColumns;
  worker: WorkerGuard;
  file: FileOpener;
  speed: KnownSpeed;
  /** Keeps where the file of a new run came from. */
  remember?: (runId: string, origin: FileOrigin) => void;
  /** Asks the browser not to clear what is stored here. */
  persist?: () => Promise<unknown>;
}

/** The run: starts it, takes in its results, lets it rest, ends it. */
export class RunControl {
  private readonly app: Writable<AppState, Fields>;
  private readonly options: RunControlOptions;
  private readonly starts = new LatestCall();

  constructor(app: Writable<AppState, Fields>, options: RunControlOptions) {
    this.app = app;
    this.options = options;
  }

  /**
   * Scores the open file with the chosen model, adapter and settings: anew, or going on with a saved run. The run
   * `replaces` is deleted once the new one is complete.
   * @returns why it did not start, where that is about the run that is to be continued; else null.
   */
  async start(
    how: { replaces?: string } | Extract<JournalRequest, { kind: 'continue' }> = {},
  ): Promise<TiebreakError | null> {
    const { client, rows, worker, file, speed, remember, persist } = this.options;
    if (!canStart(this.app.getState())) return null;
    if (file.isOutdated) {
      await file.readAgain();
      if (!canStart(this.app.getState())) return null;
    }
    const state = this.app.getState();
    const { csv, adapters, settings } = state;
    const journal: JournalRequest =
      'kind' in how ? how : { kind: 'new', id: newRunId(), replaces: how.replaces };
    const results = newResults(state, journal.id);
    if (results === null) return null;
    if (file.origin !== null) remember?.(journal.id, file.origin);
    const call = this.starts.begin();
    // What is kept of the run lasts only as long as the browser lets it.
    void persist?.().catch(() => undefined);
    let fresh = false;
    // Until this run shows a sign of life, the results of the previous one are the ones there are.
    const replace = () => {
      if (fresh) return;
      fresh = true;
      rows.clearResults();
      this.app.setSoon({ results });
    };
    this.app.set({
      run: { status: 'running', progress: null, rest: { status: 'no' } },
      incidents: [],
      exportError: null,
    });
    try {
      const summary = await client.start(
        { adapters, settings, journal, knownCost: speed.cost() },
        (events) => {
          if (!call.isLatest || this.app.getState().csv !== csv) return;
          if (events.some(({ type }) => type !== 'rows' && type !== 'reading')) replace();
          // Drawing gets a task of its own.
          this.app.setSoon(takeEvents(events, rows, this.app.getState()));
        },
      );
      replace();
      this.finish(summary);
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      if ('kind' in how && !fresh && error.code.startsWith('journal/')) {
        this.app.set({ run: { status: 'idle' } });
        return error;
      }
      this.app.set({
        run:
          error.code === aborted().code
            ? { status: 'ended', outcome: 'cancelled' }
            : { status: 'failed', error },
      });
      worker.noticeDeath(error);
    }
    return null;
  }

  /** Lets the run rest, as soon as the batch in flight has ended. */
  async pause(): Promise<void> {
    const { run } = this.app.getState();
    if (run.status !== 'running' || run.rest.status !== 'no') return;
    this.app.set({ run: { ...run, rest: { status: 'asked' } } });
    await this.options.worker.watched(this.options.client.pause());
  }

  /** Lets the run go on. `remedy`: what to do where it rests because it cannot be written down. */
  async resume(remedy?: Remedy): Promise<void> {
    const { run } = this.app.getState();
    if (run.status !== 'running' || run.rest.status === 'no') return;
    this.app.set({ run: { ...run, rest: { status: 'no' } } });
    await this.options.worker.watched(this.options.client.resume(remedy));
  }

  /** Stops the run. The page says so at once; the worker follows within a second. */
  async cancel(): Promise<void> {
    const { run } = this.app.getState();
    if (run.status !== 'running') return;
    this.app.set({ run: { ...run, status: 'cancelling' } });
    await this.options.worker.stop();
  }

  private finish(summary: RunSummary): void {
    if (summary.cost) this.options.speed.note(summary.cost);
    const { settings, engine, others = [], earlier = [], complete, problemRows } = summary;
    const { results } = this.app.getState();
    this.app.set({
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
}
