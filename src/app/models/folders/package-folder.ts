import { foreignError, foreignWeights } from '../../../model/foreign.ts';
import { MANIFEST } from '../../../model/manifest.ts';
import type { ModelSource } from '../../../scoring/lanes/model-source.ts';
import { errorLine } from '../../i18n/error-text.ts';
import { strings } from '../../i18n/strings.ts';
import { type Folder, folderName, lookThrough } from './folders.ts';

/** The use of a folder that was given where a model package is wanted. */
type FolderUse =
  | { kind: 'package'; source: ModelSource }
  /** Something that the import can use; `text` says what. */
  | { kind: 'base' | 'adapter'; text: string }
  /** Nothing that the page can use; `text` says what was seen. */
  | { kind: 'other'; text: string };

const SHOWN = 3;

/** Tells packages, checkpoints and adapters apart by the names of files. Of several packages the outermost is taken. */
export async function recogniseFolder(folder: Folder): Promise<FolderUse> {
  const { label, paths } = folder;
  const [manifest] = paths
    .filter((path) => path === MANIFEST || path.endsWith(`/${MANIFEST}`))
    .sort((a, b) => a.split('/').length - b.split('/').length);
  if (manifest !== undefined) {
    const root = manifest.slice(0, -MANIFEST.length).replace(/\/$/, '');
    const files = await folder.files(root);
    return { kind: 'package', source: { kind: 'files', label: folderName(label, root), files } };
  }
  const { bases, adapters } = lookThrough(paths);
  if (bases.length > 0) return { kind: 'base', text: strings.model.isCheckpoint(label) };
  if (adapters.length > 0) return { kind: 'adapter', text: strings.model.isAdapter(label) };
  return { kind: 'other', text: seenIn(folder) };
}

/** Which weights of another format lie in a folder, and what is needed in their place; null when there are none. */
export function foreignIn(paths: readonly string[]): string | null {
  const found = foreignWeights(paths.map((path) => path.slice(path.lastIndexOf('/') + 1)));
  return found === null ? null : errorLine(foreignError(found).toPlain());
}

/** The contents of a folder that is of no use, in words. */
function seenIn({ label, paths }: Folder): string {
  const foreign = foreignIn(paths);
  if (foreign !== null) return foreign;
  if (paths.length === 0) return strings.model.isEmpty(label);
  const shown = paths.slice(0, SHOWN);
  return strings.model.isOther(label, shown, paths.length - shown.length);
}
