import * as v from 'valibot';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import type { PackageSink } from '../storage/sink.ts';
import { SOURCE } from './download/check-manifest.ts';

const Schema = v.object({
  version: v.literal(1),
  address: v.string(),
  name: v.string(),
  /** Bytes of all files together. */
  bytes: v.optional(v.number()),
});

/** The origin of a downloaded package, with which a download is continued or repaired. */
type PackageSource = Pick<v.InferOutput<typeof Schema>, 'address' | 'name' | 'bytes'>;

/** Writes `source.json` beside the files of a package. */
export async function saveSource(
  sink: PackageSink,
  { address, name, bytes }: PackageSource,
): Promise<void> {
  const json = { version: 1, address, name, bytes };
  await sink.replace(SOURCE, new TextEncoder().encode(JSON.stringify(json)));
}

/** Reads `source.json`; null if it is missing, as for an imported package, or unreadable. */
export async function readSource(files: PackageFiles): Promise<PackageSource | null> {
  try {
    return v.parse(Schema, JSON.parse(await readText(files, SOURCE)));
  } catch {
    return null;
  }
}
