import { serve } from '../../src/rpc/remote.ts';
import { DirectoryHandleFiles, OpfsSink } from '../../src/storage/directory-handle.ts';
import { readText } from '../../src/storage/package-files.ts';
import type { FileWriter } from '../../src/storage/sink.ts';

/** Writes into the folder `test` of the origin private file system, as an import does. */
export interface StorageWorkerApi {
  /** Opens a file for the following calls. */
  create(path: string, keep: number): Promise<void>;
  /** Writes `bytes` bytes of value 7, or a text. */
  write(content: number | string): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
  replace(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  read(path: string): Promise<string>;
  /** Paths of everything in the folder. */
  list(): Promise<string[]>;
  /** Removes writables, to imitate browsers without them. */
  withoutWritables(): Promise<void>;
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

const service: StorageWorkerApi = {
  async create(path, keep) {
    writer = await (await sink()).create(path, keep);
  },
  async write(content) {
    const bytes =
      typeof content === 'string'
        ? new TextEncoder().encode(content)
        : new Uint8Array(content).fill(7);
    await writer!.write(bytes);
  },
  async flush() {
    await writer!.flush();
  },
  async close() {
    await writer!.close();
  },
  async replace(path, text) {
    await (await sink()).replace(path, new TextEncoder().encode(text));
  },
  async remove(path) {
    await (await sink()).remove(path);
  },
  async read(path) {
    return readText(new DirectoryHandleFiles(await directory()), path);
  },
  list: async () => paths(await directory()),
  async withoutWritables() {
    Reflect.deleteProperty(FileSystemFileHandle.prototype, 'createWritable');
  },
};

serve(service);
