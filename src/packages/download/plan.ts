import { createSHA256 } from 'hash-wasm';
import { TiebreakError } from '../../domain/errors.ts';
import { type Manifest, parseManifest } from '../../model/manifest.ts';
import { MANIFEST } from '../../model/manifest-name.ts';
import type { PackageFiles } from '../../storage/package-files.ts';
import { checkManifest } from './check-manifest.ts';

/** Limit on the bytes of a manifest: far more than that of the largest model has. */
const LONGEST_MANIFEST = 8 * 2 ** 20;

/** A finished package on a host, whose manifest has been read and checked. */
export interface DownloadPlan {
  files: PackageFiles;
  manifest: Manifest;
  /** The bytes of the manifest, unchanged. */
  text: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the manifest, which determines every byte of the package. */
  fingerprint: string;
  /** Bytes of the package, the manifest included. */
  bytes: number;
}

/**
 * Reads and checks the manifest of a package. Writes nothing.
 * @throws TiebreakError `storage/missing` if there is none, `package/manifest` if it is invalid.
 */
export async function planDownload(files: PackageFiles): Promise<DownloadPlan> {
  const text = await readManifest(files);
  // The manifest vouches for every other file, but nothing vouches for the manifest. Damage on the way is unlikely to
  // hit two reads in the same way.
  if (!equal(text, await readManifest(files))) {
    throw new TiebreakError('package/manifest:two', {
      params: { label: files.label },
      place: { file: MANIFEST },
    });
  }
  const manifest = parseManifest(new TextDecoder().decode(text));
  const bytes = checkManifest(manifest) + text.length;
  const fingerprint = (await createSHA256()).update(text).digest('hex');
  return { files, manifest, text, fingerprint, bytes };
}

async function readManifest(files: PackageFiles): Promise<Uint8Array<ArrayBuffer>> {
  const source = await files.open(MANIFEST);
  if (source.size <= LONGEST_MANIFEST) return source.read(0, source.size);
  throw new TiebreakError('package/manifest:size', {
    params: { size: source.size },
    place: { file: MANIFEST },
  });
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
