import { TiebreakError } from '../domain/errors.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { DirectoryHandleFiles } from '../storage/directory-handle.ts';
import type { PackageFiles } from '../storage/package-files.ts';
import { checkSecure } from '../storage/secure.ts';

/** Pattern of a package's id. Only `newPackageId` makes ids, and nothing else ever becomes a path. */
const ID = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** Milliseconds to wait for the lock of a package, which another tab may be about to release. */
const PATIENCE_MS = 2000;

/**
 * The folder of the origin private file system that contains one folder per package.
 * @throws TiebreakError `packages/unavailable` if the browser has no such file system, as in some private windows;
 *   `storage/insecure` if the page's address is the reason.
 */
export async function packagesRoot(): Promise<FileSystemDirectoryHandle> {
  checkSecure();
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle('packages', { create: true });
  } catch (cause) {
    throw new TiebreakError('packages/unavailable', { cause });
  }
}

/** True if `id` has the form of a package's id. */
export function isPackageId(id: string): boolean {
  return ID.test(id);
}

/** The folder of a package. @throws TiebreakError `packages/unknown` if there is none. */
export async function packageDirectory(id: string): Promise<FileSystemDirectoryHandle> {
  const root = await packagesRoot();
  try {
    if (isPackageId(id)) return await root.getDirectoryHandle(id);
  } catch {
    // The package was deleted, perhaps in another tab.
  }
  throw new TiebreakError('packages/unknown');
}

/** The files of a stored package. Its folder is looked up when the first file is opened. */
export class StoredFiles implements PackageFiles {
  readonly label: string;
  private readonly id: string;
  private files: Promise<DirectoryHandleFiles> | undefined;

  constructor(id: string, name: string) {
    this.id = id;
    this.label = name;
  }

  async open(path: string): Promise<ByteSource> {
    this.files ??= packageDirectory(this.id).then((it) => new DirectoryHandleFiles(it, this.label));
    return (await this.files).open(path);
  }
}

const PREFIX = 'tiebreak-package-';

/**
 * Runs `work` while holding the lock of a package: `shared` for reading, `exclusive` for writing and deleting.
 * @throws TiebreakError `packages/busy` if another tab or worker does not release it within two seconds,
 *   `storage/insecure`.
 */
export async function withPackage<T>(
  id: string,
  mode: LockMode,
  work: () => T | Promise<T>,
): Promise<T> {
  checkSecure();
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  let held = false;
  try {
    return await navigator.locks.request(PREFIX + id, { mode, signal: patience.signal }, () => {
      held = true;
      clearTimeout(timer);
      return work();
    });
  } catch (thrown) {
    if (held || !patience.signal.aborted) throw thrown;
    throw new TiebreakError('packages/busy', { params: { mode } });
  } finally {
    clearTimeout(timer);
  }
}

/** Takes the shared lock of a package and resolves to a function that releases it, as the end of this worker does. */
export function holdPackage(id: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    withPackage(id, 'shared', () => new Promise<void>((letGo) => resolve(letGo))).catch(reject);
  });
}

/** Ids of the packages that any tab is writing or deleting. */
export async function busyPackages(): Promise<Set<string>> {
  checkSecure();
  const { held = [] } = await navigator.locks.query();
  return new Set(
    held.flatMap(({ name, mode }) =>
      mode === 'exclusive' && name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [],
    ),
  );
}
