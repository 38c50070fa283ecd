import { MemoryFiles, type PackageFiles } from './package-files.ts';

/** A file that is being written from front to back. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Resolves when all bytes written so far are durable: they survive a crash of the program and of the machine
   * (fdatasync in Node, `flush` of OPFS).
   */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A directory into which files are written.
 * Every method throws TiebreakError `storage/full` if there is no room, or `storage/write` if writing fails otherwise.
 */
export interface PackageSink {
  /**
   * Opens a file for writing after its first `keep` bytes (default 0); all later bytes are cut off. Creates folders as
   * needed.
   */
  create(path: string, keep?: number): Promise<FileWriter>;
  /** Replaces a small file in one step: after a crash it is the old one or the new one, never a part of one. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Overwrites bytes of a file from offset `at` on and keeps the others. Creates a missing file. Durable on return. */
  patch(path: string, at: number, bytes: Uint8Array): Promise<void>;
  /** Removes a file. A missing file is no error. */
  remove(path: string): Promise<void>;
  /** Reads the files of the directory. */
  readonly files: PackageFiles;
}

/** Collects files in memory, for tests and small packages. */
export class MemorySink implements PackageSink {
  readonly files = new MemoryFiles('memory');

  async create(path: string, keep = 0): Promise<FileWriter> {
    const { files } = this.files;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    if (keep > 0) chunks.push(files.get(path)!.slice(0, keep));
    const flush = async () => {
      files.set(path, new Uint8Array(await new Blob(chunks).arrayBuffer()));
    };
    return {
      write: async (bytes) => {
        chunks.push(new Uint8Array(bytes));
      },
      flush,
      close: flush,
    };
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    this.files.files.set(path, new Uint8Array(bytes));
  }

  async patch(path: string, at: number, bytes: Uint8Array): Promise<void> {
    const old = this.files.files.get(path) ?? new Uint8Array(0);
    const next = new Uint8Array(Math.max(old.length, at + bytes.length));
    next.set(old);
    next.set(bytes, at);
    this.files.files.set(path, next);
  }

  async remove(path: string): Promise<void> {
    this.files.files.delete(path);
  }
}
