import { TiebreakError } from '../../domain/errors.ts';
import { isSecurePage } from '../../storage/secure.ts';
import { type Backend, cpuBackend, type Device, gpuBackend, requestGpu } from './backend.ts';
import type { FoundGpu } from './gpus.ts';

/**
 * Opens a device in a browser's worker. Without `device` it takes WebGPU if the browser gives a GPU that the processor
 * does not imitate, else WebAssembly on the CPU. `gpu`: which of several GPUs; left out: the fast one.
 * @throws TiebreakError `gpu/none` when WebGPU was asked for and there is no adapter, or that GPU is gone;
 * `gpu/insecure` when
 *   the page's address keeps it from WebGPU.
 */
export async function openBrowserBackend(device?: Device, gpu?: FoundGpu): Promise<Backend> {
  if (device !== 'wasm') {
    const found = await requestGpu(navigator.gpu, gpu);
    if (found?.gpu.fallback && device === undefined) found.gpuDevice.destroy();
    else if (found !== null) return gpuBackend(found);
    if (device === 'webgpu' && !isSecurePage()) {
      throw new TiebreakError('gpu/insecure');
    }
    if (device === 'webgpu') {
      throw new TiebreakError('gpu/none');
    }
  }
  // Threads need shared memory, which browsers give only to cross-origin isolated pages.
  return cpuBackend(self.crossOriginIsolated ? Math.min(8, navigator.hardwareConcurrency) : 1);
}
