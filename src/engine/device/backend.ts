import { TiebreakError } from '../../domain/errors.ts';
import type { Place } from '../../domain/place.ts';
import type { Precision, Quantization } from '../../model/formats/quantization.ts';
import { GpuGuard } from './gpu-guard.ts';
import { type FoundGpu, gpuName, isSoftware, SUBGROUP_MATRIX } from './gpus.ts';

/** Kind of device that computes the layers. */
export type Device = 'webgpu' | 'wasm';

/** A GPU as WebGPU describes it. */
export interface GpuInfo {
  vendor: string;
  architecture: string;
  description: string;
  /** True for a software GPU (SwiftShader, llvmpipe), which is correct but slow. */
  fallback: boolean;
  /** Largest storage buffer that one shader may bind, in bytes. */
  maxStorageBufferBindingSize: number;
  /** Largest buffer, in bytes. */
  maxBufferSize: number;
}

/** An open GPU. `float16` is true if it has `shader-f16`. */
export interface OpenGpu {
  gpuDevice: GPUDevice;
  gpu: GpuInfo;
  float16: boolean;
  guard: GpuGuard;
}

/** A GPU as a backend. Closing it destroys the device, which frees all of its memory. */
export type WebGpuBackend = { device: 'webgpu'; close(): void } & OpenGpu;

/** The CPU as a backend, which computes in WebAssembly. */
interface CpuBackend {
  device: 'wasm';
  threads: number;
  close(): void;
}

/** An open device, independent of the executor that uses it. */
export type Backend = WebGpuBackend | CpuBackend;

/** Makes the backend of an open GPU, which it owns from now on. */
export function gpuBackend(found: OpenGpu): WebGpuBackend {
  const close = () => {
    found.guard.close();
    found.gpuDevice.destroy();
  };
  return { ...found, device: 'webgpu', close };
}

/** Makes the backend of the CPU. */
export function cpuBackend(threads: number): Backend {
  return { device: 'wasm', threads, close: () => {} };
}

/** Runs `work` on a backend. Its result counts only if the device reports no error. @throws the error it reports. */
export function guarded<T>(backend: Backend, work: () => Promise<T>): Promise<T> {
  return backend.device === 'webgpu' ? backend.guard.run(work) : work();
}

/** The place of a backend. */
export function placeOf(backend: Backend): Place {
  if (backend.device === 'wasm') {
    return { kind: 'cpu', runtime: 'WebAssembly', threads: backend.threads };
  }
  return {
    kind: 'gpu',
    name: gpuName({ ...backend.gpu, isFallbackAdapter: backend.gpu.fallback }),
  };
}

/**
 * Requests a GPU and opens a device with all limits of its adapter. The caller owns the device.
 * @param wanted a GPU that was found before. Default: the fast one.
 * @returns null if there is no adapter.
 * @throws TiebreakError `gpu/device` if the adapter gives no device, `gpu/none` if the browser offers another card than
 *   the wanted one, which may be in use already.
 */
export async function requestGpu(gpu: GPU | undefined, wanted?: FoundGpu): Promise<OpenGpu | null> {
  const { powerPreference = 'high-performance' } = wanted ?? {};
  const adapter = await gpu?.requestAdapter({ powerPreference });
  if (adapter == null) return null;
  if (wanted !== undefined && gpuName(adapter.info) !== wanted.name) {
    throw new TiebreakError('gpu/none:gone', { params: { name: wanted.name } });
  }
  const float16 = adapter.features.has('shader-f16');
  // Executors can use only features that are requested here.
  const features = ['shader-f16', 'subgroups', 'timestamp-query', SUBGROUP_MATRIX];
  const requiredFeatures = (features as GPUFeatureName[]).filter((feature) =>
    adapter.features.has(feature),
  );
  const { limits, info } = adapter;
  let gpuDevice: GPUDevice;
  try {
    gpuDevice = await adapter.requestDevice({
      requiredFeatures,
      requiredLimits: {
        maxBufferSize: limits.maxBufferSize,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
        maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
        maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
        maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
        maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
        maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
        maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      },
    });
  } catch (cause) {
    throw new TiebreakError('gpu/device', { params: { reason: (cause as Error).message }, cause });
  }
  return {
    gpuDevice,
    float16,
    guard: new GpuGuard(gpuDevice),
    gpu: {
      vendor: info.vendor,
      architecture: info.architecture,
      description: info.description,
      fallback: isSoftware(info),
      maxStorageBufferBindingSize: gpuDevice.limits.maxStorageBufferBindingSize,
      maxBufferSize: gpuDevice.limits.maxBufferSize,
    },
  };
}

/**
 * The precision of activations. `auto` is float16 if the GPU has it and the weights are quantised, else float32: dense
 * weights are multiplied in float32 in any case, so float16 would gain nothing.
 * @throws TiebreakError `gpu/no-float16` if float16 was requested and the GPU lacks it.
 */
export function choosePrecision(
  backend: Backend,
  wanted: Precision | 'auto',
  quantization: Quantization,
): Precision {
  const has = backend.device === 'webgpu' && backend.float16;
  if (wanted === 'float16' && !has) {
    throw new TiebreakError('gpu/no-float16');
  }
  return wanted === 'auto' ? autoPrecision(has, quantization) : wanted;
}

/** The precision that `auto` means on a device; weights that are not quantised are computed in float32. */
export function autoPrecision(hasFloat16: boolean, quantization: Quantization): Precision {
  return hasFloat16 && quantization !== 'none' ? 'float16' : 'float32';
}
