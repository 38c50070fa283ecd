import * as v from 'valibot';
import { type PackageFiles, readText } from '../../storage/package-files.ts';
import type { PackageSink } from '../../storage/sink.ts';
import { SLICES } from './check-manifest.ts';

const Schema = v.object({
  version: v.literal(1),
  sliceBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  files: v.record(v.string(), v.array(v.string())),
});

/** SHA-256 of every slice of a package's files, by path. It locates damage within a file; the manifest decides. */
export type Slices = Omit<v.InferOutput<typeof Schema>, 'version'>;

/** Writes `slices.json` beside the files of a package. */
export async function saveSlices(sink: PackageSink, { sliceBytes, files }: Slices): Promise<void> {
  const json = { version: 1, sliceBytes, files };
  await sink.replace(SLICES, new TextEncoder().encode(JSON.stringify(json)));
}

/** Reads `slices.json`; null if it is missing or unreadable. */
export async function readSlices(files: PackageFiles): Promise<Slices | null> {
  try {
    return v.parse(Schema, JSON.parse(await readText(files, SLICES)));
  } catch {
    return null;
  }
}
