import { createStore, del, get, set } from 'idb-keyval';
import { allowReading } from '../ui/files/file-system.ts';
import { fetchExample } from './example.ts';

/** Where the file of a run came from, if the page finds it there again. */
export type FileOrigin =
  | { kind: 'handle'; handle: FileSystemFileHandle }
  /** A file that lies beside the page. */
  | { kind: 'example'; name: string };

/** Where the files of kept runs lie. No method throws: what is not kept must be chosen again. */
export interface RunFiles {
  remember(runId: string, origin: FileOrigin): Promise<void>;
  find(runId: string): Promise<FileOrigin | null>;
  forget(runId: string): Promise<void>;
  /** The file; null when it may not be read or is not there any more. Needs a click. */
  open(origin: FileOrigin): Promise<File | null>;
}

/** An id for a new run. */
export function newRunId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

let store: ReturnType<typeof createStore> | undefined;

function origins(): ReturnType<typeof createStore> {
  store ??= createStore('tiebreak-runs', 'files');
  return store;
}

/** Kept in IndexedDB, which takes handles of files. */
export const browserRunFiles: RunFiles = {
  async remember(runId, origin) {
    await set(runId, origin, origins()).catch(() => undefined);
  },

  async find(runId) {
    return (await get<FileOrigin>(runId, origins()).catch(() => undefined)) ?? null;
  },

  async forget(runId) {
    await del(runId, origins()).catch(() => undefined);
  },

  async open(origin) {
    try {
      if (origin.kind === 'example') return await fetchExample(origin.name);
      return (await allowReading(origin.handle)) ? await origin.handle.getFile() : null;
    } catch {
      return null;
    }
  },
};
