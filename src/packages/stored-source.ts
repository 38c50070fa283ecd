import * as v from 'valibot';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import type { PackageSink } from '../storage/sink.ts';
import { SOURCE } from './download/check-manifest.ts';

const Schema = v.object({
  version: v.literal(1),
  address: v.string(),
  name: v.string(),
  /** Of all files. */
  bytes: v.optional(v.number()),
});

/** Where a package came from: for going on with a download, and for fetching damaged bytes again. */
type PackageSource = Pick<v.InferOutput<typeof Schema>, 'address' | 'name' | 'bytes'>;

/** Writes `source.json` beside the files of a package. */
export async function saveSource(
  sink: PackageSink,
  { address, name, bytes }: PackageSource,
): Promise<void> {
  const json = { version: 1, address, name, bytes };
  await sink.replace(SOURCE, new TextEncoder().encode(JSON.stringify(json)));
}

/** Reads `source.json`; null for an imported package. */
export async function readSource(files: PackageFiles): Promise<PackageSource | null> {
  try {
    return v.parse(Schema, JSON.parse(await readText(files, SOURCE)));
  } catch {
    return null;
  }
}
