import { createStore, del, get, set } from 'idb-keyval';
import { allowReading } from '../ui/files/file-system.ts';
import { fetchExample } from './example.ts';

/** The origin of a run's file, if the page can open it again. */
export type FileOrigin =
  | { kind: 'handle'; handle: FileSystemFileHandle }
  /** A file that the page ships. */
  | { kind: 'example'; name: string };

/** Stores the origins of the files of saved runs. No method throws: the user must choose again what is not stored. */
export interface RunFiles {
  remember(runId: string, origin: FileOrigin): Promise<void>;
  find(runId: string): Promise<FileOrigin | null>;
  forget(runId: string): Promise<void>;
  /** Opens the file. Null if reading is not allowed or the file no longer exists. Needs a click. */
  open(origin: FileOrigin): Promise<File | null>;
}

/** Makes an id for a new run. */
export function newRunId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

let store: ReturnType<typeof createStore> | undefined;

function origins(): ReturnType<typeof createStore> {
  store ??= createStore('tiebreak-runs', 'files');
  return store;
}

/** Kept in IndexedDB, which can store file handles. */
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
