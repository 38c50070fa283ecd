import { createWriteStream } from 'node:fs';
import { access, constants, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TiebreakError } from '../../domain/errors.ts';

/** Throws `storage/write` when files cannot be written into the folder of `path`: known before hours of work. */
export async function checkWritable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/**
 * Writes a text beside the target and renames it, so that a file of that name is always a whole one.
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
