import { constants, existsSync } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TiebreakError } from '../domain/errors.ts';
import { type ByteSource, checkRange } from './byte-source.ts';
import { checkPath, missingFile, type PackageFiles } from './package-files.ts';
import type { FileWriter, PackageSink } from './sink.ts';

/**
 * A file on disk, for Node. Every read opens it anew, so there is nothing to close. Reads reject with `storage/changed`
 * once its size or modification time differs.
 */
export class NodeFileSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly version: string;
  private readonly mtimeMs: number;

  private constructor(name: string, size: number, mtimeMs: number) {
    this.name = name;
    this.size = size;
    this.mtimeMs = mtimeMs;
    this.version = `${mtimeMs}-${size}`;
  }

  /** Opens a file. @throws TiebreakError `storage/open` if it is missing, not readable or no regular file. */
  static async open(path: string): Promise<NodeFileSource> {
    try {
      await access(path, constants.R_OK);
      const found = await stat(path);
      if (!found.isFile()) throw new Error('not a regular file');
      return new NodeFileSource(path, found.size, found.mtimeMs);
    } catch (cause) {
      throw new TiebreakError('storage/open', {
        params: { path, reason: (cause as Error).message },
        place: { file: path },
        cause,
      });
    }
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, start, end);
    const handle = await this.reopen(start);
    try {
      const bytes = new Uint8Array(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(
          bytes,
          filled,
          bytes.length - filled,
          start + filled,
        );
        if (bytesRead === 0) throw this.changed(start + filled);
        filled += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  }

  private async reopen(byte: number): Promise<FileHandle> {
    let handle: FileHandle;
    try {
      handle = await open(this.name, 'r');
    } catch {
      throw this.changed(byte);
    }
    const { size, mtimeMs } = await handle.stat();
    if (size === this.size && mtimeMs === this.mtimeMs) return handle;
    await handle.close();
    throw this.changed(byte);
  }

  private changed(byte: number): TiebreakError {
    return new TiebreakError('storage/changed:disk', {
      params: { name: this.name },
      place: { file: this.name, byte },
    });
  }
}

/** A directory on disk, for Node. */
export class NodeDirectory implements PackageFiles {
  readonly label: string;

  constructor(path: string) {
    this.label = path;
  }

  async open(path: string): Promise<ByteSource> {
    const full = join(this.label, checkPath(path));
    if (!existsSync(full)) throw missingFile(this.label, path);
    return NodeFileSource.open(full);
  }

  async names(): Promise<string[]> {
    return readdir(this.label).catch(() => []);
  }
}

/** Writes a package into a directory on disk, for Node. Creates folders as needed. */
export class NodeSink implements PackageSink {
  readonly files: NodeDirectory;

  constructor(path: string) {
    this.files = new NodeDirectory(path);
  }

  async create(path: string, keep = 0): Promise<FileWriter> {
    const full = this.resolve(path);
    return writing(path, async () => {
      await mkdir(dirname(full), { recursive: true });
      const handle = await open(full, keep > 0 ? 'r+' : 'w');
      try {
        if (keep > 0) await cutOff(handle, keep);
      } catch (thrown) {
        await handle.close();
        throw thrown;
      }
      return new NodeWriter(path, handle, keep);
    });
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const full = this.resolve(path);
    const temporary = `${full}.new`;
    await writing(path, async () => {
      await mkdir(dirname(full), { recursive: true });
      try {
        const handle = await open(temporary, 'w');
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, full);
      } catch (thrown) {
        await rm(temporary, { force: true });
        throw thrown;
      }
    });
  }

  async patch(path: string, at: number, bytes: Uint8Array): Promise<void> {
    const full = this.resolve(path);
    await writing(path, async () => {
      await mkdir(dirname(full), { recursive: true });
      // `r+` would fail for a missing file, and `w` would delete the bytes of an existing one.
      const handle = await open(full, constants.O_RDWR | constants.O_CREAT);
      try {
        await new NodeWriter(path, handle, at).write(bytes);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    });
  }

  async remove(path: string): Promise<void> {
    const full = this.resolve(path);
    await writing(path, () => rm(full, { force: true }));
  }

  private resolve(path: string): string {
    return join(this.files.label, checkPath(path));
  }
}

class NodeWriter implements FileWriter {
  private readonly path: string;
  private readonly handle: FileHandle;
  private position: number;

  constructor(path: string, handle: FileHandle, position: number) {
    this.path = path;
    this.handle = handle;
    this.position = position;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await writing(this.path, async () => {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.handle.write(
          bytes,
          done,
          bytes.length - done,
          this.position,
        );
        done += bytesWritten;
        this.position += bytesWritten;
      }
    });
  }

  flush(): Promise<void> {
    return writing(this.path, () => this.handle.datasync());
  }

  close(): Promise<void> {
    return writing(this.path, () => this.handle.close());
  }
}

/** Truncates a file to its first `keep` bytes. Throws for a shorter one, which `truncate` would pad with zeros. */
async function cutOff(handle: FileHandle, keep: number): Promise<void> {
  const { size } = await handle.stat();
  if (size < keep) throw new Error(`it has ${size} bytes where ${keep} were written before`);
  await handle.truncate(keep);
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Runs `work`, which writes. Its failures become `storage/full` or `storage/write`. */
async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TiebreakError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== undefined && FULL.has(code)) {
      throw new TiebreakError('storage/full:disk', {
        params: { path },
        place: { file: path },
        cause,
      });
    }
    throw new TiebreakError('storage/write', {
      params: { path, reason: message },
      place: { file: path },
      cause,
    });
  }
}
