import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { TiebreakError } from '../../domain/errors.ts';

/** The process that holds a lock. */
interface Holder {
  pid: number;
  host: string;
  /**
   * Start time of the process, in ticks since the machine started; null if unknown. A later process may get the same
   * number, but not the same time.
   */
  began: string | null;
  /** Distinguishes locks of one process. */
  id: string;
}

/**
 * Takes a lock, which is a file, until it is released or this process ends. A lock whose process no longer exists is
 * taken over.
 * @returns a function that releases the lock.
 * @throws TiebreakError `journal/busy` if another process holds it, or one on another computer may hold it.
 */
export async function takeLock(path: string): Promise<() => void> {
  const { pid } = process;
  const mine: Holder = { pid, host: hostname(), began: beganAt(pid), id: randomUUID() };
  const text = JSON.stringify(mine);
  for (;;) {
    if (await create(path, text)) return held(path, text);
    const found = await readFile(path, 'utf8').catch(() => null);
    if (found === null) continue; // it was released just now
    const holder = parse(found);
    if (holder !== null && mayLive(holder)) throw busy(path, holder);
    await removeStale(path, found);
  }
}

/**
 * Creates a lock file with `text`; false if there is one already. A link makes it appear as a whole, so that no process
 * reads half a lock.
 */
async function create(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text);
    await link(temporary, path);
    return true;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new TiebreakError('storage/write:file', { params: { path, reason: message }, cause });
  } finally {
    await rm(temporary, { force: true });
  }
}

function held(path: string, text: string): () => void {
  const release = () => {
    process.off('exit', release);
    try {
      if (readFileSync(path, 'utf8') === text) rmSync(path);
    } catch {
      // The file has been removed, so there is nothing to release.
    }
  };
  process.on('exit', release);
  return release;
}

/** Removes a lock if it still has the text `stale`; another process may have taken it over meanwhile. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== stale) await link(aside, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  } finally {
    await rm(aside, { force: true });
  }
}

function parse(text: string): Holder | null {
  try {
    const { pid, host, began, id } = JSON.parse(text) as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || typeof host !== 'string') return null;
    return { pid: pid!, host, began: began ?? null, id: id ?? '' };
  } catch {
    return null;
  }
}

/** True if the process may be running; always for another computer, where this is unknown. */
function mayLive({ pid, host, began }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return began === null || beganAt(pid) === began;
}

/** Start time of a process in ticks; null except on Linux. */
function beganAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses that may contain anything; the start time is the 22nd field.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function busy(path: string, { pid, host }: Holder): TiebreakError {
  return new TiebreakError('journal/busy:command', {
    params: { pid, host: host === hostname() ? null : host, lock: path },
    place: { file: path },
  });
}
