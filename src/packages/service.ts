import { aborted, asTiebreakError, TiebreakError } from '../domain/errors.ts';
import {
  type BuildProgress,
  isWorthKeeping,
  type PackagePlan,
  planPackage,
  writePackage,
} from '../import/build.ts';
import type {
  ImportPlan,
  ImportRequest,
  PackageOffer,
  PackagesWorkerApi,
  StoredPackage,
} from './api.ts';
import { damageError, findDamage } from './download/damage.ts';
import { downloadPackage } from './download/download.ts';
import { type DownloadPlan, planDownload } from './download/plan.ts';
import { repairPackage } from './download/repair.ts';
import { readSlices } from './download/slices.ts';
import { exportPackage, packagePaths } from './export.ts';
import { withPackage } from './opfs.ts';
import { availableBytes, checkRoom } from './room.ts';
import { buildOptions, openRemote } from './sources.ts';
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
import { readSource, saveSource } from './stored-source.ts';

/** Milliseconds between two reports of progress. */
const REPORT_MS = 100;

type OnProgress = (progress: BuildProgress) => void;

/** Implements {@link PackagesWorkerApi} on the origin private file system. */
export class PackagesService implements PackagesWorkerApi {
  private abort = new AbortController();
  private importing = false;

  async plan(request: ImportRequest, token: string | null): Promise<ImportPlan | PackageOffer> {
    const { signal } = this.abort;
    if (request.base.kind === 'remote') {
      const found = await findPackage(request.base.address, token, signal);
      if (found !== null) return offerOf(found);
    }
    const { facts } = await planImport(request, token, signal);
    return { kind: 'import', facts, available: await availableBytes() };
  }

  start(
    request: ImportRequest,
    token: string | null,
    id: string | null,
    onProgress: OnProgress,
  ): Promise<StoredPackage> {
    return this.exclusively(async () => {
      const { signal } = this.abort;
      const plan = await planImport(request, token, signal);
      const target = id ?? newPackageId(request.name);
      await withPackage(target, 'exclusive', async () => {
        const held = id === null ? 0 : (await describePartial(id)).bytes;
        await checkRoom(plan.facts.bytes, held);
        await write(plan, target, request, signal, onProgress);
      });
      return describePackage(target);
    });
  }

  download(
    address: string,
    token: string | null,
    id: string | null,
    onProgress: OnProgress,
  ): Promise<StoredPackage> {
    return this.exclusively(async () => {
      const { signal } = this.abort;
      const plan = await planDownload(openRemote(address, token, signal));
      const { name } = plan.manifest;
      const target = id ?? newPackageId(name);
      await withPackage(target, 'exclusive', async () => {
        const held = id === null ? 0 : (await describePartial(id)).bytes;
        await checkRoom(plan.bytes, held);
        const sink = await packageSink(target);
        await saveSource(sink, { address, name, bytes: plan.bytes });
        await downloadPackage(plan, sink, { signal, onProgress: throttled(onProgress) });
      });
      return describePackage(target);
    });
  }

  async cancel(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
  }

  async list(): Promise<StoredPackage[]> {
    return listPackages();
  }

  async verify(id: string, onProgress: OnProgress): Promise<void> {
    const { signal } = this.abort;
    return withPackage(id, 'shared', async () => {
      const { files, manifest } = await openStored(id);
      const damages = await findDamage(files, manifest.files, await readSlices(files), {
        signal,
        onProgress: throttled(onProgress),
      });
      if (damages.length > 0) throw damageError(damages, (await readSource(files)) !== null);
    });
  }

  repair(id: string, token: string | null, onProgress: OnProgress): Promise<StoredPackage> {
    return this.exclusively(async () => {
      const { signal } = this.abort;
      await withPackage(id, 'exclusive', async () => {
        const { files, manifest } = await openStored(id);
        const source = await readSource(files);
        if (source === null) {
          throw new TiebreakError('packages/imported', { params: { name: manifest.name } });
        }
        const remote = openRemote(source.address, token, signal);
        await repairPackage(remote, await packageSink(id), manifest, await readSlices(files), {
          signal,
          onProgress: throttled(onProgress),
        });
      });
      return describePackage(id);
    });
  }

  async exportTo(
    id: string,
    folder: FileSystemDirectoryHandle,
    onProgress: OnProgress,
  ): Promise<void> {
    const { signal } = this.abort;
    return withPackage(id, 'shared', async () => {
      const { files, manifest } = await openStored(id);
      await exportPackage(files, manifest, folder, { signal, onProgress: throttled(onProgress) });
    });
  }

  async files(id: string): Promise<{ path: string; file: File }[]> {
    const { files, manifest } = await openStored(id);
    return Promise.all(
      packagePaths(manifest).map(async (path) => ({ path, file: await files.file(path) })),
    );
  }

  async remove(id: string): Promise<void> {
    return withPackage(id, 'exclusive', () => erasePackage(id));
  }

  /** Runs `work`, which writes a package. @throws TiebreakError `packages/importing` while another one is running. */
  private async exclusively<T>(work: () => Promise<T>): Promise<T> {
    if (this.importing) {
      throw new TiebreakError('packages/importing');
    }
    this.importing = true;
    try {
      return await work();
    } finally {
      this.importing = false;
    }
  }
}

/** Plans an import. Reads of local files cannot be cancelled, so the signal rejects the promise and ignores them. */
function planImport(
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

/** Describes a partial package. @throws TiebreakError `packages/complete` if it is complete. */
async function describePartial(id: string): Promise<StoredPackage> {
  const found = await describePackage(id);
  // The caller holds the lock, so `state` is `busy`. Only a complete package has a quantisation.
  if (found.quantization === null) return found;
  throw new TiebreakError('packages/complete', { params: { name: found.name } });
}

async function write(
  plan: PackagePlan,
  id: string,
  request: ImportRequest,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<void> {
  try {
    await rememberImport(id, request, plan.facts.bytes);
    await writePackage(plan, await packageSink(id), { signal, onProgress: throttled(onProgress) });
  } catch (thrown) {
    const error = asTiebreakError(thrown);
    if (!isWorthKeeping(error)) await erasePackage(id);
    throw error;
  }
  await forgetImport(id);
}

/** Looks for a finished package at an address; null if there is none. */
async function findPackage(
  address: string,
  token: string | null,
  signal: AbortSignal,
): Promise<DownloadPlan | null> {
  try {
    return await planDownload(openRemote(address, token, signal));
  } catch (thrown) {
    const { code } = asTiebreakError(thrown);
    // Some hosts answer "denied" for files that they do not have. If a checkpoint there is denied, its files say so.
    if (code === 'storage/missing' || code === 'storage/denied') return null;
    throw thrown;
  }
}

async function offerOf({ manifest, bytes }: DownloadPlan): Promise<PackageOffer> {
  const { name, quantization, embedding, softCap, adapters } = manifest;
  return {
    kind: 'package',
    name,
    bytes,
    quantization,
    embedding,
    softCap,
    adapters: adapters.map((adapter) => adapter.name),
    available: await availableBytes(),
  };
}

/** Limits reports of progress to ten a second, and always passes the end of a step. */
function throttled(onProgress: OnProgress): OnProgress {
  let next = 0;
  return (progress) => {
    const now = performance.now();
    if (now < next && progress.done < progress.total) return;
    next = now + REPORT_MS;
    onProgress(progress);
  };
}
