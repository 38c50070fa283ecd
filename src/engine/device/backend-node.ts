import { availableParallelism } from 'node:os';
import { TiebreakError } from '../../domain/errors.ts';
import { type Backend, cpuBackend, type Device, gpuBackend, requestGpu } from './backend.ts';
import { type FoundGpu, findGpus } from './gpus.ts';

/**
 * Opens a device in Node. Without `device` this is WebGPU (Dawn, from the npm package `webgpu`) if there is a GPU that
 * is not emulated in software, else WebAssembly.
 * @throws TiebreakError `gpu/none` if WebGPU was requested and there is no adapter.
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

/** The GPUs that Dawn finds, software GPUs included; empty without Dawn. */
export async function findNodeGpus(): Promise<FoundGpu[]> {
  return findGpus(await installWebGpu());
}

let installed: Promise<GPU | undefined> | undefined;

/**
 * Makes Dawn available as `navigator.gpu`, where ONNX Runtime looks for it. Must run before ONNX Runtime is imported.
 * The environment variable `DAWN_TOGGLES` has toggles of Dawn, separated by commas, for example
 * `vulkan_enable_f16_on_nvidia,allow_unsafe_apis`.
 */
function installWebGpu(): Promise<GPU | undefined> {
  installed ??= (async () => {
    let dawn: typeof import('webgpu');
    try {
      dawn = await import('webgpu');
    } catch {
      return undefined; // there is no prebuilt Dawn for this platform
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
 * Makes `writeBuffer` copy views of shared memory. Dawn's binding for Node refuses them ("Invalid argument"), and ONNX
 * Runtime's heap is shared.
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
