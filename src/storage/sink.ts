/** One file being written, front to back. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Where a package is written to. */
export interface PackageSink {
  create(path: string): Promise<FileWriter>;
}

/** Collects files in memory, for tests and small packages. */
export class MemorySink implements PackageSink {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();

  async create(path: string): Promise<FileWriter> {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    return {
      write: async (bytes) => {
        chunks.push(new Uint8Array(bytes));
      },
      close: async () => {
        this.files.set(path, new Uint8Array(await new Blob(chunks).arrayBuffer()));
      },
    };
  }
}
