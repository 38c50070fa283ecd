import { errorAt } from '../../domain/errors.ts';
import { JOURNAL } from '../../import/package-writer.ts';
import { adapterDirectory, checkAdapterNames, type Manifest } from '../../model/manifest.ts';
import { MANIFEST } from '../../model/manifest-name.ts';
import { checkPath } from '../../storage/package-files.ts';

/** Names of files that the store itself writes beside those of a package. */
export const SLICES = 'slices.json';
export const SOURCE = 'source.json';
export const REQUEST = 'request.json';

const OWN = [MANIFEST, JOURNAL, SLICES, SOURCE, REQUEST];
/** Limit on the number of files: far more than a package of the largest model has. */
const MOST_FILES = 10_000;
const LONGEST_PATH = 300;
const PLACE = { file: MANIFEST };

/**
 * Checks a manifest from an untrusted host before any file is written: every path stays inside the folder and is a file
 * of its own on every disk, sizes can be summed exactly, and all files that a package must have are listed.
 * @returns the sum of the files' bytes.
 * @throws TiebreakError `package/manifest`, `package/adapter-name`.
 */
export function checkManifest(manifest: Manifest): number {
  const paths = Object.keys(manifest.files);
  if (paths.length > MOST_FILES)
    throw errorAt(PLACE, 'package/manifest:files', { files: paths.length });
  const folders = new Set<string>();
  const files = new Set<string>();
  for (const path of paths) {
    checkListed(path);
    const key = path.toLowerCase();
    if (files.has(key)) throw errorAt(PLACE, 'package/manifest:twice', { path });
    files.add(key);
    const parts = key.split('/');
    for (let i = 1; i < parts.length; i += 1) folders.add(parts.slice(0, i).join('/'));
  }
  for (const path of files) {
    if (folders.has(path)) throw errorAt(PLACE, 'package/manifest:folder', { path });
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
    if (!Object.hasOwn(manifest.files, path))
      throw errorAt(PLACE, 'package/manifest:lacks', { path });
  }
  const total = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  if (!Number.isSafeInteger(total))
    throw errorAt(PLACE, 'package/manifest:total', { bytes: total });
  return total;
}

function checkListed(path: string): void {
  try {
    checkPath(path);
  } catch {
    throw errorAt(PLACE, 'package/manifest:outside', { path });
  }
  const { length } = path;
  if (length > LONGEST_PATH) {
    throw errorAt(PLACE, 'package/manifest:long', { length, most: LONGEST_PATH });
  }
  if (OWN.includes(path.toLowerCase())) throw errorAt(PLACE, 'package/manifest:own', { path });
}
