import { asTiebreakError, type PlainError, TiebreakError } from '../../domain/errors.ts';
import { type PackageFiles, readAll } from '../../storage/package-files.ts';
import type { PackageSink } from '../../storage/sink.ts';
import { type Journal, readJournal, rowsDoneOf } from './journal.ts';
import type { JournalFile } from './journal-writer.ts';
import type { EngineRecord, JournalHeader } from './records.ts';
import { NOTES_NAME, notesBytes, parseNotes, type RunNotes } from './run-notes.ts';
import { isComplete } from './run-session.ts';

/** Name of the journal in the folder of its run. */
export const JOURNAL_NAME = 'journal';

/** Where runs are kept: a folder for each. */
export interface RunsFolder {
  ids(): Promise<string[]>;
  /** The folder of a run; what is written into it makes it. */
  sink(id: string): Promise<PackageSink>;
  /** Deletes a run; one that is not there is no error. */
  remove(id: string): Promise<void>;
  /** Takes the lock of a run; gives the function that releases it, or null when another tab or run holds it. */
  lock(id: string): Promise<(() => void) | null>;
  /** Runs whose lock is held, in this tab or another one. */
  locked(): Promise<ReadonlySet<string>>;
}

/** A run that is saved, finished or not. */
export interface StoredRun {
  id: string;
  /** `running`: in this tab or another one; `damaged`: it can only be deleted. */
  state: 'waiting' | 'complete' | 'running' | 'damaged';
  /** Why it is damaged. */
  error: PlainError | null;
  /** The run that it computes; null when it is damaged. */
  header: JournalHeader | null;
  /** The engine of its last batches. */
  engine: EngineRecord | null;
  rowsDone: number;
  /** Of its journal. */
  bytes: number;
  notes: RunNotes;
}

/** Runs that outlive the page. */
export class RunStore {
  private readonly folder: RunsFolder;
  /** Changes of notes, one after the other: each builds upon what the one before wrote. */
  private noting: Promise<unknown> = Promise.resolve();

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

  /** The bytes of a run's journal. @throws TiebreakError `storage/…`. */
  async journal(id: string): Promise<Uint8Array<ArrayBuffer>> {
    return readAll((await this.folder.sink(id)).files, JOURNAL_NAME);
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

  /** Changes some notes of a run; an entry that is undefined is removed. @throws TiebreakError `storage/…`. */
  note(id: string, change: RunNotes): Promise<void> {
    const done = this.noting.then(async () => {
      const sink = await this.folder.sink(id);
      await sink.replace(NOTES_NAME, notesBytes({ ...(await readNotes(sink.files)), ...change }));
    });
    this.noting = done.catch(() => undefined);
    return done;
  }

  /**
   * Puts things in order when a run has ended: one without a finished batch is not kept; one that is complete takes the
   * place of the run that its notes name. Never throws: at worst a run is kept that nobody needs.
   */
  async ended(id: string): Promise<void> {
    try {
      const run = await this.describe(id, false);
      if (run?.state !== 'complete' || run.notes.replaces === undefined) return;
      await this.remove(run.notes.replaces);
      await this.note(id, { replaces: undefined });
    } catch {
      // The earlier run is going on in another tab, or the disk refuses.
    }
  }

  private async describe(id: string, isLocked: boolean): Promise<StoredRun | null> {
    try {
      const sink = await this.folder.sink(id);
      const bytes = await readAll(sink.files, JOURNAL_NAME);
      const journal = readJournal(bytes);
      if (isEmpty(bytes, journal) && !isLocked) return await this.drop(id);
      if (journal.engines.length === 0) throw unreadable();
      return {
        id,
        state: isLocked ? 'running' : isComplete(journal) ? 'complete' : 'waiting',
        error: null,
        header: journal.header,
        engine: journal.engines.at(-1) ?? null,
        rowsDone: rowsDoneOf(journal),
        bytes: bytes.length,
        notes: await readNotes(sink.files),
      };
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      // A folder whose journal was never begun, or that was deleted meanwhile, or one that is just being written.
      if (error.code === 'storage/missing' && !isLocked) return await this.drop(id);
      const state = isLocked ? 'running' : 'damaged';
      const nothing = { header: null, engine: null, rowsDone: 0, bytes: 0, notes: {} };
      return { id, state, error: error.toPlain(), ...nothing };
    }
  }

  /** Deletes a run in which nothing was computed, also not in another tab since it was read. */
  private async drop(id: string): Promise<null> {
    const release = await this.folder.lock(id);
    try {
      if (release !== null && (await this.isStillEmpty(id))) await this.folder.remove(id);
    } catch {
      // It stays until the list is read again.
    } finally {
      release?.();
    }
    return null;
  }

  private async isStillEmpty(id: string): Promise<boolean> {
    try {
      const { files } = await this.folder.sink(id);
      const bytes = await readAll(files, JOURNAL_NAME);
      return isEmpty(bytes, readJournal(bytes));
    } catch (thrown) {
      return asTiebreakError(thrown).code === 'storage/missing';
    }
  }
}

/** Notes of a run; none where there are none or they cannot be read. */
async function readNotes(files: PackageFiles): Promise<RunNotes> {
  try {
    return parseNotes(await readAll(files, NOTES_NAME));
  } catch {
    return {};
  }
}

/** True where a journal has no batch, nor bytes behind its beginning, which another version may be able to read. */
function isEmpty(bytes: Uint8Array, journal: Journal): boolean {
  return journal.batches.length === 0 && bytes.length === journal.bytes;
}

function unreadable(): TiebreakError {
  return new TiebreakError('journal/damaged');
}

function busy(): TiebreakError {
  return new TiebreakError('journal/busy');
}
