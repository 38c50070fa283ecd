import { TiebreakError } from '../../domain/errors.ts';
import { OpfsSink, writing } from '../../storage/directory-handle.ts';
import { checkSecure } from '../../storage/secure.ts';
import type { RunsFolder } from './run-archive.ts';

/** Pattern of a run's id. Only the app makes ids, and nothing else ever becomes a path. */
const ID = /^[a-z0-9-]{1,64}$/;
const LOCK = 'tiebreak-run-';

/**
 * Runs in the origin private file system, each in `runs/<id>/`. The Web Lock of its id is held while a run is in
 * progress, which also keeps browsers from freezing the tab in the background. Works only in workers.
 * Every method throws TiebreakError `journal/unavailable` if the browser stores no files, as in some private windows,
 * `storage/insecure` if the page's address is the reason, and `storage/full`.
 */
export const opfsRuns: RunsFolder = {
  async ids() {
    const found: string[] = [];
    for await (const [id, entry] of (await root()).entries()) {
      if (entry.kind === 'directory' && ID.test(id)) found.push(id);
    }
    return found;
  },

  async sink(id) {
    if (!ID.test(id)) throw new Error(`${id} is no id of a run`);
    const runs = await root();
    // Chromium cannot even create a folder on a full disk.
    return new OpfsSink(
      await writing(null, () => runs.getDirectoryHandle(id, { create: true })),
      id,
    );
  },

  async remove(id) {
    if (!ID.test(id)) return;
    try {
      await (await root()).removeEntry(id, { recursive: true });
    } catch (cause) {
      const { name, message } = cause as DOMException;
      if (name === 'NotFoundError') return;
      throw new TiebreakError('storage/write:delete-run', { params: { reason: message }, cause });
    }
  },

  async lock(id) {
    checkSecure();
    return new Promise((resolve, reject) => {
      navigator.locks
        .request(LOCK + id, { ifAvailable: true }, (lock) => {
          if (lock === null) return resolve(null);
          return new Promise<void>((release) => resolve(release));
        })
        .catch(reject);
    });
  },

  async locked() {
    checkSecure();
    const { held = [] } = await navigator.locks.query();
    return new Set(
      held.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : [])),
    );
  },
};

async function root(): Promise<FileSystemDirectoryHandle> {
  checkSecure();
  try {
    const storage = await navigator.storage.getDirectory();
    return await storage.getDirectoryHandle('runs', { create: true });
  } catch (cause) {
    if ((cause as DOMException).name === 'QuotaExceededError') {
      await writing('runs', () => Promise.reject(cause));
    }
    throw new TiebreakError('journal/unavailable', { cause });
  }
}
