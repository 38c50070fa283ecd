import type { DirectoryDropItem, DropItem } from 'react-aria-components';
import { MANIFEST } from '../../../model/manifest-name.ts';
import type { ImportSource } from '../../../packages/api.ts';

/** A file and its path, with `/` between folders. */
export interface FileAt {
  path: string;
  file: File;
}

/** A folder from the user. Paths are relative to it; the empty path is the folder itself. */
export interface Folder {
  label: string;
  /** Paths of the files in it. */
  paths: string[];
  /** A folder inside it, as a source for an import. */
  source(path: string): Promise<ImportSource>;
  /** The files of a folder inside it, with paths relative to that folder. */
  files(path: string): Promise<FileAt[]>;
}

/** The parts of a folder that the page can use, as paths of folders. */
interface FolderContents {
  /** A finished package, if the folder is one. */
  package: string | null;
  /** Checkpoints; more than one only at equal depth. */
  bases: string[];
  adapters: string[];
  /** The folder of a tokenizer. */
  tokenizer: string | null;
}

/** Deepest level that is searched; caches and training runs need less. */
const MAX_DEPTH = 6;

const byPath = new Intl.Collator('en', { numeric: true }).compare;
const depth = (path: string) => (path === '' ? 0 : path.split('/').length);
const join = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`);

/** Last part of a path; for the empty path the label of the whole folder. */
export function folderName(label: string, path: string): string {
  return path === '' ? label : path.slice(path.lastIndexOf('/') + 1);
}

/** Finds packages, checkpoints and adapters, by file names only. */
export function lookThrough(paths: readonly string[]): FolderContents {
  const folders = new Map<string, Set<string>>();
  for (const path of paths) {
    const cut = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(0, cut));
    if (!folders.has(folder)) folders.set(folder, new Set());
    folders.get(folder)!.add(path.slice(cut + 1));
  }
  const where = (holds: (files: Set<string>) => boolean) =>
    [...folders.keys()]
      .filter((folder) => holds(folders.get(folder)!))
      .sort((a, b) => depth(a) - depth(b) || byPath(a, b));
  const outermost = (all: string[]) => all.filter((path) => depth(path) === depth(all[0]!));

  const [manifest = null] = where((files) => files.has(MANIFEST));
  const isModel = (files: Set<string>) => files.has('config.json') && !files.has(MANIFEST);
  const whole = where((files) => isModel(files) && [...files].some(isWeights));
  // The user meant a folder with only a configuration too; the import then reports the missing files.
  const bases = outermost(whole.length > 0 ? whole : where(isModel));
  const isPackage =
    manifest !== null && (bases.length === 0 || depth(manifest) <= depth(bases[0]!));
  return {
    package: isPackage ? manifest : null,
    bases: isPackage ? [] : bases,
    adapters: where((files) => files.has('adapter_config.json')),
    tokenizer: where((files) => files.has('tokenizer.json'))[0] ?? null,
  };
}

function isWeights(name: string): boolean {
  return /\.safetensors(?:\.index\.json)?$/.test(name) && !name.startsWith('adapter_');
}

/** A folder whose files the page has already. */
export function folderOfFiles(label: string, all: readonly FileAt[]): Folder {
  const files = async (path: string) => {
    const root = path === '' ? '' : `${path}/`;
    return all
      .filter((at) => at.path.startsWith(root))
      .map((at) => ({ path: at.path.slice(root.length), file: at.file }));
  };
  return {
    label,
    paths: all.map(({ path }) => path),
    source: async (path) => ({
      kind: 'files',
      label: folderName(label, path),
      files: await files(path),
    }),
    files,
  };
}

/** A folder from File System Access. */
export async function folderOfHandle(handle: FileSystemDirectoryHandle): Promise<Folder> {
  const found = new Map<string, FileSystemFileHandle>();
  await walk(handle, '', found);
  return {
    label: handle.name,
    paths: [...found.keys()],
    async source(path) {
      let folder = handle;
      for (const name of path === '' ? [] : path.split('/')) {
        folder = await folder.getDirectoryHandle(name);
      }
      return { kind: 'handle', handle: folder };
    },
    files(path) {
      const root = path === '' ? '' : `${path}/`;
      const inside = [...found].filter(([at]) => at.startsWith(root));
      return Promise.all(
        inside.map(async ([at, file]) => ({
          path: at.slice(root.length),
          file: await file.getFile(),
        })),
      );
    },
  };
}

async function walk(
  folder: FileSystemDirectoryHandle,
  at: string,
  found: Map<string, FileSystemFileHandle>,
): Promise<void> {
  for await (const [name, entry] of folder.entries()) {
    const path = join(at, name);
    if (entry.kind === 'file') found.set(path, entry);
    // Hidden folders (.git, .cache) are large and never meant.
    else if (depth(path) < MAX_DEPTH && !name.startsWith('.')) await walk(entry, path, found);
  }
}

/** A folder from a directory input; null if none was chosen. */
export function folderOfInput(list: FileList | null): Folder | null {
  const files = filesOfInput(list ?? []);
  if (files.length === 0) return null;
  return withoutTop(files);
}

/** A dropped folder; null if the drop has none. */
async function folderOfDrop(items: readonly DropItem[]): Promise<Folder | null> {
  const files = await filesOfDrop(items);
  return files === null ? null : withoutTop(files);
}

/**
 * A dropped folder: from `handle`, which survives a reload, if the browser gives one; else from its files. Null if the
 * drop has no folder.
 */
export async function folderFromDrop(
  items: readonly DropItem[],
  handle: Promise<FileSystemDirectoryHandle | null>,
): Promise<Folder | null> {
  const kept = await handle;
  return kept === null ? folderOfDrop(items) : folderOfHandle(kept);
}

/** Files of a directory input. Their paths begin with the folder's name. */
function filesOfInput(files: Iterable<File>): FileAt[] {
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Files of the first dropped folder. Their paths begin with its name. Null without a folder. */
async function filesOfDrop(items: readonly DropItem[]): Promise<FileAt[] | null> {
  const folder = items.find((item) => item.kind === 'directory');
  if (folder === undefined) return null;
  const files: FileAt[] = [];
  await collect(folder, folder.name, files);
  return files;
}

async function collect(folder: DirectoryDropItem, at: string, files: FileAt[]): Promise<void> {
  for await (const entry of folder.getEntries()) {
    const path = `${at}/${entry.name}`;
    if (entry.kind === 'directory') await collect(entry, path, files);
    else if (entry.kind === 'file') files.push({ path, file: await entry.getFile() });
  }
}

function withoutTop(files: FileAt[]): Folder {
  const top = files[0]?.path.split('/')[0] ?? '';
  const inside = files.map(({ path, file }) => ({ path: path.slice(top.length + 1), file }));
  return folderOfFiles(top, inside);
}
