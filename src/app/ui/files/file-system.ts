/** The part of File System Access that TypeScript lacks. Chromium has it, other browsers do not. */
interface FolderPicker {
  showDirectoryPicker?(options: {
    id: string;
    mode: FolderMode;
  }): Promise<FileSystemDirectoryHandle>;
}

interface FilePicker {
  showOpenFilePicker?(options: {
    id: string;
    types: { description: string; accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle[]>;
}

interface WithPermission {
  requestPermission?(options: { mode: FolderMode }): Promise<PermissionState>;
}

interface HandleItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

type FolderMode = 'read' | 'readwrite';

/** True if the page can ask for a folder that it may write to and open again later. */
export function canChooseFolder(): boolean {
  return (globalThis as FolderPicker).showDirectoryPicker !== undefined;
}

/** Lets the user choose a folder; null if they cancel. Needs a click. */
export async function chooseFolder(mode: FolderMode): Promise<FileSystemDirectoryHandle | null> {
  try {
    // With an id the browser remembers the last folder of each use.
    const picker = globalThis as FolderPicker;
    return (await picker.showDirectoryPicker?.({ id: `tiebreak-${mode}`, mode })) ?? null;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') return null;
    throw thrown;
  }
}

/** True if the page can ask for a file that it can open again after a reload. */
export function canChooseFile(): boolean {
  return (globalThis as FilePicker).showOpenFilePicker !== undefined;
}

/** Lets the user choose a CSV file; null if they cancel. Needs a click. */
export async function chooseFile(): Promise<FileSystemFileHandle | null> {
  try {
    const picker = globalThis as FilePicker;
    const types = [{ description: 'CSV', accept: { 'text/csv': ['.csv', '.txt'] } }];
    const [handle] = (await picker.showOpenFilePicker?.({ id: 'tiebreak-csv', types })) ?? [];
    return handle ?? null;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') return null;
    throw thrown;
  }
}

/** Asks the user for permission to read a file or folder of an earlier visit. Needs a click. */
export async function allowReading(handle: FileSystemHandle): Promise<boolean> {
  try {
    const state = await (handle as WithPermission).requestPermission?.({ mode: 'read' });
    return state === undefined || state === 'granted';
  } catch {
    return false; // without a click, or if the folder is gone
  }
}

/**
 * Returns the handle of the single dropped folder; null if the browser offers none. Must be called within the event,
 * since the dropped items are gone afterwards.
 */
export async function droppedFolder(
  transfer: DataTransfer | null,
): Promise<FileSystemDirectoryHandle | null> {
  const folder = (await droppedHandles(transfer)).find(({ kind }) => kind === 'directory');
  return (folder as FileSystemDirectoryHandle | undefined) ?? null;
}

/** The same as {@link droppedFolder}, for the first file. */
export async function droppedFile(
  transfer: Pick<DataTransfer, 'items'> | null,
): Promise<FileSystemFileHandle | null> {
  const file = (await droppedHandles(transfer)).find(({ kind }) => kind === 'file');
  return (file as FileSystemFileHandle | undefined) ?? null;
}

async function droppedHandles(
  transfer: Pick<DataTransfer, 'items'> | null,
): Promise<FileSystemHandle[]> {
  const items = [...(transfer?.items ?? [])].filter(({ kind }) => kind === 'file');
  const asked = items.map(async (item) => (item as HandleItem).getAsFileSystemHandle?.());
  const handles = await Promise.all(asked).catch(() => []);
  return handles.flatMap((handle) => handle ?? []);
}

/** Creates a subfolder with this name or, if it is taken, with a number appended. */
export async function newFolder(
  parent: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemDirectoryHandle> {
  for (let number = 1; ; number += 1) {
    const free = number === 1 ? name : `${name}-${number}`;
    if (await isFree(parent, free)) return parent.getDirectoryHandle(free, { create: true });
  }
}

async function isFree(parent: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await parent.getDirectoryHandle(name);
    return false;
  } catch (thrown) {
    // An existing file of that name causes a TypeMismatchError.
    if (thrown instanceof DOMException && thrown.name === 'NotFoundError') return true;
    if (thrown instanceof DOMException && thrown.name === 'TypeMismatchError') return false;
    throw thrown;
  }
}
