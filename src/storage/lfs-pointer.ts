import { TiebreakError } from '../domain/errors.ts';
import type { ByteSource } from './byte-source.ts';

/** The first bytes of every pointer: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const BEGINNING = new TextEncoder().encode('version https://git-lfs.github.com/spec/v1');
/** Largest pointer that the specification allows, in bytes. */
const MAX_BYTES = 1024;

/**
 * Throws `storage/lfs-pointer` if these are the bytes of a Git LFS pointer: the small text that replaces a large file
 * in a repository that was cloned without Git LFS.
 */
export function refusePointer(name: string, bytes: Uint8Array): void {
  if (bytes.length > MAX_BYTES || !BEGINNING.every((byte, i) => bytes[i] === byte)) return;
  const file = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  throw new TiebreakError('storage/lfs-pointer', { params: { file }, place: { file: name } });
}

/** As {@link refusePointer} for an open file. A file that is too long for a pointer is not read. */
export async function refusePointerFile(source: ByteSource): Promise<void> {
  if (source.size <= MAX_BYTES) refusePointer(source.name, await source.read(0, source.size));
}
