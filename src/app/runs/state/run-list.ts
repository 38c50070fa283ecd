import { asTiebreakError } from '../../../domain/errors.ts';
import { LatestCall } from '../../../rpc/latest.ts';
import { MAX_RUN_NAME, type RunNotes } from '../../../scoring/journal/run-notes.ts';
import type { RunFiles } from '../../page/run-files.ts';
import type { AppState } from '../../page/state.ts';
import type { RunClient } from '../../state/client.ts';
import type { Readable, Writable } from '../../state/store.ts';
import type { RunNote, RunsState, StorageSpace } from './runs-state.ts';

type Fields = 'runs' | 'findable' | 'space' | 'notes';

interface RunListOptions {
  client: Pick<RunClient, 'listRuns' | 'removeRun' | 'noteRun' | 'exportRun'>;
  app: Pick<Readable<AppState>, 'getState'>;
  files: RunFiles;
  /** Reads the storage space of this page; null if unknown. */
  estimate: () => Promise<StorageSpace | null>;
}

/** The list of saved runs, with a note at each. */
export class RunList {
  private readonly store: Writable<RunsState, Fields>;
  private readonly options: RunListOptions;
  private readonly calls = new LatestCall();
  /** Number of reads in progress. */
  private reads = 0;

  constructor(store: Writable<RunsState, Fields>, options: RunListOptions) {
    this.store = store;
    this.options = options;
  }

  /** Reads the list again. If that fails the list is empty: the page works without it. */
  async refresh(): Promise<void> {
    const call = this.calls.begin();
    this.reads += 1;
    const [runs, space] = await Promise.all([
      this.options.client.listRuns().catch(() => []),
      this.options.estimate().catch(() => null),
    ]);
    this.reads -= 1;
    const found = await Promise.all(runs.map(({ id }) => this.options.files.find(id)));
    const findable = new Set(runs.flatMap(({ id }, i) => (found[i] === null ? [] : [id])));
    if (call.isLatest) this.store.set({ runs, space, findable });
  }

  /** Deletes a run. */
  async remove(id: string): Promise<void> {
    this.note(id, null);
    try {
      await this.options.client.removeRun(id);
      await this.options.files.forget(id);
    } catch (thrown) {
      this.note(id, { kind: 'failed', error: asTiebreakError(thrown) });
    }
    await this.refresh();
  }

  /** Names a run; an empty name removes the present one. */
  rename(id: string, name: string): Promise<void> {
    return this.change(id, { name: name.trim().slice(0, MAX_RUN_NAME) || undefined });
  }

  /** Records that the submission of the results on the page was downloaded. */
  async downloaded(): Promise<void> {
    const { results } = this.options.app.getState();
    if (results?.complete && results.unjournaled === null) {
      await this.change(results.runId, { downloaded: new Date().toISOString() });
    }
  }

  /** Records the log loss of a run, computed from its labels. */
  async judged(id: string, logLoss: { value: number; rows: number }): Promise<void> {
    // JSON has no infinity, and such a value would make all notes of the run unreadable.
    if (!Number.isFinite(logLoss.value)) return;
    const known = this.store.getState().runs?.find((run) => run.id === id)?.notes.logLoss;
    if (known?.value === logLoss.value && known.rows === logLoss.rows) return;
    await this.change(id, { logLoss });
  }

  private async change(id: string, notes: RunNotes): Promise<void> {
    try {
      await this.options.client.noteRun(id, notes);
    } catch (thrown) {
      this.note(id, { kind: 'failed', error: asTiebreakError(thrown) });
      return this.refresh();
    }
    const { runs } = this.store.getState();
    // A read in progress may have missed the note; the journals themselves have not changed.
    if (runs === null || this.reads > 0 || !runs.some((run) => run.id === id)) {
      return this.refresh();
    }
    this.store.set({
      runs: runs.map((run) =>
        run.id === id ? { ...run, notes: { ...run.notes, ...notes } } : run,
      ),
    });
  }

  /** The journal of a run, to save as a file. Null after a failure, with the reason at the run. */
  async exportJournal(id: string): Promise<Blob | null> {
    this.note(id, null);
    try {
      return await this.options.client.exportRun(id);
    } catch (thrown) {
      this.note(id, { kind: 'failed', error: asTiebreakError(thrown) });
      return null;
    }
  }

  /** Sets the note at a run; null removes it. */
  note(id: string, note: RunNote | null): void {
    const { [id]: _, ...notes } = this.store.getState().notes;
    this.store.set({ notes: note === null ? notes : { ...notes, [id]: note } });
  }
}
