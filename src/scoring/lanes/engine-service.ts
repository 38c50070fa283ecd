import { transfer } from 'comlink';
import { TiebreakError } from '../../domain/errors.ts';
import type { Backend, Device } from '../../engine/device/backend.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import type { KernelCache } from '../../engine/device/kernel-cache.ts';
import { type CheckedPasses, Engine } from '../../engine/engine.ts';
import { flopsOf } from '../../engine/planning/flops.ts';
import { ModelPackage } from '../../model/package.ts';
import type { PackageFiles } from '../../storage/package-files.ts';
import type { EngineWorkerApi } from './engine-api.ts';
import { modelReading } from './model-reading.ts';
import type { ModelSource } from './model-source.ts';

/** The functions that the engine needs from its worker, thread or process. */
interface EngineHost {
  /** Opens a device; `gpu` selects one of several GPUs. */
  openBackend(device?: Device, gpu?: FoundGpu): Promise<Backend>;
  openFiles(source: ModelSource): PackageFiles;
  /** Protects the files from changes until the worker ends. */
  holdFiles(source: ModelSource): Promise<unknown>;
  kernelCache(): KernelCache;
}

/** Implements {@link EngineWorkerApi}: one model on one device, for a caller in another thread or process. */
export function engineService(host: EngineHost): EngineWorkerApi {
  let engine: Engine | undefined;
  let pkg: ModelPackage | undefined;
  let abort = new AbortController();

  function parts(): CheckedPasses {
    const { parts: passes } = loaded();
    if (passes === null) throw new Error('this executor runs no part of the layers');
    return passes;
  }

  function loaded(): Engine {
    if (engine !== undefined) return engine;
    throw new TiebreakError('engine/not-loaded');
  }

  return {
    async load(request, onProgress) {
      const { signal } = abort;
      onProgress({ step: 'device', fraction: 0 });
      await host.holdFiles(request.source);
      pkg = await ModelPackage.open(host.openFiles(request.source));
      const [first = null] = pkg.adapterNames;
      await modelReading(pkg, [first]);
      let backend = await host.openBackend(request.device, request.gpu);
      try {
        engine = await Engine.load(pkg, backend, {
          precision: request.precision,
          executor: request.executor,
          resident: request.resident,
          layers: request.layers,
          kernelCache: host.kernelCache(),
          reopen: async () => {
            backend = await host.openBackend(request.device, request.gpu);
            return backend;
          },
          signal,
          onProgress: (layers, total) =>
            onProgress({ step: 'weights', fraction: layers / total, layers, total }),
        });
        const baseHasHead = pkg.baseHead !== null;
        await engine.setAdapter(first);
        await engine.selfTest();
        return {
          model: {
            name: pkg.manifest.name,
            sha256: pkg.sha256,
            notice: pkg.manifest.notice ?? null,
            adapters: pkg.manifest.adapters.map(({ name, notice }) => ({
              name,
              notice: notice ?? null,
            })),
            baseHasHead,
            flops: flopsOf(pkg.config),
            engine: engine.info,
          },
          bounds: engine.bounds,
        };
      } catch (thrown) {
        backend.close();
        throw thrown;
      }
    },

    async setAdapters(names) {
      const model = loaded();
      // The page shows one kind of judge for a loaded model, so every set of adapters must be of that kind.
      const [first = null] = pkg!.adapterNames;
      await modelReading(pkg!, [first, ...names]);
      await model.setAdapters(names);
      return model.info;
    },

    async logits(ids, lengths) {
      return loaded().logits(rowsIn(ids, lengths), abort.signal);
    },

    async hiddenAfter(ids, lengths, to, adapter) {
      const rows = rowsIn(ids, lengths);
      const hidden = await parts().hiddenAfter(rows, to, undefined, abort.signal, adapter);
      return transfer(hidden, [hidden.buffer]);
    },

    async logitsAfter(ids, lengths, start, adapter) {
      return parts().logitsAfter(rowsIn(ids, lengths), start, abort.signal, adapter);
    },

    async cancel() {
      abort.abort();
      abort = new AbortController();
    },
  };
}

function rowsIn(ids: Int32Array, lengths: Uint32Array): Int32Array[] {
  const rows: Int32Array[] = [];
  let start = 0;
  for (const length of lengths) {
    rows.push(ids.subarray(start, start + length));
    start += length;
  }
  return rows;
}
