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

/** A place that stores runs, each in a folder of its own. */
export interface RunsFolder {
  ids(): Promise<string[]>;
  /** The folder of a run. Writing into it creates it. */
  sink(id: string): Promise<PackageSink>;
  /** Deletes a run. A missing run is no error. */
  remove(id: string): Promise<void>;
  /** Takes the lock of a run. Resolves to a function that releases it, or to null if another tab or run holds it. */
  lock(id: string): Promise<(() => void) | null>;
  /** Ids of the runs whose lock any tab holds. */
  locked(): Promise<ReadonlySet<string>>;
}

/** A stored run, complete or not. */
export interface StoredRun {
  id: string;
  /** `running`: a tab is scoring it. `waiting`: it can be continued. `damaged`: it can only be deleted. */
  state: 'waiting' | 'complete' | 'running' | 'damaged';
  /** The reason of `damaged`, else null. */
  error: PlainError | null;
  /** The inputs of the run; null if its journal is unreadable. */
  header: JournalHeader | null;
  /** The engine of its latest batches; null if its journal is unreadable. */
  engine: EngineRecord | null;
  rowsDone: number;
  /** Bytes of its journal. */
  bytes: number;
  notes: RunNotes;
}

/** Lists, locks, annotates and deletes the runs of a {@link RunsFolder}, which outlive the page. */
export class RunArchive {
  private readonly folder: RunsFolder;
  /** Settles with the latest change of notes. Changes run one after the other, because each reads what it replaces. */
  private noting: Promise<unknown> = Promise.resolve();

  constructor(folder: RunsFolder) {
    this.folder = folder;
  }

  /**
   * All runs, the latest first. Deletes runs without a finished batch.
   * @throws TiebreakError `journal/unavailable` if the browser stores nothing.
   */
  async list(): Promise<StoredRun[]> {
    const { folder } = this;
    const [ids, locked] = await Promise.all([folder.ids(), folder.locked()]);
    const runs = await Promise.all(ids.map((id) => this.describe(id, locked.has(id))));
    return runs
      .filter((run) => run !== null)
      .sort((a, b) => (b.header?.created ?? '').localeCompare(a.header?.created ?? ''));
  }

  /**
   * The journal of a run. The caller owns its lock and must call `release`.
   * @throws TiebreakError `journal/busy` if a tab is scoring the run, `journal/unavailable`.
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

  /** Changes some notes of a run; undefined entries are removed. @throws TiebreakError `storage/…`. */
  note(id: string, change: RunNotes): Promise<void> {
    const done = this.noting.then(async () => {
      const sink = await this.folder.sink(id);
      await sink.replace(NOTES_NAME, notesBytes({ ...(await readNotes(sink.files)), ...change }));
    });
    this.noting = done.catch(() => undefined);
    return done;
  }

  /**
   * Cleans up after a session has ended: a run without a finished batch is deleted, and a complete run replaces the one
   * that its notes name. Never throws: at worst a run stays that nobody needs.
   */
  async ended(id: string): Promise<void> {
    try {
      const run = await this.describe(id, false);
      if (run?.state !== 'complete' || run.notes.replaces === undefined) return;
      await this.remove(run.notes.replaces);
      await this.note(id, { replaces: undefined });
    } catch {
      // The earlier run is in progress in another tab, or the disk refuses. Both runs stay.
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
      // The journal was never begun or has been deleted; with a lock it is being begun at this moment.
      if (error.code === 'storage/missing' && !isLocked) return await this.drop(id);
      const state = isLocked ? 'running' : 'damaged';
      const nothing = { header: null, engine: null, rowsDone: 0, bytes: 0, notes: {} };
      return { id, state, error: error.toPlain(), ...nothing };
    }
  }

  /** Deletes a run without a finished batch, unless another tab has begun to write one. */
  private async drop(id: string): Promise<null> {
    const release = await this.folder.lock(id);
    try {
      if (release !== null && (await this.isStillEmpty(id))) await this.folder.remove(id);
    } catch {
      // The run stays until the list is read again.
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

/** Notes of a run; empty if there are none or they are unreadable. */
async function readNotes(files: PackageFiles): Promise<RunNotes> {
  try {
    return parseNotes(await readAll(files, NOTES_NAME));
  } catch {
    return {};
  }
}

/** True if a journal has no batch, and no further bytes either, which a newer version might be able to read. */
function isEmpty(bytes: Uint8Array, journal: Journal): boolean {
  return journal.batches.length === 0 && bytes.length === journal.bytes;
}

function unreadable(): TiebreakError {
  return new TiebreakError('journal/damaged');
}

function busy(): TiebreakError {
  return new TiebreakError('journal/busy');
}
