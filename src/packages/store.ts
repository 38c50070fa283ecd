import { TiebreakError } from '../domain/errors.ts';
import { JOURNAL } from '../import/build.ts';
import { type Manifest, parseManifest } from '../model/manifest.ts';
import { MANIFEST } from '../model/manifest-name.ts';
import { DirectoryHandleFiles, OpfsSink } from '../storage/directory-handle.ts';
import { readText } from '../storage/package-files.ts';
import type { ImportRequest, StoredPackage } from './api.ts';
import { busyPackages, isPackageId, packageDirectory, packagesRoot } from './opfs.ts';
import { forgetHandles, forgetRequest, readRequest, saveRequest } from './stored-request.ts';
import { readSource } from './stored-source.ts';

/**
 * Makes the id of a new package: letters and digits of its name, so that people recognise its folder, and 8 random
 * hexadecimal digits that make it unique.
 */
export function newPackageId(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '');
  const random = crypto.getRandomValues(new Uint8Array(4));
  const suffix = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${slug || 'model'}-${suffix}`;
}

/** Describes all packages, sorted by name. */
export async function listPackages(): Promise<StoredPackage[]> {
  const root = await packagesRoot();
  const ids: string[] = [];
  for await (const [id, entry] of root.entries()) {
    if (entry.kind === 'directory' && isPackageId(id)) ids.push(id);
  }
  const packages = await Promise.all(ids.map((id) => describePackage(id).catch(ifUnknown)));
  return packages
    .filter((found) => found !== null)
    .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
}

/** Describes a package. @throws TiebreakError `packages/unknown` if there is none. */
export async function describePackage(id: string): Promise<StoredPackage> {
  const directory = await packageDirectory(id);
  const files = new DirectoryHandleFiles(directory, id);
  const [{ manifest, finished }, bytes, busy, source] = await Promise.all([
    readManifest(directory),
    bytesIn(directory),
    busyPackages(),
    readSource(files),
  ]);
  const missing = manifest === null ? [] : await missingFiles(files, manifest);
  const begun = manifest === null ? await readRequest(files, id) : null;
  return {
    id,
    name: manifest?.name ?? source?.name ?? begun?.request.name ?? id,
    bytes,
    total: manifest === null ? (source?.bytes ?? begun?.bytes ?? null) : null,
    finished,
    state: busy.has(id)
      ? 'busy'
      : manifest === null
        ? 'partial'
        : missing.length > 0
          ? 'damaged'
          : 'complete',
    missing,
    address: source?.address ?? null,
    adapters: manifest?.adapters.map(({ name }) => name) ?? [],
    quantization: manifest?.quantization ?? null,
    request: begun?.request ?? null,
  };
}

/**
 * Opens a complete package. The caller must hold its lock.
 * @throws TiebreakError `packages/unknown`, `packages/partial`.
 */
export async function openStored(
  id: string,
): Promise<{ files: DirectoryHandleFiles; manifest: Manifest }> {
  const directory = await packageDirectory(id);
  const { manifest } = await readManifest(directory);
  if (manifest !== null) {
    return { files: new DirectoryHandleFiles(directory, manifest.name), manifest };
  }
  throw new TiebreakError('packages/partial');
}

/** Opens the folder of a package for writing, and creates it if necessary. The caller must hold its exclusive lock. */
export async function packageSink(id: string): Promise<OpfsSink> {
  const root = await packagesRoot();
  return new OpfsSink(await root.getDirectoryHandle(id, { create: true }), id);
}

/** Stores the request of an import, and the bytes of the whole package, until the package is complete. */
export async function rememberImport(
  id: string,
  request: ImportRequest,
  bytes: number,
): Promise<void> {
  await saveRequest(await packageSink(id), id, request, bytes);
}

/** Deletes the stored request of a package that is complete. */
export async function forgetImport(id: string): Promise<void> {
  await forgetRequest(await packageSink(id), id);
}

/** Deletes a package, complete or not. The caller must hold its exclusive lock. */
export async function erasePackage(id: string): Promise<void> {
  if (!isPackageId(id)) return;
  const root = await packagesRoot();
  try {
    await root.removeEntry(id, { recursive: true });
  } catch (cause) {
    const { name, message } = cause as DOMException;
    if (name !== 'NotFoundError') {
      throw new TiebreakError('packages/busy:delete', { params: { reason: message }, cause });
    }
  }
  await forgetHandles(id);
}

/** The manifest and the time when it was written, after all other files; nulls unless the package is complete. */
async function readManifest(
  directory: FileSystemDirectoryHandle,
): Promise<{ manifest: Manifest; finished: number } | { manifest: null; finished: null }> {
  const files = new DirectoryHandleFiles(directory);
  const nothing = { manifest: null, finished: null };
  const journal = await files.open(JOURNAL).catch(() => null);
  if (journal !== null) return nothing;
  try {
    const { lastModified: finished } = await files.file(MANIFEST);
    return { manifest: parseManifest(await readText(files, MANIFEST)), finished };
  } catch {
    return nothing;
  }
}

/** Paths of files that are missing or have another size than the manifest says. */
async function missingFiles(files: DirectoryHandleFiles, manifest: Manifest): Promise<string[]> {
  const all = Object.entries(manifest.files).map(async ([path, { bytes }]) => {
    const size = await files.file(path).then(
      (file) => file.size,
      () => null,
    );
    return size === bytes ? [] : [path];
  });
  return (await Promise.all(all)).flat();
}

async function bytesIn(directory: FileSystemDirectoryHandle): Promise<number> {
  let sum = 0;
  for await (const entry of directory.values()) {
    try {
      sum +=
        entry.kind === 'directory'
          ? await bytesIn(entry as FileSystemDirectoryHandle)
          : (await (entry as FileSystemFileHandle).getFile()).size;
    } catch {
      // The entry was removed in the meantime.
    }
  }
  return sum;
}

function ifUnknown(thrown: unknown): null {
  if (thrown instanceof TiebreakError && thrown.code === 'packages/unknown') return null;
  throw thrown;
}
