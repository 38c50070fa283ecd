/** What TypeScript does not know of File System Access, which Chromium has and other browsers do not. */
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

/** Can the page ask for a folder that it keeps, and that it may write to? */
export function canChooseFolder(): boolean {
  return (globalThis as FolderPicker).showDirectoryPicker !== undefined;
}

/** Lets the user choose a folder; null when they think better of it. Needs a click. */
export async function chooseFolder(mode: FolderMode): Promise<FileSystemDirectoryHandle | null> {
  try {
    // The id makes the browser remember the folder of each use by itself.
    const picker = globalThis as FolderPicker;
    return (await picker.showDirectoryPicker?.({ id: `tiebreak-${mode}`, mode })) ?? null;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') return null;
    throw thrown;
  }
}

/** Can the page ask for a file that it finds again after a reload? */
export function canChooseFile(): boolean {
  return (globalThis as FilePicker).showOpenFilePicker !== undefined;
}

/** Lets the user choose a CSV file; null when they think better of it. Needs a click. */
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

/** Asks the user to let a file or folder of an earlier visit be read again. Needs a click. */
export async function allowReading(handle: FileSystemHandle): Promise<boolean> {
  try {
    const state = await (handle as WithPermission).requestPermission?.({ mode: 'read' });
    return state === undefined || state === 'granted';
  } catch {
    return false; // no click, or the folder is gone: either way it cannot be read now
  }
}

/**
 * The one folder that was dropped, as a handle; null where the browser gives none. Must be called while the event is
 * handled: what was dropped is gone afterwards.
 */
export async function droppedFolder(
  transfer: DataTransfer | null,
): Promise<FileSystemDirectoryHandle | null> {
  const folder = (await droppedHandles(transfer)).find(({ kind }) => kind === 'directory');
  return (folder as FileSystemDirectoryHandle | undefined) ?? null;
}

/** As {@link droppedFolder}, for the first file. */
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

/** Makes a folder of this name in another, or of the name with a number where it is taken. */
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
    // A file of that name is a TypeMismatchError.
    if (thrown instanceof DOMException && thrown.name === 'NotFoundError') return true;
    if (thrown instanceof DOMException && thrown.name === 'TypeMismatchError') return false;
    throw thrown;
  }
}
