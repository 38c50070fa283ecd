import type { DirectoryDropItem, DropItem } from 'react-aria-components';
import type { ModelSource } from '../run/api.ts';

type FilesSource = Extract<ModelSource, { kind: 'files' }>;

const MANIFEST = 'tiebreak.json';

/** The package in the files of a folder that was chosen with a directory input. */
export function packageFromInput(files: Iterable<File>): FilesSource {
  return toSource(
    Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file })),
  );
}

/** The package in a folder that was dropped; null when what was dropped is no folder. */
export async function packageFromDrop(items: DropItem[]): Promise<FilesSource | null> {
  const folder = items.find((item) => item.kind === 'directory');
  if (folder === undefined) return null;
  const files: FilesSource['files'] = [];
  await collect(folder, folder.name, files);
  return toSource(files);
}

async function collect(folder: DirectoryDropItem, at: string, files: FilesSource['files']) {
  for await (const entry of folder.getEntries()) {
    const path = `${at}/${entry.name}`;
    if (entry.kind === 'directory') await collect(entry, path, files);
    else if (entry.kind === 'file') files.push({ path, file: await entry.getFile() });
  }
}

/** Takes paths relative to the folder of the outermost manifest, so that a folder around the package does no harm. */
function toSource(files: FilesSource['files']): FilesSource {
  const top = files[0]?.path.split('/')[0] ?? '';
  const manifests = files
    .map(({ path }) => path)
    .filter((path) => path === MANIFEST || path.endsWith(`/${MANIFEST}`))
    .sort((a, b) => a.split('/').length - b.split('/').length);
  const root = manifests[0]?.slice(0, -MANIFEST.length) ?? `${top}/`;
  return {
    kind: 'files',
    label: root.split('/').at(-2) ?? top,
    files: files
      .filter(({ path }) => path.startsWith(root))
      .map(({ path, file }) => ({ path: path.slice(root.length), file })),
  };
}
