import { asTiebreakError, type PlainError, TiebreakError } from '../core/errors.ts';
import { readAll } from '../storage/package-files.ts';
import type { PackageSink } from '../storage/sink.ts';
import { type EngineRecord, type JournalHeader, readJournal, rowsDoneOf } from './journal.ts';
import type { JournalFile } from './journal-writer.ts';
import { isComplete } from './sitting.ts';

/** Name of the journal in the folder of its run. */
export const JOURNAL_NAME = 'journal';

/** Where runs are kept: a folder for each. */
export interface RunsFolder {
  ids(): Promise<string[]>;
  /** The folder of a run; what is written into it makes it. */
  sink(id: string): Promise<PackageSink>;
  /** Deletes a run; one that is not there is no error. */
  remove(id: string): Promise<void>;
  /** Takes the lock of a run until the function is called that it gives; null when someone else has it. */
  lock(id: string): Promise<(() => void) | null>;
  /** Runs whose lock is held, by whomever. */
  locked(): Promise<ReadonlySet<string>>;
}

/** A run that is kept: not finished, or finished and not fetched yet. */
export interface StoredRun {
  id: string;
  /** `running`: in this tab or another one; `damaged`: nothing can be done but delete it. */
  state: 'waiting' | 'complete' | 'running' | 'damaged';
  /** Why it is damaged. */
  error: PlainError | null;
  /** What it computes; null when it is damaged. */
  header: JournalHeader | null;
  /** What computed its last batches. */
  engine: EngineRecord | null;
  rowsDone: number;
}

/** Runs that outlive the page. */
export class RunStore {
  private readonly folder: RunsFolder;

  constructor(folder: RunsFolder) {
    this.folder = folder;
  }

  /** All runs, the latest first. @throws TiebreakError `journal/unavailable` where nothing can be kept. */
  async list(): Promise<StoredRun[]> {
    const { folder } = this;
    const [ids, locked] = await Promise.all([folder.ids(), folder.locked()]);
    const runs = await Promise.all(ids.map((id) => this.describe(id, locked.has(id))));
    return runs
      .filter((run) => run !== null)
      .sort((a, b) => (b.header?.created ?? '').localeCompare(a.header?.created ?? ''));
  }

  /**
   * The journal of a run, whose lock it holds until it is released.
   * @throws TiebreakError `journal/busy` when the run is going on somewhere, `journal/unavailable`.
   */
  async take(id: string): Promise<JournalFile> {
    const release = await this.folder.lock(id);
    if (release === null) throw busy();
    try {
      return { sink: await this.folder.sink(id), path: JOURNAL_NAME, release };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  /** Deletes a run. @throws TiebreakError `journal/busy`. */
  async remove(id: string): Promise<void> {
    const release = await this.folder.lock(id);
    if (release === null) throw busy();
    try {
      await this.folder.remove(id);
    } finally {
      release();
    }
  }

  private async describe(id: string, isLocked: boolean): Promise<StoredRun | null> {
    try {
      const sink = await this.folder.sink(id);
      const journal = readJournal(await readAll(sink.files, JOURNAL_NAME));
      return {
        id,
        state: isLocked ? 'running' : isComplete(journal) ? 'complete' : 'waiting',
        error: null,
        header: journal.header,
        engine: journal.engines.at(-1) ?? null,
        rowsDone: rowsDoneOf(journal),
      };
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      // A folder whose journal was never begun, or that was deleted meanwhile, or one that is just being written.
      const isEmpty = error.code === 'storage/missing' && !isLocked;
      if (isEmpty) await this.remove(id).catch(() => undefined);
      if (isEmpty) return null;
      const state = isLocked ? 'running' : 'damaged';
      const nothing = { header: null, engine: null, rowsDone: 0 };
      return { id, state, error: error.toPlain(), ...nothing };
    }
  }
}

function busy(): TiebreakError {
  return new TiebreakError('journal/busy', 'This run is going on, perhaps in another tab.', {
    action: 'Wait until it has ended there, or cancel it there.',
  });
}
