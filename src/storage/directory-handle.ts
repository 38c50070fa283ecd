import { TiebreakError } from '../domain/errors.ts';
import { BlobSource, type ByteSource } from './byte-source.ts';
import { checkPath, missingFile, type PackageFiles } from './package-files.ts';
import type { FileWriter, PackageSink } from './sink.ts';

/**
 * A folder behind a handle of the browser: one that the user chose (File System Access) or one of the origin private
 * file system (OPFS). In addition to what {@link PackageFiles} says, opening throws `storage/permission` if the user
 * must give permission first.
 */
export class DirectoryHandleFiles implements PackageFiles {
  readonly label: string;
  private readonly directory: FileSystemDirectoryHandle;

  constructor(directory: FileSystemDirectoryHandle, label = directory.name) {
    this.directory = directory;
    this.label = label;
  }

  async open(path: string): Promise<ByteSource> {
    return new BlobSource(path, await this.file(path));
  }

  /** A snapshot of a file, which becomes unreadable when the file is written to. */
  async file(path: string): Promise<File> {
    const { folders, name } = split(path);
    try {
      let directory = this.directory;
      for (const folder of folders) directory = await directory.getDirectoryHandle(folder);
      return await (await directory.getFileHandle(name)).getFile();
    } catch (cause) {
      throw this.unreadable(path, cause);
    }
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    try {
      for await (const name of this.directory.keys()) names.push(name);
    } catch {
      // The folder may not be read. Opening a file reports this with a better error.
    }
    return names;
  }

  private unreadable(path: string, cause: unknown): TiebreakError {
    const { name, message } = cause as DOMException;
    // TypeMismatchError: there is a folder in the place of the file, or a file in the place of a folder.
    if (name === 'NotFoundError' || name === 'TypeMismatchError') {
      return missingFile(this.label, path);
    }
    if (name === 'NotAllowedError') {
      return new TiebreakError('storage/permission', {
        params: { label: this.label },
        place: { file: path },
        cause,
      });
    }
    return new TiebreakError('storage/read', {
      params: { path, reason: message },
      place: { file: path },
      cause,
    });
  }
}

// Only workers have these interfaces, so TypeScript's library for pages lacks them.
interface SyncFileHandle {
  createSyncAccessHandle(): Promise<SyncAccessHandle>;
  /**
   * Renames the file and replaces one that has the new name. This is no standard yet, but every browser has it for
   * OPFS.
   */
  move(name: string): Promise<void>;
}
interface SyncAccessHandle {
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

function syncHandle(file: FileSystemFileHandle): SyncFileHandle {
  return file as unknown as SyncFileHandle;
}

/** Writes a package into a folder of the origin private file system. Works only in workers. */
export class OpfsSink implements PackageSink {
  readonly files: DirectoryHandleFiles;
  private readonly directory: FileSystemDirectoryHandle;

  constructor(directory: FileSystemDirectoryHandle, label = directory.name) {
    this.directory = directory;
    this.files = new DirectoryHandleFiles(directory, label);
  }

  async create(path: string, keep = 0): Promise<FileWriter> {
    const { folder, name } = await this.makeFolders(path);
    return writing(path, async () => {
      const file = await folder.getFileHandle(name, { create: true });
      const handle = await syncHandle(file).createSyncAccessHandle();
      try {
        const size = handle.getSize();
        // `truncate` would pad a shorter file with zeros.
        if (size < keep) throw new Error(`it has ${size} bytes where ${keep} were written before`);
        handle.truncate(keep);
      } catch (thrown) {
        handle.close();
        throw thrown;
      }
      return new OpfsWriter(path, handle, keep);
    });
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const { folder, name } = await this.makeFolders(path);
    await writing(path, async () => {
      const file = await folder.getFileHandle(name, { create: true });
      // A writable replaces the file in one step, when it is closed.
      if (!('createWritable' in file)) return moveIntoPlace(folder, name, bytes);
      try {
        await writeWhole(file, bytes);
      } catch (thrown) {
        // On a full disk Chromium sometimes names only the pipe that broke; a sync handle counts the bytes that fit.
        const isNamed = NAMED_FAILURES.has((thrown as DOMException).name);
        if (isNamed || !('createSyncAccessHandle' in file)) throw thrown;
        await moveIntoPlace(folder, name, bytes);
      }
    });
  }

