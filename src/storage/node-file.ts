import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TiebreakError } from '../core/errors.ts';
import { type ByteSource, checkRange } from './byte-source.ts';
import { checkPath, missingFile, type PackageFiles } from './package-files.ts';
import type { FileWriter, PackageSink } from './sink.ts';

/** A file on disk, for Node. Reading fails with `storage/changed` once its size or modification time differ. */
export class NodeFileSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly handle: FileHandle;
  private readonly mtimeMs: number;

  private constructor(name: string, handle: FileHandle, size: number, mtimeMs: number) {
    this.name = name;
    this.handle = handle;
    this.size = size;
    this.mtimeMs = mtimeMs;
  }

  /** Opens a file. @throws TiebreakError `storage/open` when it is missing, a directory or not readable. */
  static async open(path: string): Promise<NodeFileSource> {
    try {
      const handle = await open(path, 'r');
      const stat = await handle.stat();
      if (!stat.isFile()) {
        await handle.close();
        throw new Error('not a regular file');
      }
      return new NodeFileSource(path, handle, stat.size, stat.mtimeMs);
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
    const stat = await this.handle.stat();
    if (stat.size !== this.size || stat.mtimeMs !== this.mtimeMs) {
      throw new TiebreakError('storage/changed', `${this.name} changed while it was being read.`, {
        action: 'Start again with the new file.',
        place: { file: this.name, byte: start },
      });
    }
    const bytes = new Uint8Array(end - start);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.handle.read(
        bytes,
        filled,
        bytes.length - filled,
        start + filled,
      );
      if (bytesRead === 0) {
        throw new TiebreakError('storage/read', `${this.name} ended early.`, {
          place: { file: this.name, byte: start + filled },
        });
      }
      filled += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** A directory on disk, for Node. Opened files stay open until {@link NodeDirectory.close}. */
export class NodeDirectory implements PackageFiles {
  readonly label: string;
  private readonly opened = new Map<string, NodeFileSource>();

  constructor(path: string) {
    this.label = path;
  }

  async open(path: string): Promise<ByteSource> {
    const known = this.opened.get(checkPath(path));
    if (known !== undefined) return known;
    const full = join(this.label, path);
    if (!existsSync(full)) throw missingFile(this.label, path);
    const source = await NodeFileSource.open(full);
    this.opened.set(path, source);
    return source;
  }

  async close(): Promise<void> {
    for (const source of this.opened.values()) await source.close();
    this.opened.clear();
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
