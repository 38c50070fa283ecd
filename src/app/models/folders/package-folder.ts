import { foreignError, foreignWeights } from '../../../model/foreign.ts';
import { MANIFEST } from '../../../model/manifest-name.ts';
import type { ModelSource } from '../../../scoring/lanes/model-source.ts';
import { errorLine } from '../../i18n/error-text.ts';
import { strings } from '../../i18n/strings.ts';
import { type Folder, folderName, lookThrough } from './folders.ts';

/** The use of a folder that was given as a model package. */
type FolderUse =
  | { kind: 'package'; source: ModelSource }
  /** A source for the import; `text` describes it. */
  | { kind: 'base' | 'adapter'; text: string }
  /** Nothing that the page can use; `text` describes the contents. */
  | { kind: 'other'; text: string };

const SHOWN = 3;

/** Tells packages, checkpoints and adapters apart by file names. Among several packages the outermost counts. */
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

/** Describes weights of an unsupported format in a folder, and their replacement; null if there are none. */
export function foreignIn(paths: readonly string[]): string | null {
  const found = foreignWeights(paths.map((path) => path.slice(path.lastIndexOf('/') + 1)));
  return found === null ? null : errorLine(foreignError(found).toPlain());
}

/** Describes the contents of a useless folder. */
function seenIn({ label, paths }: Folder): string {
  const foreign = foreignIn(paths);
  if (foreign !== null) return foreign;
  if (paths.length === 0) return strings.model.isEmpty(label);
  const shown = paths.slice(0, SHOWN);
  return strings.model.isOther(label, shown, paths.length - shown.length);
}
