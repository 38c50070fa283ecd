import { constants, existsSync } from 'node:fs';
import { access, type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TiebreakError } from '../core/errors.ts';
import { type ByteSource, checkRange } from './byte-source.ts';
import { checkPath, missingFile, type PackageFiles } from './package-files.ts';
import type { FileWriter, PackageSink } from './sink.ts';

/**
 * A file on disk, for Node. Every read opens it anew, so there is nothing to close; reading fails with `storage/changed`
 * once its size or modification time differ.
 */
export class NodeFileSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly mtimeMs: number;

  private constructor(name: string, size: number, mtimeMs: number) {
    this.name = name;
    this.size = size;
    this.mtimeMs = mtimeMs;
  }

  /** Opens a file. @throws TiebreakError `storage/open` when it is missing, a directory or not readable. */
  static async open(path: string): Promise<NodeFileSource> {
    try {
      await access(path, constants.R_OK);
      const found = await stat(path);
      if (!found.isFile()) throw new Error('not a regular file');
      return new NodeFileSource(path, found.size, found.mtimeMs);
    } catch (cause) {
      throw new TiebreakError('storage/open', `Cannot open ${path}: ${(cause as Error).message}.`, {
        action: 'Check the path and its permissions.',
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
    return new TiebreakError('storage/changed', `${this.name} changed while it was being read.`, {
      action: 'Start again with the new file.',
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
}

/** Writes a package into a directory, for Node; folders are made as needed. */
export class NodeSink implements PackageSink {
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async create(path: string): Promise<FileWriter> {
    const full = join(this.path, checkPath(path));
    await mkdir(dirname(full), { recursive: true });
    const handle = await open(full, 'w');
    return {
      write: async (bytes) => {
        await handle.writeFile(bytes);
      },
      close: () => handle.close(),
    };
  }
}
