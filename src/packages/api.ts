import type { BuildProgress, PackageFacts, QuantOption } from '../import/build.ts';
import type { Manifest } from '../model/manifest.ts';

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
  /** Address of the folder with the Gemma-2 tokenizer that ships with the app, for a base that has none. */
  shippedTokenizer?: string;
  /** Left out: `keep` for a bitsandbytes checkpoint, `nf4` for others. */
  quant?: QuantOption;
  /** Left out: float16, or float32 for dense weights. */
  embedding?: Manifest['embedding'];
  /** Left out: as config.json says. Null: none. */
  softCap?: number | null;
}

/** The plan of an import, known before anything large is read. */
export interface ImportPlan {
  kind: 'import';
  /** Facts of the package: bytes, shapes, quantisation, adapters. */
  facts: PackageFacts;
  /** Bytes that this site may still store, or null when the browser does not say. */
  available: number | null;
}

/** A finished package at the address that was given for a checkpoint: it needs no import, only to be downloaded. */
export interface PackageOffer {
  kind: 'package';
  name: string;
  /** Bytes of all its files. */
  bytes: number;
  quantization: Manifest['quantization'];
  embedding: Manifest['embedding'];
  softCap: number | null;
  adapters: string[];
  /** As in {@link ImportPlan}. */
  available: number | null;
}

/** A package in the origin private file system. */
export interface StoredPackage {
  id: string;
  name: string;
  /** Bytes that it takes now. */
  bytes: number;
  /** Bytes that a partial one will have; null for others, and where that was not noted. */
  total: number | null;
  /** When it was finished, in milliseconds since 1970; null for one that is not. */
  finished: number | null;
  /**
   * `partial`: an import or download that was interrupted and can go on. `busy`: another tab or import writes it now.
   * `damaged`: files of a complete package are gone or have another size, as when the browser cleared them.
   */
  state: 'complete' | 'partial' | 'busy' | 'damaged';
  /** Of a damaged one: the files that are gone or have another size. */
  missing: string[];
  /** Where a downloaded package came from; null for an imported one. */
  address: string | null;
  /** Of a complete package. */
  adapters: string[];
  quantization: Manifest['quantization'] | null;
  /** Of a partial import: what it was started with, so that it can go on; `files` sources come back as null. */
  request: StoredRequest | null;
}

/**
 * A request as it is kept for going on after a reload: sources that cannot be kept are null and must be chosen again.
 */
export interface StoredRequest
  extends Omit<ImportRequest, 'base' | 'adapters' | 'tokenizer' | 'shippedTokenizer'> {
  base: ImportSource | null;
  adapters: { name: string; source: ImportSource | null }[];
  tokenizer?: ImportSource | null;
}

/**
 * The worker that imports checkpoints and keeps packages. It alone may reach the hosts that the user names, and it
 * never sees a row of the user's data. One import at a time.
 */
export interface PackagesWorkerApi {
  /**
   * Reads configurations and headers and checks them. Nothing is written. `token`: for the hub, used and not kept.
   * Where a finished package lies at the address of the base, the answer is that.
   */
  plan(request: ImportRequest, token: string | null): Promise<ImportPlan | PackageOffer>;
  /**
   * Imports. With `id`, goes on with a partial package where it stopped; that needs the same sources and choices, else
   * it starts anew. A cancelled or interrupted import stays as a partial package; a refused one leaves nothing.
   */
  start(
    request: ImportRequest,
    token: string | null,
    id: string | null,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<StoredPackage>;
  /**
   * Downloads a finished package. With `id`, goes on with a partial one where it stopped, if the host still has the
   * same. A download that ended early stays as a partial package.
   */
  download(
    address: string,
    token: string | null,
    id: string | null,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<StoredPackage>;
  /** Stops planning, importing, downloading, verifying or exporting within a second. */
  cancel(): Promise<void>;
  list(): Promise<StoredPackage[]>;
  /** Compares every file with its sha256. The error `package/damaged` names all that differ, and where. */
  verify(id: string, onProgress: (progress: BuildProgress) => void): Promise<void>;
  /** Fetches what is damaged of a downloaded package again, and nothing else. */
  repair(
    id: string,
    token: string | null,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<StoredPackage>;
  /** Copies a package's files into a folder. */
  exportTo(
    id: string,
    folder: FileSystemDirectoryHandle,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<void>;
  /**
   * The files of a package, for saving one by one where a folder cannot be chosen. They are read from disk when saved.
   */
  files(id: string): Promise<{ path: string; file: File }[]>;
  remove(id: string): Promise<void>;
}
