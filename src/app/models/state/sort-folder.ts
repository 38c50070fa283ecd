import type { ImportSource } from '../../../packages/api.ts';
import { strings } from '../../i18n/strings.ts';
import { type FileAt, type Folder, folderName, lookThrough } from '../folders/folders.ts';
import { foreignIn } from '../folders/package-folder.ts';
import type { Found } from './import-form.ts';
import type { Role } from './packages-state.ts';

/** The contents of a folder, sorted by use. */
export interface Sorted {
  /** A finished package, which needs no import. */
  package?: { label: string; files: FileAt[] };
  base?: Found;
  tokenizer?: ImportSource;
  adapters: Found[];
  /** A message for the user. */
  text: string | null;
}

/** Finds in a folder the part that it was given for, and adapters beside a checkpoint. Uses file names only. */
export async function sortFolder(role: Role, folder: Folder): Promise<Sorted> {
  const { label } = folder;
  const found = lookThrough(folder.paths);
  const part = async (path: string): Promise<Found> => ({
    path,
    name: folderName(label, path),
    source: await folder.source(path),
  });
  const nothing = (text: string): Sorted => ({ adapters: [], text });

  if (role === 'tokenizer') {
    if (found.tokenizer === null) return nothing(strings.own.noTokenizerIn(label));
    return { tokenizer: await folder.source(found.tokenizer), adapters: [], text: null };
  }
  const adapters = () => Promise.all(found.adapters.map(part));
  if (role === 'adapter') {
    if (found.adapters.length === 0) {
      return nothing(foreignIn(folder.paths) ?? strings.own.noAdapterIn(label));
    }
    return { adapters: await adapters(), text: null };
  }
  if (found.package !== null) {
    const files = await folder.files(found.package);
    return { ...nothing(''), package: { label: folderName(label, found.package), files } };
  }
  const [base, ...others] = found.bases;
  if (others.length > 0) return nothing(strings.own.severalBases(found.bases));
  if (base !== undefined) {
    return { base: await part(base), adapters: await adapters(), text: null };
  }
  if (found.adapters.length === 0) {
    return nothing(foreignIn(folder.paths) ?? strings.own.noBaseIn(label));
  }
  return { adapters: await adapters(), text: strings.own.onlyAdaptersIn(label) };
}
