import { TiebreakError } from '../../domain/errors.ts';
import type { Backend } from './backend.ts';

/** Element types of tensors on a device. Codes are `uint8`, those of 4 bits two per byte. */
export type ElementType = 'float32' | 'float16' | 'uint8' | 'int32';

/** Values for a device; float16 as its bits. */
export type Values =
  | Float32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>;

interface TensorFacts {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Bytes that the tensor occupies on the device. */
  readonly bytes: number;
  /** Replaces the values by others of the same type and shape, in order after all work submitted so far. */
  write(values: Values): void;
}

/** A tensor in a buffer of a GPU. */
interface GpuTensor extends TensorFacts {
  readonly device: 'webgpu';
  readonly buffer: GPUBuffer;
}

/** A tensor in main memory, for the CPU. */
interface HeapTensor extends TensorFacts {
  readonly device: 'wasm';
  readonly values: Values;
}

/** A tensor that stays on a device until its owner, a {@link DeviceTensors}, is released. */
export type DeviceTensor = GpuTensor | HeapTensor;

/** The buffer of a tensor on a GPU. @throws Error for a tensor in main memory. */
export function bufferOf(tensor: DeviceTensor): GPUBuffer {
  if (tensor.device === 'webgpu') return tensor.buffer;
  throw new Error('the tensor is in main memory');
}

// Sizes of buffers are multiples of this many bytes.
const ALIGN = 16;

/**
 * Owns tensors on a device and releases them together. No other code frees weights. A decoder layer, an adapter and an
 * executor each have one.
 */
export class DeviceTensors {
  private readonly backend: Backend;
  private tensors: DeviceTensor[] = [];

  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** Runs work that places tensors, whose owner its result then keeps. Releases them if it fails. */
  static async kept<T>(backend: Backend, work: (tensors: DeviceTensors) => Promise<T>): Promise<T> {
    const tensors = new DeviceTensors(backend);
    try {
      return await work(tensors);
    } catch (thrown) {
      tensors.release();
      throw thrown;
    }
  }

  /** Runs work with tensors that are released at its end. */
  static async during<T>(
    backend: Backend,
    work: (tensors: DeviceTensors) => Promise<T>,
  ): Promise<T> {
    const tensors = new DeviceTensors(backend);
    try {
      return await work(tensors);
    } finally {
      tensors.release();
    }
  }

  /** The tensors owned, in the order in which they were placed. */
  get all(): readonly DeviceTensor[] {
    return this.tensors;
  }

  /** Bytes that they occupy on the device. */
  get bytes(): number {
    return this.tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Copies values to the device (on the CPU they are used in place) and owns the new tensor.
   * @param name for errors, and the label of the buffer.
   * @throws TiebreakError `gpu/binding-size` if the buffer is too large for a shader to bind.
   */
  place(name: string, type: ElementType, shape: readonly number[], values: Values): DeviceTensor {
    const tensor =
      this.backend.device === 'wasm'
        ? inMainMemory(type, shape, values)
        : inBuffer(this.backend, name, type, shape, values);
    this.tensors.push(tensor);
    return tensor;
  }

  /** Frees all tensors owned. More can be placed afterwards. */
  release(): void {
    for (const tensor of this.tensors) if (tensor.device === 'webgpu') tensor.buffer.destroy();
    this.tensors = [];
  }
}

function inMainMemory(type: ElementType, shape: readonly number[], values: Values): HeapTensor {
  const write = (other: Values) => (values as Uint8Array).set(other as Uint8Array);
  return { device: 'wasm', type, shape, bytes: values.byteLength, values, write };
}

function inBuffer(
  { gpuDevice, gpu }: Extract<Backend, { device: 'webgpu' }>,
  name: string,
  type: ElementType,
  shape: readonly number[],
  values: Values,
): GpuTensor {
  const bytes = values.byteLength;
  if (bytes > gpu.maxStorageBufferBindingSize) {
    throw new TiebreakError('gpu/binding-size:tensor', {
      params: { name, bytes, most: gpu.maxStorageBufferBindingSize },
    });
  }
  const buffer = gpuDevice.createBuffer({
    label: name,
    size: Math.ceil(bytes / ALIGN) * ALIGN,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  const write = (other: Values) => {
    // `writeBuffer` takes whole words, so a shorter tail is padded.
    gpuDevice.queue.writeBuffer(buffer, 0, bytes % 4 === 0 ? other : padded(other));
  };
  write(values);
  return { device: 'webgpu', type, shape, bytes: buffer.size, buffer, write };
}

function padded(values: Values): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(Math.ceil(values.byteLength / 4) * 4);
  out.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return out;
}
