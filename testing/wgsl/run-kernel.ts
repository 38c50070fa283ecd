import type { WebGpuBackend } from '../../src/engine/device/backend.ts';
import type { ActivationLayout } from '../../src/engine/wgsl/kernels/activations.ts';
import type { Kernel } from '../../src/engine/wgsl/kernels/kernel.ts';
import { type Binding, Recorder } from '../../src/engine/wgsl/recorder.ts';
import { fromFloat16 } from '../../src/model/dtype.ts';

/** Values of a storage buffer. */
export type Values = Float32Array | Uint32Array | Uint8Array;

/**
 * Runs a kernel once.
 * @param inputs values of its bindings; a number is the size in bytes of an empty one.
 * @param wanted index of the binding to read back, as 32-bit words.
 */
export async function runKernel(
  backend: WebGpuBackend,
  kernel: Kernel,
  inputs: readonly (Values | number)[],
  parameters: readonly number[],
  groups: number,
  wanted: number,
): Promise<Float32Array<ArrayBuffer>> {
  const { gpuDevice } = backend;
  return backend.guard.run(async () => {
    const recorder = new Recorder(gpuDevice);
    const buffers = inputs.map((values) => {
      const bytes = typeof values === 'number' ? values : values.byteLength;
      const buffer = gpuDevice.createBuffer({
        size: Math.ceil(bytes / 16) * 16,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
      });
      if (typeof values !== 'number') {
        const padded = new Uint8Array(buffer.size);
        padded.set(new Uint8Array(values.buffer, values.byteOffset, bytes));
        gpuDevice.queue.writeBuffer(buffer, 0, padded);
      }
      return buffer;
    });
    const bindings: Binding[] = buffers;
    await recorder.run(kernel, bindings, parameters, groups, 1);
    const out = await recorder.read(buffers[wanted]!, buffers[wanted]!.size / 4);
    for (const buffer of buffers) buffer.destroy();
    recorder.dispose();
    return out;
  });
}

/** Index, in units of 8, of (m, 8 u) in a layout of K columns, implemented independently of the kernels. */
function unitAt(layout: ActivationLayout, K: number, m: number, u: number): number {
  if (layout !== 'f16-packed') return (m * K) / 8 + u;
  const block = Math.floor(m / 8) * (K / 32) + Math.floor(u / 4);
  return block * 32 + (u % 4) * 8 + (m % 8);
}

/** Converts the output of a kernel from its layout to row-major [M, K]. */
export function unlay(
  layout: ActivationLayout,
  words: Float32Array<ArrayBuffer>,
  M: number,
  K: number,
): Float32Array {
  const stored =
    layout === 'f32' ? words : Float32Array.from(new Uint16Array(words.buffer), fromFloat16);
  const out = new Float32Array(M * K);
  for (let m = 0; m < M; m += 1) {
    for (let k = 0; k < K; k += 1) {
      out[m * K + k] = stored[unitAt(layout, K, m, Math.floor(k / 8)) * 8 + (k % 8)]!;
    }
  }
  return out;
}

/**
 * Converts row-major [M, K] to the layout of a kernel's input; `values` must be exact in float16 for the float16
 * layouts.
 */
export function lay(
  layout: ActivationLayout,
  values: Float32Array,
  M: number,
  K: number,
  encode: (values: Float32Array<ArrayBuffer>) => Uint16Array<ArrayBuffer>,
): Values {
  const out = new Float32Array(Math.ceil(M / 8) * 8 * K);
  for (let m = 0; m < M; m += 1) {
    for (let k = 0; k < K; k += 1) {
      out[unitAt(layout, K, m, Math.floor(k / 8)) * 8 + (k % 8)] = values[m * K + k]!;
    }
  }
  return layout === 'f32' ? out : new Uint8Array(encode(out).buffer);
}
