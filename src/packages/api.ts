import type { BuildProgress, PackageFacts, QuantOption } from '../import/build.ts';
import type { Manifest } from '../model/manifest.ts';

/** The source of a checkpoint, adapter or tokenizer. */
export type ImportSource =
  /** Files that the user dropped or chose, by path relative to the folder. They do not survive a reload. */
  | { kind: 'files'; label: string; files: { path: string; file: File }[] }
  /** A folder of File System Access. It survives a reload, after which the user must give permission again. */
  | { kind: 'handle'; handle: FileSystemDirectoryHandle }
  /** A Hugging Face repository (`owner/name`, `owner/name@revision`) or the URL of a folder on any host. */
  | { kind: 'remote'; address: string };

/** A package to be made from a checkpoint and adapters. */
export interface ImportRequest {
  /** The model's name, shown to the user. */
  name: string;
  base: ImportSource;
  adapters: { name: string; source: ImportSource }[];
  /** Source of tokenizer.json and tokenizer_config.json. Left out: the base. */
  tokenizer?: ImportSource;
  /** URL of the folder with the Gemma-2 tokenizer that ships with the app, for a base that has none. */
  shippedTokenizer?: string;
  /** Left out: `keep` for a bitsandbytes checkpoint, `nf4` for others. */
  quant?: QuantOption;
  /** Left out: float16, or float32 for dense weights. */
  embedding?: Manifest['embedding'];
  /** Cap of the attention scores. Left out: that of config.json. Null: none. */
  softCap?: number | null;
}

/** The plan of an import, known before anything large is read. */
export interface ImportPlan {
  kind: 'import';
  /** Facts of the package: bytes, shapes, quantisation, adapters. */
  facts: PackageFacts;
  /** Bytes that this site may still store; null if the browser does not tell. */
  available: number | null;
}

/** A finished package at the address that the user gave for a checkpoint. It needs a download instead of an import. */
export interface PackageOffer {
  kind: 'package';
  name: string;
  /** Bytes of all its files. */
  bytes: number;
  quantization: Manifest['quantization'];
  embedding: Manifest['embedding'];
  softCap: number | null;
  adapters: string[];
  /** As {@link ImportPlan.available}. */
  available: number | null;
}

/** A package in the origin private file system. */
export interface StoredPackage {
  id: string;
  name: string;
  /** Bytes that it occupies now. */
  bytes: number;
  /** Bytes that a partial package will have when complete; null for others, and if that was not recorded. */
  total: number | null;
  /** Time of its completion in milliseconds since 1970; null for an incomplete one. */
  finished: number | null;
  /**
   * `partial`: an import or download was interrupted and can be continued. `busy`: a tab is writing it now. `damaged`:
   * files of a complete package are missing or have another size, for example because the browser cleared them.
   */
  state: 'complete' | 'partial' | 'busy' | 'damaged';
  /** Paths of a damaged package's files that are missing or have another size. */
  missing: string[];
  /** Address from which the package was downloaded; null for an imported one. */
  address: string | null;
  /** Names of the adapters; empty for a partial package. */
  adapters: string[];
  quantization: Manifest['quantization'] | null;
  /** The request of a partial import, with which it can be continued; null for everything else. */
  request: StoredRequest | null;
}

/**
 * A request as it is stored to continue an import after a reload. Sources that cannot be stored, such as dropped files,
 * are null and must be chosen again.
 */
export interface StoredRequest
  extends Omit<ImportRequest, 'base' | 'adapters' | 'tokenizer' | 'shippedTokenizer'> {
  base: ImportSource | null;
  adapters: { name: string; source: ImportSource | null }[];
  tokenizer?: ImportSource | null;
}

/**
 * The worker that imports checkpoints and stores packages. It alone may reach the hosts that the user names, and it
 * never sees a row of the user's data. It runs one import, download or repair at a time.
 */
export interface PackagesWorkerApi {
  /**
   * Reads and checks configurations and headers. Writes nothing. If there is a finished package at the address of the
   * base, the answer is an offer to download that.
   * @param token for the hub; it is used for this call and never stored.
   */
  plan(request: ImportRequest, token: string | null): Promise<ImportPlan | PackageOffer>;
  /**
   * Imports a package. With `id` it continues a partial package where it stopped; with other sources or choices than
   * before it starts anew. A cancelled or interrupted import stays as a partial package, a refused one leaves nothing.
   */
  start(
    request: ImportRequest,
    token: string | null,
    id: string | null,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<StoredPackage>;
  /**
   * Downloads a finished package. With `id` it continues a partial package where it stopped, if the host still has the
   * same version. An interrupted download stays as a partial package.
   */
  download(
    address: string,
    token: string | null,
    id: string | null,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<StoredPackage>;
  /** Stops every call in progress within a second; these reject with `run/cancelled`. */
  cancel(): Promise<void>;
  list(): Promise<StoredPackage[]>;
  /** Compares every file with its SHA-256. Rejects with `package/damaged`, which names the files and byte ranges. */
  verify(id: string, onProgress: (progress: BuildProgress) => void): Promise<void>;
  /** Fetches only the damaged parts of a downloaded package again. */
  repair(
    id: string,
    token: string | null,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<StoredPackage>;
  /** Copies a package's files into a folder that the user chose. */
  exportTo(
    id: string,
    folder: FileSystemDirectoryHandle,
    onProgress: (progress: BuildProgress) => void,
  ): Promise<void>;
  /**
   * The files of a package, to be saved one by one in browsers that cannot choose a folder. Their bytes are read from
   * disk when they are saved.
   */
  files(id: string): Promise<{ path: string; file: File }[]>;
  remove(id: string): Promise<void>;
}
