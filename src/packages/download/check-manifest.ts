import { TiebreakError } from '../../domain/errors.ts';
import { JOURNAL } from '../../import/package-writer.ts';
import {
  adapterDirectory,
  checkAdapterNames,
  MANIFEST,
  type Manifest,
} from '../../model/manifest.ts';
import { checkPath } from '../../storage/package-files.ts';

/** Names that the store itself gives to files beside those of a package. */
export const SLICES = 'slices.json';
export const SOURCE = 'source.json';
export const REQUEST = 'request.json';

const OWN = [MANIFEST, JOURNAL, SLICES, SOURCE, REQUEST];
/** Far more than a package of the largest model has. */
const MOST_FILES = 10_000;
const LONGEST_PATH = 300;

/**
 * Checks a manifest that somebody else wrote before any file is written by it: paths that stay in the folder and are
 * files of their own on every disk, sizes that can be summed, all files listed that a package must have.
 * @returns the bytes of all files.
 * @throws TiebreakError `package/manifest`, `package/adapter-name`.
 */
export function checkManifest(manifest: Manifest): number {
  const paths = Object.keys(manifest.files);
  if (paths.length > MOST_FILES) throw refused(`lists ${paths.length} files`);
  const folders = new Set<string>();
  const files = new Set<string>();
  for (const path of paths) {
    checkListed(path);
    const key = path.toLowerCase();
    if (files.has(key)) throw refused(`lists ${path} twice, as some disks see it`);
    files.add(key);
    const parts = key.split('/');
    for (let i = 1; i < parts.length; i += 1) folders.add(parts.slice(0, i).join('/'));
  }
  for (const path of files) {
    if (folders.has(path)) throw refused(`lists ${path} as a file and as a folder`);
  }
  checkAdapterNames(manifest.adapters.map(({ name }) => name));
  const needed = [
    'config.json',
    ...manifest.shards,
    ...manifest.adapters.flatMap(({ name }) =>
      ['adapter_config.json', 'adapter_model.safetensors'].map(
        (file) => `${adapterDirectory(name)}/${file}`,
      ),
    ),
  ];
  for (const path of needed) {
    if (!Object.hasOwn(manifest.files, path)) throw refused(`does not list ${path}`);
  }
  const total = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  if (!Number.isSafeInteger(total)) throw refused(`lists files of ${total} bytes together`);
  return total;
}

function checkListed(path: string): void {
  try {
    checkPath(path);
  } catch {
    throw refused(`lists a file “${path}”, which is not a path inside the folder`);
  }
  if (path.length > LONGEST_PATH) throw refused('lists a file with a path that is too long');
  if (OWN.includes(path.toLowerCase())) throw refused(`lists a file ${path}, a name of our own`);
}

function refused(why: string): TiebreakError {
  return new TiebreakError('package/manifest', { params: { why }, place: { file: MANIFEST } });
}
