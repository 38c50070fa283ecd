import { TiebreakError } from '../../domain/errors.ts';
import { isSecurePage } from '../../storage/secure.ts';
import { type Backend, cpuBackend, type Device, gpuBackend, requestGpu } from './backend.ts';
import type { FoundGpu } from './gpus.ts';

/**
 * Opens a device in a browser's worker. Without `device` this is WebGPU if the browser offers a GPU that is not
 * emulated in software, else WebAssembly on the CPU.
 * @param gpu selects one of several GPUs. Default: the fast one.
 * @throws TiebreakError `gpu/none` if WebGPU was requested and there is no adapter, or the selected GPU is gone;
 *   `gpu/insecure` if the page's address rules out WebGPU.
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
  // Threads need shared memory, which browsers allow only for cross-origin isolated pages.
  return cpuBackend(self.crossOriginIsolated ? Math.min(8, navigator.hardwareConcurrency) : 1);
}
