import { asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import type { BuildProgress } from '../../import/build.ts';
import { PackageWriter } from '../../import/package-writer.ts';
import type { Manifest } from '../../model/manifest.ts';
import { MANIFEST } from '../../model/manifest-name.ts';
import { verifyFiles } from '../../model/package.ts';
import { SLICE_BYTES } from '../../storage/hash.ts';
import type { PackageSink } from '../../storage/sink.ts';
import type { DownloadPlan } from './plan.ts';
import { RangeAhead } from './range-ahead.ts';
import { saveSlices } from './slices.ts';

/** Default of {@link DownloadOptions.parallel}. */
const PARALLEL = 4;

/** Options that control a download, watch it and stop it. */
export interface DownloadOptions {
  signal?: AbortSignal;
  onProgress?: (progress: BuildProgress) => void;
  /** Number of ranges that are requested at a time, and so of slices in memory. Default 4. */
  parallel?: number;
  /** Bytes of a requested range, which is also a slice with a hash of its own. Default 8 MiB. */
  sliceBytes?: number;
}

/**
 * Downloads a planned package into a sink, or the rest of it: after an interruption at any byte the same plan continues
 * where it stopped. Every file is compared with the manifest when it has arrived, and again when all files are read
 * back at the end. A file that differs on arrival is fetched once more. The manifest is written last: a directory
 * without it is not a package.
 * @throws TiebreakError; a later call can continue from what was written.
 */
export async function downloadPackage(
  plan: DownloadPlan,
  sink: PackageSink,
  { signal, onProgress, parallel = PARALLEL, sliceBytes = SLICE_BYTES }: DownloadOptions = {},
): Promise<void> {
  const total = plan.bytes - plan.text.length;
  const writer = await PackageWriter.open(sink, plan.fingerprint, {
    signal,
    checkpointBytes: sliceBytes,
    sliceBytes,
    onBytes: (done, what) => onProgress?.({ step: 'weights', done, total, what }),
  });
  const { files } = plan.manifest;
  for (const [path, entry] of Object.entries(files)) await writer.adopt(path, entry);
  // Small files come first, so that a faulty package fails before its gigabytes are fetched.
  const wanted = Object.entries(files)
    .map(([path, { bytes }]) => ({ path, bytes }))
    .sort((a, b) => a.bytes - b.bytes);
  const ranges = new RangeAhead(plan.files, wanted, {
    sliceBytes,
    parallel,
    has: (path) => writer.has(path),
  });
  for (const { path } of wanted) await fetchFile(path, files[path]!, writer, ranges);
  await verifyWritten(sink, files, writer, { signal, onProgress });
  await saveSlices(sink, { sliceBytes, files: writer.slices });
  await writer.finish(MANIFEST, plan.text);
}

/** Errors after which fetching the whole file once more may succeed: it was damaged on the way, or replaced. */
const WORTH_REPEATING = new Set([
  'package/damaged',
  'package/differs',
  'storage/changed',
  'storage/missing',
]);

async function fetchFile(
  path: string,
  expected: Manifest['files'][string],
  writer: PackageWriter,
  ranges: RangeAhead,
): Promise<void> {
  const write = () => writer.write(path, (from) => ranges.pieces(path, from), expected);
  try {
    await write();
  } catch (thrown) {
    if (!WORTH_REPEATING.has(asTiebreakError(thrown).code)) throw thrown;
    await writer.discard(path);
    ranges.reopen(path);
    try {
      await write();
    } catch (second) {
      // A later download must not continue from the bytes of a damaged or replaced file.
      if (WORTH_REPEATING.has(asTiebreakError(second).code)) await writer.discard(path);
      throw second;
    }
  }
}

async function verifyWritten(
  sink: PackageSink,
  expected: Manifest['files'],
  writer: PackageWriter,
  options: Pick<DownloadOptions, 'signal' | 'onProgress'>,
): Promise<void> {
  try {
    await verifyFiles(sink.files, expected, options);
  } catch (thrown) {
    const path = thrown instanceof TiebreakError ? thrown.place?.file : undefined;
    if (path !== undefined) await writer.discard(path);
    throw thrown;
  }
}
