import { TiebreakError } from '../domain/errors.ts';
import { BlobSource, type ByteSource, MemorySource } from './byte-source.ts';
import { refusePointer } from './lfs-pointer.ts';

/** A directory of files to read: on disk, on a web server, dropped by the user, or in memory. */
export interface PackageFiles {
  /** Name or address of the directory, for messages. */
  readonly label: string;
  /**
   * Opens a file by its path relative to the directory, with `/` between folders.
   * @throws TiebreakError `storage/missing` if there is none, `storage/path` if the path leaves the directory.
   */
  open(path: string): Promise<ByteSource>;
  /** Names of the files and folders directly in it. Left out if it cannot be listed, as a folder on a server. */
  names?(): Promise<string[]>;
}

/** Returns the path, or throws `storage/path` if it is empty, absolute or leaves its directory. */
export function checkPath(path: string): string {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\0:]/.test(path)) {
    throw new TiebreakError('storage/path', { params: { path } });
  }
  return path;
}

/** The error `storage/missing`. `label` names the directory. */
export function missingFile(label: string, path: string): TiebreakError {
  return new TiebreakError('storage/missing', { params: { label, path }, place: { file: path } });
}

/** A directory in memory. */
export class MemoryFiles implements PackageFiles {
  readonly label: string;
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;

  constructor(label: string, files = new Map<string, Uint8Array<ArrayBuffer>>()) {
    this.label = label;
    this.files = files;
  }

  async open(path: string): Promise<ByteSource> {
    const bytes = this.files.get(checkPath(path));
    if (bytes === undefined) throw missingFile(this.label, path);
    return new MemorySource(path, bytes);
  }

  async names(): Promise<string[]> {
    return topNames(this.files.keys());
  }
}

/** Files that the user chose or dropped, by path relative to the directory. */
export class BlobFiles implements PackageFiles {
  readonly label: string;
  private readonly files: ReadonlyMap<string, Blob>;

  constructor(label: string, files: ReadonlyMap<string, Blob>) {
    this.label = label;
    this.files = files;
  }

  async open(path: string): Promise<ByteSource> {
    const blob = this.files.get(checkPath(path));
    if (blob === undefined) throw missingFile(this.label, path);
    return new BlobSource(path, blob);
  }

  async names(): Promise<string[]> {
    return topNames(this.files.keys());
  }
}

function topNames(paths: Iterable<string>): string[] {
  return [...new Set(Array.from(paths, (path) => path.split('/')[0]!))];
}

/**
 * Reads a whole file; meant for small ones, such as manifests, configurations and tokenizers.
 * @throws TiebreakError `storage/lfs-pointer` for a pointer of Git LFS, or whatever opening and reading throw.
 */
export async function readAll(files: PackageFiles, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const source = await files.open(path);
  const bytes = await source.read(0, source.size);
  refusePointer(path, bytes);
  return bytes;
}

/** Reads a whole file as UTF-8 text. Throws as {@link readAll}. */
export async function readText(files: PackageFiles, path: string): Promise<string> {
  return new TextDecoder().decode(await readAll(files, path));
}
