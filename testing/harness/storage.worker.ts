import { expose } from 'comlink';
import { type Outcome, outcome } from '../../src/rpc/remote.ts';
import { DirectoryHandleFiles, OpfsSink } from '../../src/storage/directory-handle.ts';
import { readText } from '../../src/storage/package-files.ts';
import type { FileWriter } from '../../src/storage/sink.ts';

/** Writing into the folder `test` of the origin private file system, as an import does it. */
export interface StorageWorkerApi {
  /** Opens a file; what follows is about this one. */
  create(path: string, keep: number): Promise<Outcome<void>>;
  /** Writes `bytes` bytes of value 7, or a text. */
  write(content: number | string): Promise<Outcome<void>>;
  flush(): Promise<Outcome<void>>;
  close(): Promise<Outcome<void>>;
  replace(path: string, text: string): Promise<Outcome<void>>;
  remove(path: string): Promise<Outcome<void>>;
  read(path: string): Promise<Outcome<string>>;
  /** Paths of everything in the folder. */
  list(): Promise<string[]>;
  /** Takes writables away, as in browsers that have none. */
  withoutWritables(): void;
}

let writer: FileWriter | undefined;

async function directory(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle('test', { create: true });
}

async function sink(): Promise<OpfsSink> {
  return new OpfsSink(await directory());
}

async function paths(folder: FileSystemDirectoryHandle, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for await (const [name, entry] of folder.entries()) {
    if (entry.kind === 'file') found.push(prefix + name);
    else found.push(...(await paths(entry as FileSystemDirectoryHandle, `${prefix}${name}/`)));
  }
  return found.sort();
}

const api: StorageWorkerApi = {
  create: (path, keep) =>
    outcome(async () => {
      writer = await (await sink()).create(path, keep);
    }),
  write: (content) =>
    outcome(() => {
      const bytes =
        typeof content === 'string'
          ? new TextEncoder().encode(content)
          : new Uint8Array(content).fill(7);
      return writer!.write(bytes);
    }),
  flush: () => outcome(() => writer!.flush()),
  close: () => outcome(() => writer!.close()),
  replace: (path, text) =>
    outcome(async () => (await sink()).replace(path, new TextEncoder().encode(text))),
  remove: (path) => outcome(async () => (await sink()).remove(path)),
  read: (path) => outcome(async () => readText(new DirectoryHandleFiles(await directory()), path)),
  list: async () => paths(await directory()),
  withoutWritables() {
    Reflect.deleteProperty(FileSystemFileHandle.prototype, 'createWritable');
  },
};

expose(api);
