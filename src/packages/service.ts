import { aborted, asTiebreakError, TiebreakError } from '../core/errors.ts';
import {
  type BuildProgress,
  isWorthKeeping,
  type PackagePlan,
  planPackage,
  writePackage,
} from '../model/build.ts';
import { verifyFiles } from '../model/package.ts';
import { type Outcome, outcome } from '../workers/remote.ts';
import type { ImportPlan, ImportRequest, PackagesWorkerApi, StoredPackage } from './api.ts';
import { exportPackage, packagePaths } from './export.ts';
import { withPackage } from './opfs.ts';
import { buildOptions } from './sources.ts';
import {
  describePackage,
  erasePackage,
  forgetImport,
  listPackages,
  newPackageId,
  openStored,
  packageSink,
  rememberImport,
} from './store.ts';

/** Milliseconds between two reports of progress. */
const REPORT_MS = 100;

type OnProgress = (progress: BuildProgress) => void;

/** Imports checkpoints into the origin private file system and keeps what is there. */
export class PackagesService implements PackagesWorkerApi {
  private abort = new AbortController();
  private importing = false;

  plan(request: ImportRequest, token: string | null): Promise<Outcome<ImportPlan>> {
    return outcome(async () => {
      const { signal } = this.abort;
      const { facts } = await planned(request, token, signal);
      return { facts, available: await available() };
    });
  }

  start(
    request: ImportRequest,
    token: string | null,
    id: string | null,
    onProgress: OnProgress,
  ): Promise<Outcome<StoredPackage>> {
    return outcome(async () => {
      if (this.importing) {
        throw new TiebreakError('packages/importing', 'Another import is under way.', {
          action: 'Wait until it has ended, or cancel it.',
        });
      }
      this.importing = true;
      try {
        const { signal } = this.abort;
        const plan = await planned(request, token, signal);
        const target = id ?? newPackageId(request.name);
        await withPackage(target, 'exclusive', async () => {
          const held = id === null ? 0 : (await partial(id)).bytes;
          await checkRoom(plan, held);
          await write(plan, target, request, signal, onProgress);
        });
        return await describePackage(target);
      } finally {
        this.importing = false;
      }
    });
  }

  async cancel(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
  }

  list(): Promise<Outcome<StoredPackage[]>> {
    return outcome(listPackages);
  }

  verify(id: string, onProgress: OnProgress): Promise<Outcome<void>> {
    return outcome(() => {
      const { signal } = this.abort;
      return withPackage(id, 'shared', async () => {
        const { files, manifest } = await openStored(id);
        await verifyFiles(files, manifest.files, { signal, onProgress: seldom(onProgress) });
      });
    });
  }

  exportTo(
    id: string,
    folder: FileSystemDirectoryHandle,
    onProgress: OnProgress,
  ): Promise<Outcome<void>> {
    return outcome(() => {
      const { signal } = this.abort;
      return withPackage(id, 'shared', async () => {
        const { files, manifest } = await openStored(id);
        await exportPackage(files, manifest, folder, { signal, onProgress: seldom(onProgress) });
      });
    });
  }

  files(id: string): Promise<Outcome<{ path: string; file: File }[]>> {
    return outcome(async () => {
      const { files, manifest } = await openStored(id);
      return Promise.all(
        packagePaths(manifest).map(async (path) => ({ path, file: await files.file(path) })),
      );
    });
  }

  remove(id: string): Promise<Outcome<void>> {
    return outcome(() => withPackage(id, 'exclusive', () => erasePackage(id)));
  }
}

/** A plan; local files cannot be told to stop, so a signal ends the waiting for them. */
function planned(
  request: ImportRequest,
  token: string | null,
  signal: AbortSignal,
): Promise<PackagePlan> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(aborted());
    signal.addEventListener('abort', stop);
    planPackage(buildOptions(request, token, signal))
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

/** A package that can be gone on with. */
async function partial(id: string): Promise<StoredPackage> {
  const found = await describePackage(id);
  // Under its lock it is `busy` by ourselves; only a complete one has adapters or a quantisation to tell.
  if (found.quantization === null) return found;
  throw new TiebreakError('packages/complete', `${found.name} is complete already.`, {
    action: 'Import it under another name.',
  });
}

async function write(
  plan: PackagePlan,
  id: string,
  request: ImportRequest,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<void> {
  try {
    await rememberImport(id, request);
    await writePackage(plan, await packageSink(id), { signal, onProgress: seldom(onProgress) });
  } catch (thrown) {
    const error = asTiebreakError(thrown);
    if (!isWorthKeeping(error)) await erasePackage(id);
    throw error;
  }
  await forgetImport(id);
}

/** Throws `storage/full` when a package has no room. `held`: bytes of it that are stored already. */
async function checkRoom({ facts }: PackagePlan, held: number): Promise<void> {
  const room = await available();
  if (room === null || facts.bytes <= room + held) return;
  const needed = facts.bytes - held;
  throw new TiebreakError(
    'storage/full',
    `The model needs ${gigabytes(needed)}, but this page may store only ${gigabytes(room)} more.`,
    {
      action:
        'Free space on the disk, delete models that are not needed, or choose a smaller embedding.',
    },
  );
}

/** Bytes that this site may still store; null when the browser does not say. */
async function available(): Promise<number | null> {
  const { quota, usage } = await navigator.storage.estimate();
  return quota === undefined || usage === undefined ? null : Math.max(0, quota - usage);
}

function gigabytes(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Reports progress ten times a second, and whenever a step ends. */
function seldom(onProgress: OnProgress): OnProgress {
  let next = 0;
  return (progress) => {
    const now = performance.now();
    if (now < next && progress.done < progress.total) return;
    next = now + REPORT_MS;
    onProgress(progress);
  };
}
