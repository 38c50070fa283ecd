import { holdPackage, StoredFiles } from '../../packages/opfs.ts';
import { HttpFiles } from '../../storage/http-files.ts';
import { BlobFiles, type PackageFiles } from '../../storage/package-files.ts';

/** The place of a model package. */
export type ModelSource =
  | { kind: 'url'; url: string }
  | { kind: 'files'; label: string; files: { path: string; file: File }[] }
  /** A package in the origin private file system; `name` is for messages. */
  | { kind: 'stored'; id: string; name: string };

/** Opens the files of a model, wherever it is stored. */
export function openModelFiles(source: ModelSource): PackageFiles {
  // Chromium's cache has returned wrong bytes for a file that is read in many small ranges.
  if (source.kind === 'url') return new HttpFiles(new URL(source.url), { cache: 'no-store' });
  if (source.kind === 'stored') return new StoredFiles(source.id, source.name);
  const files = new Map(source.files.map(({ path, file }) => [path, file]));
  return new BlobFiles(source.label, files);
}

/**
 * Protects a stored model from being deleted or written. Resolves to a function that ends the protection, as the end of
 * this worker does.
 * @throws TiebreakError `packages/busy` if it is being deleted or written.
 */
export async function holdModelFiles(source: ModelSource): Promise<() => void> {
  return source.kind === 'stored' ? await holdPackage(source.id) : () => {};
}
