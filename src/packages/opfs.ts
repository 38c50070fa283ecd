import { TiebreakError } from '../domain/errors.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { DirectoryHandleFiles } from '../storage/directory-handle.ts';
import type { PackageFiles } from '../storage/package-files.ts';
import { checkSecure } from '../storage/secure.ts';

/** Ids are made by us of lower-case letters, digits and `-`; nothing else ever becomes a path. */
const ID = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** How long to wait for another tab that is about to let go, in ms. */
const PATIENCE_MS = 2000;

/**
 * The folder of the origin private file system that holds all packages, one folder for each.
 * @throws TiebreakError `packages/unavailable` where the browser has none, as in some private windows;
 * `storage/insecure` where
 *   that is because of the page's address.
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

/** True for an id that a package can have. */
export function isPackageId(id: string): boolean {
  return ID.test(id);
}

/** The folder of a package. @throws TiebreakError `packages/unknown` when there is none. */
export async function packageDirectory(id: string): Promise<FileSystemDirectoryHandle> {
  const root = await packagesRoot();
  try {
    if (isPackageId(id)) return await root.getDirectoryHandle(id);
  } catch {
    // It was deleted, perhaps in another tab.
  }
  throw new TiebreakError('packages/unknown');
}

/** The files of a stored package, which is looked up when the first one is opened. */
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
 * Works on a package while holding its lock: `shared` for reading, `exclusive` for writing and deleting.
 * @throws TiebreakError `packages/busy` when another tab or worker does not let it go within two seconds,
 * `storage/insecure`.
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

/** Takes the lock of a package for reading. Returns what lets it go; so does the end of this worker. */
export function holdPackage(id: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    withPackage(id, 'shared', () => new Promise<void>((letGo) => resolve(letGo))).catch(reject);
  });
}

/** Ids of the packages that are being written or deleted, in whatever tab. */
export async function busyPackages(): Promise<Set<string>> {
  checkSecure();
  const { held = [] } = await navigator.locks.query();
  return new Set(
    held.flatMap(({ name, mode }) =>
      mode === 'exclusive' && name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [],
    ),
  );
}
