import { TiebreakError } from '../../domain/errors.ts';
import { isSecurePage } from '../../storage/secure.ts';
import { type Backend, type Device, gpuBackend, type Ort, requestGpu } from './backend.ts';
import type { FoundGpu } from './gpus.ts';

/**
 * Opens ONNX Runtime in a browser's worker. Without `device` it takes WebGPU if the browser gives a GPU that the processor
 * does not imitate, else WebAssembly on the CPU. `gpu`: which of several GPUs; left out: the fast one.
 * @throws TiebreakError `gpu/none` when WebGPU was asked for and there is no adapter, or that GPU is gone; `gpu/insecure` when
 *   the page's address keeps it from WebGPU.
 */
export async function openBrowserBackend(device?: Device, gpu?: FoundGpu): Promise<Backend> {
  if (device !== 'wasm') {
    const found = await requestGpu(navigator.gpu, gpu);
    if (found?.gpu.fallback && device === undefined) found.gpuDevice.destroy();
    else if (found !== null) {
      // The JSPI build is smaller and streams weights, but only some browsers have JSPI; the other build uses Asyncify.
      const ort = (
        'Suspending' in WebAssembly
          ? await import('onnxruntime-web/jspi')
          : await import('onnxruntime-web/webgpu')
      ) as Ort;
      ort.env.wasm.numThreads = 1; // the GPU does the work
      ort.env.logLevel = 'error';
      return gpuBackend(ort, found);
    }
    if (device === 'webgpu' && !isSecurePage()) {
      throw new TiebreakError(
        'gpu/insecure',
        'Browsers give WebGPU only over https or localhost.',
        {
          action: 'Open this page over https or as localhost, or choose the CPU.',
        },
      );
    }
    if (device === 'webgpu') {
      throw new TiebreakError('gpu/none', 'This browser gives no GPU through WebGPU.', {
        action: 'Update the browser and the graphics driver, or choose the CPU.',
      });
    }
  }
  const ort = (await import('onnxruntime-web/wasm')) as Ort;
  // Threads need shared memory, which browsers give only to cross-origin isolated pages.
  const threads = self.crossOriginIsolated ? Math.min(8, navigator.hardwareConcurrency) : 1;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return { device: 'wasm', ort, threads, close: () => {} };
}
