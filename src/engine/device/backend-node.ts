import { availableParallelism } from 'node:os';
import { TiebreakError } from '../../domain/errors.ts';
import { type Backend, cpuBackend, type Device, gpuBackend, requestGpu } from './backend.ts';
import { type FoundGpu, findGpus } from './gpus.ts';

/**
 * Opens a device in Node. Without `device` it takes WebGPU (Dawn, from the npm package `webgpu`) if a GPU is found
 * that is not a software one, else WebAssembly.
 * @throws TiebreakError `gpu/none` when WebGPU was asked for and there is no adapter.
 */
export async function openNodeBackend(device?: Device): Promise<Backend> {
  if (device !== 'wasm') {
    const gpu = await installWebGpu();
    const found = gpu && (await requestGpu(gpu));
    if (found && (device === 'webgpu' || !found.gpu.fallback)) return gpuBackend(found);
    found?.gpuDevice.destroy();
    if (device === 'webgpu') {
      throw new TiebreakError('gpu/none:node');
    }
  }
  return cpuBackend(availableParallelism());
}

/** The GPUs that Dawn finds, software ones included; none where there is no Dawn. */
export async function findNodeGpus(): Promise<FoundGpu[]> {
  return findGpus(await installWebGpu());
}

let installed: Promise<GPU | undefined> | undefined;

/**
 * Makes Dawn available as `navigator.gpu`, where ONNX Runtime looks for it; must run before ONNX Runtime is imported.
 * `DAWN_TOGGLES` holds comma-separated Dawn toggles, for example `vulkan_enable_f16_on_nvidia,allow_unsafe_apis`.
 */
function installWebGpu(): Promise<GPU | undefined> {
  installed ??= (async () => {
    let dawn: typeof import('webgpu');
    try {
      dawn = await import('webgpu');
    } catch {
      return undefined; // no prebuilt Dawn for this platform: there is no GPU to be had
    }
    Object.assign(globalThis, dawn.globals);
    acceptSharedMemory();
    const toggles = (process.env.DAWN_TOGGLES ?? '').split(',').filter(Boolean);
    const gpu = dawn.create(
      toggles.length > 0 ? [`enable-dawn-features=${toggles.join(',')}`] : [],
    );
    Object.defineProperty(globalThis, 'navigator', {
      value: { gpu, userAgent: 'node', hardwareConcurrency: availableParallelism() },
      configurable: true,
    });
    return gpu;
  })();
  return installed;
}

/**
 * Dawn's Node binding refuses views on shared memory ("Invalid argument"), and ONNX Runtime's heap is shared: copy
 * them.
 */
function acceptSharedMemory(): void {
  const write = GPUQueue.prototype.writeBuffer;
  GPUQueue.prototype.writeBuffer = function (buffer, bufferOffset, data, dataOffset = 0, size) {
    if (ArrayBuffer.isView(data) && data.buffer instanceof SharedArrayBuffer) {
      const unit = 'BYTES_PER_ELEMENT' in data ? (data.BYTES_PER_ELEMENT as number) : 1;
      const start = data.byteOffset + dataOffset * unit;
      const bytes = size === undefined ? data.byteLength - dataOffset * unit : size * unit;
      const copy = new Uint8Array(new Uint8Array(data.buffer, start, bytes));
      return write.call(this, buffer, bufferOffset, copy);
    }
    const plain = data as GPUAllowSharedBufferSource;
    return size === undefined
      ? write.call(this, buffer, bufferOffset, plain, dataOffset)
      : write.call(this, buffer, bufferOffset, plain, dataOffset, size);
  };
}
