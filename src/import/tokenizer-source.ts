import { TiebreakError } from '../domain/errors.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { refusePointer, refusePointerFile } from '../storage/lfs-pointer.ts';
import type { PackageFiles } from '../storage/package-files.ts';
import { checkVocabulary, parseTokenizer, rowsNeeded } from '../tokens/tokenizer-json.ts';

/** Names of the two files of a tokenizer. */
export const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json'] as const;

/** Tokens of the Gemma-2 tokenizer that ships with Tiebreak. */
const SHIPPED_TOKENS = 256_000;

/** Origin of a package's tokenizer: `given` with the checkpoint or by the user, or the one that ships with Tiebreak. */
export type TokenizerOrigin = 'given' | 'shipped';

/** Folders that may contain a tokenizer. */
interface TokenizerFolders {
  base: PackageFiles;
  /** Used instead of the base's. */
  tokenizer?: PackageFiles;
  /** The Gemma-2 tokenizer that ships with Tiebreak, for a base without one. */
  shipped?: PackageFiles;
}

/**
 * Finds the tokenizer for a package whose embedding has `rows` rows; null if there is none. The shipped one is used
 * only if no other folder was given, the base has none, and the vocabulary has the size of Gemma-2's.
 * @throws TiebreakError `tokens/vocabulary` if it has more tokens than rows, `tokens/bad-tokenizer`,
 *   `storage/lfs-pointer`.
 */
export async function findTokenizer(
  { base, tokenizer, shipped }: TokenizerFolders,
  rows: number,
): Promise<{ origin: TokenizerOrigin; sources: ByteSource[] } | null> {
  const given = await openTokenizer(tokenizer ?? base);
  if (given !== null) {
    checkVocabulary(await rowsOf(given[0]), rows);
    await refusePointerFile(given[1]);
    return { origin: 'given', sources: given };
  }
  if (tokenizer !== undefined || shipped === undefined || rows !== SHIPPED_TOKENS) return null;
  const sources = await openTokenizer(shipped);
  return sources === null ? null : { origin: 'shipped', sources };
}

async function openTokenizer(files: PackageFiles): Promise<[ByteSource, ByteSource] | null> {
  const [first, second] = TOKENIZER_FILES;
  try {
    const json = await files.open(first);
    return [json, await files.open(second)];
  } catch (error) {
    const missing = error instanceof TiebreakError && error.code === 'storage/missing';
    if (missing && error.place?.file === first) return null;
    throw error;
  }
}

/**
 * The latest tokenizer that was read. A plan is made again at every change of the form, and the file has 17 MB or more.
 */
let latest: { key: string; rows: number } | undefined;

async function rowsOf(source: ByteSource): Promise<number> {
  const { name, size, version } = source;
  const key = JSON.stringify([name, size, version]);
  if (version !== undefined && latest?.key === key) return latest.rows;
  const bytes = await source.read(0, size);
  refusePointer(name, bytes);
  const rows = rowsNeeded(parseTokenizer(new TextDecoder().decode(bytes), TOKENIZER_FILES[0]));
  latest = { key, rows };
  return rows;
}
