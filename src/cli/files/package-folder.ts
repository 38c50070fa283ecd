import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import { isWorthKeeping, type PackagePlan } from '../../import/build.ts';
import { MANIFEST } from '../../model/manifest.ts';
import { usageError } from '../terminal/common.ts';

/**
 * Only a package, an empty directory or nothing may be replaced.
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
 * Lets `write` fill the directory `out`.partial and puts it in the place of `out` when it is complete. After a failure
 * that may pass, the partial directory stays for another try; after others it is removed.
 * @throws TiebreakError `cli/usage` while another process writes there; what `write` throws.
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
    // It was killed; this process continues its work.
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

/** Throws `storage/full` when the disk has not enough room for what is still to be written. */
export async function checkDiskRoom(plan: PackagePlan, partial: string): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(partial));
  const missing = plan.facts.bytes - (await size(partial));
  if (missing <= bavail * bsize) return;
  throw new TiebreakError('storage/full:package', {
    params: { bytes: plan.facts.bytes, missing, free: bavail * bsize },
  });
}

/** Bytes of the files in a directory; 0 when there is none. */
async function size(directory: string): Promise<number> {
  if (!existsSync(directory)) return 0;
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
