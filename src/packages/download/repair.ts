import { errorAt, TiebreakError, throwIfAborted } from '../../domain/errors.ts';
import type { Manifest } from '../../model/manifest.ts';
import { FileDigest } from '../../storage/file-digest.ts';
import { readAhead, SLICE_BYTES, slices as slicesOf } from '../../storage/hash.ts';
import type { PackageFiles } from '../../storage/package-files.ts';
import type { PackageSink } from '../../storage/sink.ts';
import { type Damage, findDamage } from './damage.ts';
import type { DownloadOptions } from './download.ts';
import { planDownload } from './plan.ts';
import { openWanted } from './range-ahead.ts';
import { type Slices, saveSlices } from './slices.ts';

type Entry = Manifest['files'][string];

/**
 * Finds the damaged parts of a package, fetches only these again from its host, and then compares each repaired file as
 * a whole with the manifest. After an interruption the package is still damaged and can be repaired again.
 * @returns the damage that was repaired.
 * @throws TiebreakError `package/changed` if the host has another version now, `package/damaged` if it sends bytes that
 *   differ from the manifest, or whatever downloading throws.
 */
export async function repairPackage(
  from: PackageFiles,
  sink: PackageSink,
  manifest: Manifest,
  slices: Slices | null,
  { signal, onProgress, parallel = 4, sliceBytes = SLICE_BYTES }: DownloadOptions = {},
): Promise<Damage[]> {
  const damages = await findDamage(sink.files, manifest.files, slices, { signal, onProgress });
  if (damages.length === 0) return damages;
  const offered = (await planDownload(from)).manifest;
  for (const { path } of damages) checkSame(path, manifest.files[path]!, offered.files[path]);

  const total = damages.reduce((sum, damage) => sum + length(damage.ranges), 0);
  let done = 0;
  const known: Slices = {
    sliceBytes: slices?.sliceBytes ?? sliceBytes,
    files: { ...slices?.files },
  };
  for (const { path, size, ranges } of damages) {
    const entry = manifest.files[path]!;
    // `patch` only overwrites, so bytes after the end are cut off first.
    if (size === null) await sink.patch(path, 0, new Uint8Array(0));
    else if (size > entry.bytes) await (await sink.create(path, entry.bytes)).close();
    const fetch = (wanted: Damage['ranges']) =>
      patch(from, sink, { path, bytes: entry.bytes }, wanted, parallel, (bytes) => {
        throwIfAborted(signal);
        done += bytes;
        onProgress?.({ step: 'weights', done: Math.min(done, total), total, what: path });
      });
    await fetch(ranges);
    let is = await digestOf(sink, path, known.sliceBytes);
    if (is.sha256 !== entry.sha256) {
      // The hashes of slices were wrong, or the host sent wrong bytes. The whole file is fetched, once.
      await fetch(split(entry.bytes, known.sliceBytes));
      is = await digestOf(sink, path, known.sliceBytes);
      if (is.sha256 !== entry.sha256)
        throw errorAt({ file: path }, 'package/damaged:host', { path });
    }
    known.files[path] = is.slices;
  }
  await saveSlices(sink, known);
  return damages;
}

async function patch(
  from: PackageFiles,
  sink: PackageSink,
  file: { path: string; bytes: number },
  ranges: Damage['ranges'],
  parallel: number,
  onBytes: (bytes: number) => void,
): Promise<void> {
  if (ranges.length === 0) return;
  const source = await openWanted(from, file);
  const reads = ranges.map(([start, end]) => async () => ({
    start,
    bytes: await source.read(start, end),
  }));
  for await (const { start, bytes } of readAhead(reads, parallel)) {
    await sink.patch(file.path, start, bytes);
    onBytes(bytes.length);
  }
}

async function digestOf(sink: PackageSink, path: string, sliceBytes: number) {
  const source = await sink.files.open(path);
  const digest = await FileDigest.create(sliceBytes);
  for await (const bytes of slicesOf(source, 0, source.size)) digest.update(bytes);
  return digest.end();
}

function split(bytes: number, sliceBytes: number): Damage['ranges'] {
  return Array.from({ length: Math.ceil(bytes / sliceBytes) }, (_, i) => [
    i * sliceBytes,
    Math.min(bytes, (i + 1) * sliceBytes),
  ]);
}

function length(ranges: Damage['ranges']): number {
  return ranges.reduce((sum, [start, end]) => sum + end - start, 0);
}

function checkSame(path: string, stored: Entry, offered: Entry | undefined): void {
  if (offered?.sha256 === stored.sha256 && offered.bytes === stored.bytes) return;
  throw new TiebreakError('package/changed', { params: { path }, place: { file: path } });
}
