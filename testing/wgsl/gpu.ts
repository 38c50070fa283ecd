import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import type { WebGpuBackend } from '../../src/engine/device/backend.ts';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { GpuGuard } from '../../src/engine/device/gpu-guard.ts';

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Opens a GPU through Dawn: SwiftShader if it is installed and no driver is named. Null without one. */
export async function openTestGpu(): Promise<WebGpuBackend | null> {
  if (process.env.VK_DRIVER_FILES === undefined && existsSync(SWIFTSHADER)) {
    process.env.VK_DRIVER_FILES = SWIFTSHADER;
  }
  process.env.XDG_RUNTIME_DIR ??= '/tmp';
  globalThis.setImmediate = pausing as unknown as typeof setImmediate;
  // As scripts/run.mjs does, and for its reason.
  setFlagsFromString('--liftoff-only');
  try {
    const backend = await openNodeBackend('webgpu');
    return backend.device === 'webgpu' ? backend : null;
  } catch {
    console.warn('no WebGPU here: the kernels are not tested');
    return null;
  }
}

let shared: Promise<WebGpuBackend | null> | undefined;

/**
 * Opens a GPU on the one device of this process that all callers share. A software GPU compiles for seconds what it has
 * compiled for another device; here it compiles every kernel once. Closing the GPU leaves the device and what it keeps.
 * Not for tests that lose the device, count its buffers or let two engines compute at once. Null without a GPU.
 */
export async function sharedTestGpu(): Promise<WebGpuBackend | null> {
  shared ??= openTestGpu().then(keepingPipelines);
  const backend = await shared;
  if (backend === null) return null;
  const guard = new GpuGuard(backend.gpuDevice);
  return { ...backend, guard, close: () => guard.close() };
}

/** Dawn gives an existing pipeline for the same shader, as long as something refers to it. */
function keepingPipelines(backend: WebGpuBackend | null): WebGpuBackend | null {
  if (backend === null) return null;
  const { gpuDevice } = backend;
  const create = gpuDevice.createComputePipelineAsync.bind(gpuDevice);
  const kept = new Set<GPUComputePipeline>();
  gpuDevice.createComputePipelineAsync = async (descriptor) => {
    const pipeline = await create(descriptor);
    kept.add(pipeline);
    return pipeline;
  };
  return backend;
}

/**
 * Dawn's binding asks for results in every turn of the event loop while it waits for one. That takes a whole core from
 * a software GPU, which needs it to compute; a pause between two questions leaves it there.
 */
function pausing(ask: () => void): NodeJS.Timeout {
  return setTimeout(ask, 1);
}
