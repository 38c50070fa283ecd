import type { Tensor } from 'onnxruntime-web';
import { TiebreakError } from '../../domain/errors.ts';
import type { Backend } from '../device/backend.ts';

/** A tensor that stays on the device, how to change its values, and how to free it. */
export interface ResidentTensor {
  tensor: Tensor;
  bytes: number;
  /** Puts other values of the same type and shape in its place, behind the work that was given to the device before. */
  write(data: Data): void;
  release(): void;
}

/** Values as the device takes them. */
export type Data = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/**
 * Puts values where the backend reads them: a `GPUBuffer` that we own, or CPU memory for WebAssembly.
 * @throws TiebreakError `gpu/binding-size` when a shader could not bind the buffer.
 */
export function place(
  backend: Backend,
  name: string,
  type: 'float32' | 'float16' | 'uint8',
  dims: readonly number[],
  data: Data,
): ResidentTensor {
  const bytes = data.byteLength;
  const { Tensor } = backend.ort;
  if (backend.device === 'wasm') {
    const own = data as Uint8Array;
    const tensor = new Tensor(type as 'uint8', own, dims);
    return { tensor, bytes, write: (other) => own.set(other as Uint8Array), release() {} };
  }
  const { gpuDevice, gpu } = backend;
  if (bytes > gpu.maxStorageBufferBindingSize) {
    throw new TiebreakError(
      'gpu/binding-size',
      `${name} takes ${bytes} bytes; this GPU binds at most ${gpu.maxStorageBufferBindingSize} at once.`,
      { action: 'Use another GPU or a smaller model.' },
    );
  }
  const buffer = gpuDevice.createBuffer({
    label: name,
    size: Math.ceil(bytes / 16) * 16,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  const write = (values: Data) => {
    // writeBuffer wants whole words; a shorter tail is filled up.
    const whole = bytes % 4 === 0 ? values : padded(values);
    gpuDevice.queue.writeBuffer(buffer, 0, whole);
  };
  write(data);
  return {
    tensor: Tensor.fromGpuBuffer(buffer, { dataType: type, dims }),
    bytes: buffer.size,
    write,
    release: () => buffer.destroy(),
  };
}

function padded(data: Data): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return out;
}
