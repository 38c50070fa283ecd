import { createWriteStream } from 'node:fs';
import { access, constants, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TiebreakError } from '../../domain/errors.ts';

/** Throws `storage/write` if the folder of `path` is not writable. Commands call it before hours of work. */
export async function checkWritable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/**
 * Writes a text to a temporary file and renames that, so that a file named `path` is always complete.
 * @throws TiebreakError `storage/write`
 */
export async function writeWhole(path: string, pieces: Iterable<string>): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await pipeline(pieces, createWriteStream(temporary));
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof TiebreakError) throw cause;
    throw cannotWrite(path, cause);
  }
}

function cannotWrite(path: string, cause: unknown): TiebreakError {
  return new TiebreakError('storage/write:file', {
    params: { path, reason: (cause as Error).message },
    place: { file: path },
    cause,
  });
}
