import type { BuildProgress, PackageFacts, QuantOption } from '../model/build.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Outcome } from '../workers/remote.ts';

/** Where a checkpoint or an adapter comes from. */
export type ImportSource =
  /** Files that were dropped or chosen, by path relative to the folder. Gone after a reload. */
  | { kind: 'files'; label: string; files: { path: string; file: File }[] }
  /** A folder through File System Access. Can be kept over a reload, with the user's permission asked again. */
  | { kind: 'handle'; handle: FileSystemDirectoryHandle }
  /** A Hugging Face repo (`owner/name`, `owner/name@revision`) or the URL of a folder on any host. */
  | { kind: 'remote'; address: string };

/** A package to be made from a checkpoint and adapters. */
export interface ImportRequest {
  /** The model's name, shown to the user. */
  name: string;
  base: ImportSource;
  adapters: { name: string; source: ImportSource }[];
  /** Where tokenizer.json lies when the base's folder has none. */
  tokenizer?: ImportSource;
  /** Left out: `keep` for a bitsandbytes checkpoint, `nf4` for others. */
  quant?: QuantOption;
  /** Left out: float16, or float32 for dense weights. */
  embedding?: Manifest['embedding'];
  /** Left out: as config.json says. Null: none. */
  softCap?: number | null;
}

/** What an import would do, known before anything large is read. */
export interface ImportPlan {
  /** Facts of the package: bytes, shapes, quantisation, adapters. */
  facts: PackageFacts;
  /** Bytes that this site may still store, or null when the browser does not say. */
  available: number | null;
}

/** A package in the origin private file system. */
export interface StoredPackage {
  id: string;
  name: string;
  /** Bytes that it takes now. */
  bytes: number;
  /** `partial`: an import that was interrupted and can go on. `busy`: another tab or import writes it now. */
  state: 'complete' | 'partial' | 'busy';
  /** Of a complete package. */
  adapters: string[];
  quantization: Manifest['quantization'] | null;
  /** Of a partial one: what it was started with, so that it can go on; `files` sources come back as null. */
  request: StoredRequest | null;
}

/** A request as it is kept for going on after a reload: sources that cannot be kept are null and must be chosen again. */
export interface StoredRequest extends Omit<ImportRequest, 'base' | 'adapters' | 'tokenizer'> {
  base: ImportSource | null;
  adapters: { name: string; source: ImportSource | null }[];
  tokenizer?: ImportSource | null;
}

/**
 * The worker that imports checkpoints and keeps packages. It alone may reach the hosts that the user names, and it never
 * sees a row of the user's data. One import at a time.
 */
export interface PackagesWorkerApi {
  /** Reads configurations and headers and checks them. Nothing is written. `token`: for the hub, used and not kept. */
  plan(request: ImportRequest, token: string | null): Promise<Outcome<ImportPlan>>;
  /**
   * Imports. With `id`, goes on with a partial package where it stopped; that needs the same sources and choices, else it
   * starts anew. A cancelled or interrupted import stays as a partial package; a refused one leaves nothing.
   */
  start(
    request: ImportRequest,
    token: string | null,
    id: string | null,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<Outcome<StoredPackage>>;
  /** Stops planning, importing, verifying or exporting within a second. */
  cancel(): Promise<void>;
  list(): Promise<Outcome<StoredPackage[]>>;
  /** Compares every file with its sha256. An error names the first that differs. */
  verify(id: string, onProgress: (progress: BuildProgress) => void): Promise<Outcome<void>>;
  /** Copies a package's files into a folder. */
  exportTo(
    id: string,
    folder: FileSystemDirectoryHandle,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<Outcome<void>>;
  /** The files of a package, for saving one by one where a folder cannot be chosen. They are read from disk when saved. */
  files(id: string): Promise<Outcome<{ path: string; file: File }[]>>;
  remove(id: string): Promise<Outcome<void>>;
}
