import { MemoryFiles, type PackageFiles } from './package-files.ts';

/** One file being written, front to back. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Settles when all that was written so far survives a crash, of the machine too (fdatasync, or flush of the OPFS).
   */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A directory that a package is written into.
 * Every method throws TiebreakError `storage/full` when there is no room, `storage/write` when writing fails otherwise.
 */
export interface PackageSink {
  /**
   * Opens a file for writing behind its first `keep` bytes (default 0); what lay behind them is cut off. Folders are
   * made as needed.
   */
  create(path: string, keep?: number): Promise<FileWriter>;
  /** Writes a small file in one step: after a crash it is the old one or the new one, never half of one. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Writes bytes over those of a file from `at` on; the rest stays. A file that is not there is made. */
  patch(path: string, at: number, bytes: Uint8Array): Promise<void>;
  /** Removes a file; one that is not there is no error. */
  remove(path: string): Promise<void>;
  /** Reads what was written. */
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
