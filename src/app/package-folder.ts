import type { DropItem } from 'react-aria-components';
import { MANIFEST } from '../model/manifest.ts';
import type { ModelSource } from '../run/api.ts';
import { type FileAt, filesOfDrop, filesOfInput } from './folders.ts';

type FilesSource = Extract<ModelSource, { kind: 'files' }>;

/** The package in the files of a folder that was chosen with a directory input. */
export function packageFromInput(files: Iterable<File>): FilesSource {
  return toSource(filesOfInput(files));
}

/** The package in a folder that was dropped; null when what was dropped is no folder. */
export async function packageFromDrop(items: DropItem[]): Promise<FilesSource | null> {
  const files = await filesOfDrop(items);
  return files === null ? null : toSource(files);
}

/** Takes paths relative to the folder of the outermost manifest, so that a folder around the package does no harm. */
function toSource(files: FileAt[]): FilesSource {
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