  async patch(path: string, at: number, bytes: Uint8Array): Promise<void> {
    const { folder, name } = await this.makeFolders(path);
    await writing(path, async () => {
      const file = await folder.getFileHandle(name, { create: true });
      const handle = await syncHandle(file).createSyncAccessHandle();
      try {
        writeAll(handle, bytes, at);
        handle.flush();
      } finally {
        handle.close();
      }
    });
  }

  async remove(path: string): Promise<void> {
    const { folders, name } = split(path);
    await writing(path, async () => {
      try {
        let directory = this.directory;
        for (const folder of folders) directory = await directory.getDirectoryHandle(folder);
        await directory.removeEntry(name);
      } catch (thrown) {
        if ((thrown as DOMException).name !== 'NotFoundError') throw thrown;
      }
    });
  }

  private async makeFolders(path: string) {
    const { folders, name } = split(path);
    let folder = this.directory;
    await writing(path, async () => {
      for (const next of folders) {
        folder = await folder.getDirectoryHandle(next, { create: true });
      }
    });
    return { folder, name };
  }
}

class OpfsWriter implements FileWriter {
  private readonly path: string;
  private readonly handle: SyncAccessHandle;
  private position: number;

  constructor(path: string, handle: SyncAccessHandle, position: number) {
    this.path = path;
    this.handle = handle;
    this.position = position;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await writing(this.path, async () => {
      writeAll(this.handle, bytes, this.position);
      this.position += bytes.length;
    });
  }

  async flush(): Promise<void> {
    await writing(this.path, async () => this.handle.flush());
  }

  async close(): Promise<void> {
    this.handle.close();
  }
}

/**
 * Writes all bytes or throws. On a full disk a browser may write the bytes that fit and report this only by the count;
 * Chromium's private windows return an error number (4294967288) as the count.
 */
function writeAll(handle: SyncAccessHandle, bytes: Uint8Array, at: number): void {
  const written = handle.write(bytes, { at });
  if (written !== bytes.length) throw new DOMException('', 'QuotaExceededError');
}

async function writeWhole(file: FileSystemFileHandle, bytes: Uint8Array): Promise<void> {
  const writable = await file.createWritable();
  try {
    await writable.write(new Uint8Array(bytes));
    await writable.close();
  } catch (thrown) {
    await writable.abort().catch(() => undefined);
    throw thrown;
  }
}

/** Replaces a file in one step in browsers that have no writables in OPFS (Safari before 26). */
async function moveIntoPlace(
  folder: FileSystemDirectoryHandle,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const temporary = `${name}.new`;
  const file = syncHandle(await folder.getFileHandle(temporary, { create: true }));
  try {
    const handle = await file.createSyncAccessHandle();
    try {
      handle.truncate(0);
      writeAll(handle, bytes, 0);
      handle.flush();
    } finally {
      handle.close();
    }
    await file.move(name);
  } catch (thrown) {
    await folder.removeEntry(temporary).catch(() => undefined);
    throw thrown;
  }
}

const NAMED_FAILURES = new Set(['QuotaExceededError', 'NoModificationAllowedError']);

/**
 * Runs `work`, which writes. Its failures become `storage/full` or `storage/write`.
 * @param path of the file, for the error; null if it would tell the user nothing.
 */
export async function writing<T>(path: string | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { name, message } = cause as DOMException;
    const place = path === null ? undefined : { file: path };
    if (name === 'QuotaExceededError') {
      throw new TiebreakError('storage/full', { place, cause });
    }
    if (name === 'NoModificationAllowedError') {
      throw new TiebreakError('storage/write:other-tab', { params: { path }, place, cause });
    }
    throw new TiebreakError('storage/write:browser', {
      params: { path, reason: message },
      place,
      cause,
    });
  }
}

function split(path: string): { folders: string[]; name: string } {
  const folders = checkPath(path).split('/');
  const name = folders.pop()!;
  return { folders, name };
}
