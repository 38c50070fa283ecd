import { TiebreakError, throwIfAborted } from '../domain/errors.ts';
import type { BuildProgress } from '../import/build.ts';
import type { Manifest } from '../model/manifest.ts';
import { MANIFEST } from '../model/manifest-name.ts';
import { slices } from '../storage/hash.ts';
import type { PackageFiles } from '../storage/package-files.ts';

/** Paths of all files of a package, the manifest last: a folder without it is no package. */
export function packagePaths(manifest: Manifest): string[] {
  return [...Object.keys(manifest.files), MANIFEST];
}

/**
 * Copies a package into a folder that the user chose. If this fails, the copied files are removed again.
 * @throws TiebreakError `storage/exists` if a file or folder there would be overwritten, `storage/full`,
 *   `storage/write`, `storage/permission`, `run/cancelled`.
 */
export async function exportPackage(
  files: PackageFiles,
  manifest: Manifest,
  folder: FileSystemDirectoryHandle,
  options: { signal: AbortSignal; onProgress: (progress: BuildProgress) => void },
): Promise<void> {
  const paths = packagePaths(manifest);
  const top = new Set(paths.map((path) => path.split('/')[0]!));
  await checkFree(folder, top);
  const sources = await Promise.all(paths.map((path) => files.open(path)));
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  try {
    for (const [i, source] of sources.entries()) {
      const path = paths[i]!;
      const writable = await create(folder, path);
      try {
        for await (const bytes of slices(source, 0, source.size)) {
          throwIfAborted(options.signal);
          await writable.write(bytes);
          done += bytes.length;
          options.onProgress({ step: 'weights', done, total, what: path });
        }
        await writable.close();
      } catch (thrown) {
        await writable.abort().catch(() => undefined);
        throw thrown;
      }
    }
  } catch (thrown) {
    for (const name of top) {
      await folder.removeEntry(name, { recursive: true }).catch(() => undefined);
    }
    throw writeError(folder, thrown);
  }
}

async function checkFree(folder: FileSystemDirectoryHandle, names: Set<string>): Promise<void> {
  try {
    for await (const name of folder.keys()) {
      if (!names.has(name)) continue;
      throw new TiebreakError('storage/exists', { params: { folder: folder.name, name } });
    }
  } catch (thrown) {
    throw writeError(folder, thrown);
  }
}

async function create(
  folder: FileSystemDirectoryHandle,
  path: string,
): Promise<FileSystemWritableFileStream> {
  const folders = path.split('/');
  const name = folders.pop()!;
  let directory = folder;
  for (const next of folders) {
    directory = await directory.getDirectoryHandle(next, { create: true });
  }
  return (await directory.getFileHandle(name, { create: true })).createWritable();
}

function writeError(folder: FileSystemDirectoryHandle, thrown: unknown): unknown {
  if (thrown instanceof TiebreakError) return thrown;
  const { name, message } = thrown as DOMException;
  const options = { params: { folder: folder.name, reason: message }, cause: thrown };
  if (name === 'QuotaExceededError') return new TiebreakError('storage/full:folder', options);
  if (name === 'NotAllowedError') return new TiebreakError('storage/permission:write', options);
  return new TiebreakError('storage/write:folder', options);
}
