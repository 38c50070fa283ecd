import { holdPackage, StoredFiles } from '../../packages/opfs.ts';
import { HttpFiles } from '../../storage/http-files.ts';
import { BlobFiles, type PackageFiles } from '../../storage/package-files.ts';

/** Where a model package comes from. */
export type ModelSource =
  | { kind: 'url'; url: string }
  | { kind: 'files'; label: string; files: { path: string; file: File }[] }
  /** A package in the origin private file system; `name` is for messages. */
  | { kind: 'stored'; id: string; name: string };

/** The files of a model, wherever the user has it. */
export function openModelFiles(source: ModelSource): PackageFiles {
  // Chromium's cache gives other bytes than the server for some ranges of a file that is read in many small ones.
  if (source.kind === 'url') return new HttpFiles(new URL(source.url), { cache: 'no-store' });
  if (source.kind === 'stored') return new StoredFiles(source.id, source.name);
  const files = new Map(source.files.map(({ path, file }) => [path, file]));
  return new BlobFiles(source.label, files);
}

/**
 * Keeps a stored model from being deleted or written. Returns what lets it go; so does the end of this worker.
 * @throws TiebreakError `packages/busy` when it is being deleted or written.
 */
export async function holdModelFiles(source: ModelSource): Promise<() => void> {
  return source.kind === 'stored' ? await holdPackage(source.id) : () => {};
}
