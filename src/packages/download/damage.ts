import { TiebreakError, throwIfAborted } from '../../domain/errors.ts';
import type { BuildProgress } from '../../import/build.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import { FileDigest } from '../../storage/file-digest.ts';
import { slices as read, SLICE_BYTES } from '../../storage/hash.ts';
import type { PackageFiles } from '../../storage/package-files.ts';
import type { Slices } from './slices.ts';

/** The damage to one file of a package. */
export interface Damage {
  path: string;
  /** Bytes that the file has; null if it is missing. */
  size: number | null;
  /** Byte ranges [start, end) that must be replaced; the whole file if no hashes of slices are known. */
  ranges: [number, number][];
}

/** Options to watch the search for damage and to stop it. */
interface DamageOptions {
  signal?: AbortSignal;
  onProgress?: (progress: BuildProgress) => void;
}

/**
 * Reads every file of a package and finds those that differ from the manifest.
 * @param slices hashes of slices, which locate the damage; null if there are none.
 */
export async function findDamage(
  files: PackageFiles,
  expected: Manifest['files'],
  slices: Slices | null,
  { signal, onProgress }: DamageOptions = {},
): Promise<Damage[]> {
  const total = Object.values(expected).reduce((sum, { bytes }) => sum + bytes, 0);
  const found: Damage[] = [];
  let previousBytes = 0;
  for (const [path, entry] of Object.entries(expected)) {
    let done = previousBytes;
    const source = await openIfThere(files, path);
    const damage = await damageOf(path, source, entry, slices, (bytes) => {
      throwIfAborted(signal);
      done += bytes;
      onProgress?.({ step: 'verify', done, total, what: path });
    });
    if (damage !== null) found.push(damage);
    previousBytes += entry.bytes;
  }
  return found;
}

/** The damage of one file, found in one pass over it; null if it is intact. */
async function damageOf(
  path: string,
  source: ByteSource | null,
  { bytes, sha256 }: Manifest['files'][string],
  slices: Slices | null,
  onBytes: (bytes: number) => void,
): Promise<Damage | null> {
  const sliceBytes = slices?.sliceBytes ?? SLICE_BYTES;
  const size = source?.size ?? null;
  const count = Math.ceil(bytes / sliceBytes);
  const known = slices?.files[path];
  const range = (i: number): [number, number] => [
    i * sliceBytes,
    Math.min(bytes, (i + 1) * sliceBytes),
  ];
  const all = Array.from({ length: count }, (_, i) => range(i));
  if (source === null) return { path, size, ranges: all };
  const digest = await FileDigest.create(sliceBytes);
  for await (const piece of read(source, 0, Math.min(bytes, source.size))) {
    digest.update(piece);
    onBytes(piece.length);
  }
  const is = digest.end();
  if (size === bytes && is.sha256 === sha256) return null;
  if (known?.length !== count) return { path, size, ranges: all };
  const ranges = all.filter((_, i) => is.slices[i] !== known[i]);
  // If every slice matches but the file as a whole does not, the hashes of the slices are wrong, and all of the file is
  // fetched again. A file that is merely too long needs no bytes.
  const isTooLong = size !== null && size > bytes && is.sha256 === sha256;
  return { path, size, ranges: ranges.length === 0 && !isTooLong ? all : ranges };
}

async function openIfThere(files: PackageFiles, path: string): Promise<ByteSource | null> {
  try {
    return await files.open(path);
  } catch (thrown) {
    if (thrown instanceof TiebreakError && thrown.code === 'storage/missing') return null;
    throw thrown;
  }
}

const SHOWN = 3;

/** The error `package/damaged` for these files. @param canRepair true if the address of the package is known. */
export function damageError(damages: readonly Damage[], canRepair: boolean): TiebreakError {
  const [first] = damages;
  const files = damages.slice(0, SHOWN);
  return new TiebreakError('package/damaged:found', {
    params: { files, more: damages.length - files.length, canRepair },
    place: { file: first?.path, byte: first?.ranges[0]?.[0] },
  });
}
