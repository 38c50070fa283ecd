import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import { isWorthKeeping, type PackagePlan } from '../../import/build.ts';
import { MANIFEST } from '../../model/manifest-name.ts';
import { usageError } from '../terminal/common.ts';

/**
 * Checks that `out` may be replaced: it must be a package, an empty directory, or not exist.
 * @throws TiebreakError `cli/usage` for anything else.
 */
export async function checkReplaceable(out: string): Promise<void> {
  if (!existsSync(out)) return;
  if (!(await stat(out)).isDirectory()) throw usageError(`${out} is not a directory.`);
  const names = await readdir(out);
  if (names.length > 0 && !names.includes(MANIFEST)) {
    throw usageError(`${out} exists and is not a model package, so it is not replaced.`);
  }
}

/**
 * Lets `write` fill the directory `out`.partial, which then replaces `out`. After a failure the partial directory stays
 * if another attempt can continue it, and is removed otherwise.
 * @throws TiebreakError `cli/usage` while another process writes there, or whatever `write` throws.
 */
export async function replaceDirectory<T>(
  out: string,
  write: (partial: string) => Promise<T>,
): Promise<T> {
  const partial = `${out}.partial`;
  const lock = `${partial}.lock`;
  await takeLock(lock, partial);
  try {
    const result = await write(partial);
    await rm(out, { recursive: true, force: true });
    await rename(partial, out);
    return result;
  } catch (thrown) {
    if (!isWorthKeeping(asTiebreakError(thrown))) {
      await rm(partial, { recursive: true, force: true });
    }
    throw thrown;
  } finally {
    await rm(lock, { force: true });
  }
}

async function takeLock(lock: string, partial: string): Promise<void> {
  try {
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, String(process.pid), { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new TiebreakError('storage/write:file', {
        params: { path: lock, reason: (cause as Error).message },
        cause,
      });
    }
    const pid = Number(readFileSync(lock, 'utf8'));
    if (isRunning(pid)) throw usageError(`Process ${pid} is writing ${partial}.`);
    // That process was killed, and this one continues its work.
    await writeFile(lock, String(process.pid));
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Throws `storage/full` if the disk lacks room for the bytes that are still to be written. */
export async function checkDiskRoom(plan: PackagePlan, partial: string): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(partial));
  const missing = plan.facts.bytes - (await size(partial));
  if (missing <= bavail * bsize) return;
  throw new TiebreakError('storage/full:package', {
    params: { bytes: plan.facts.bytes, missing, free: bavail * bsize },
  });
}

/** Bytes of all files in a directory; 0 if it does not exist. */
async function size(directory: string): Promise<number> {
  if (!existsSync(directory)) return 0;
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
