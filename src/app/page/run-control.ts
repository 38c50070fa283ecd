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
  /** Stores the origin of a new run's file. */
  remember?: (runId: string, origin: FileOrigin) => void;
  /** Asks the browser to keep the page's storage. */
  persist?: () => Promise<unknown>;
}

/** The run: starts it, takes in its results, pauses it and ends it. */
export class RunControl {
  private readonly app: Writable<AppState, Fields>;
  private readonly options: RunControlOptions;
  private readonly starts = new LatestCall();

  constructor(app: Writable<AppState, Fields>, options: RunControlOptions) {
    this.app = app;
    this.options = options;
  }

  /**
   * Scores the open file with the chosen model, adapter and settings, from the start or as a continuation of a saved
   * run. The run `replaces` is deleted once the new one is complete.
   * @returns why it did not start, if the reason lies in the run to continue; else null.
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
    // Without this, the browser may delete the saved run when space is short.
    void persist?.().catch(() => undefined);
    let fresh = false;
    // The results of the previous run stay until the first event of this one.
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
          // Drawing gets its own task.
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

  /** Pauses the run after the batch in flight. */
  async pause(): Promise<void> {
    const { run } = this.app.getState();
    if (run.status !== 'running' || run.rest.status !== 'no') return;
    this.app.set({ run: { ...run, rest: { status: 'asked' } } });
    await this.options.worker.watched(this.options.client.pause());
  }

  /** Resumes the run. `remedy`: the answer to a run that paused because its journal cannot be written. */
  async resume(remedy?: Remedy): Promise<void> {
    const { run } = this.app.getState();
    if (run.status !== 'running' || run.rest.status === 'no') return;
    this.app.set({ run: { ...run, rest: { status: 'no' } } });
    await this.options.worker.watched(this.options.client.resume(remedy));
  }

  /** Stops the run. The page shows it at once; the worker follows within a second. */
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
