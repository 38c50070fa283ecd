import { TiebreakError } from '../../domain/errors.ts';
import type { Backend } from './backend.ts';

/** Element types of tensors on a device. 4-bit codes are bytes. */
export type ElementType = 'float32' | 'float16' | 'uint8';

/** Values as a device takes them; float16 as its bits. */
export type Values = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

interface TensorFacts {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Bytes that it takes on the device. */
  readonly bytes: number;
  /** Replaces the values by others of the same type and shape, behind the work that was given to the device so far. */
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

/** A tensor that stays on a device until the {@link DeviceTensors} that placed it are released. */
export type DeviceTensor = GpuTensor | HeapTensor;

/** The buffer of a tensor that was placed on a GPU. */
export function bufferOf(tensor: DeviceTensor): GPUBuffer {
  if (tensor.device === 'webgpu') return tensor.buffer;
  throw new Error('the tensor is in main memory');
}

// Buffers are whole multiples of this, in bytes.
const ALIGN = 16;

/**
 * Owns tensors on a device and releases them together: the only place that frees weights. A decoder layer, an adapter
 * and an executor each have one.
 */
export class DeviceTensors {
  private readonly backend: Backend;
  private tensors: DeviceTensor[] = [];

  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** Does work that places tensors and keeps them; releases them when it fails. */
  static async kept<T>(backend: Backend, work: (tensors: DeviceTensors) => Promise<T>): Promise<T> {
    const tensors = new DeviceTensors(backend);
    try {
      return await work(tensors);
    } catch (thrown) {
      tensors.release();
      throw thrown;
    }
  }

  /** Does work with tensors that are released when it is over. */
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

  /** Those that are held, in the order in which they were placed. */
  get all(): readonly DeviceTensor[] {
    return this.tensors;
  }

  /** Bytes held on the device. */
  get bytes(): number {
    return this.tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Puts values on the device.
   * @param name for messages, and the label of the buffer.
   * @throws TiebreakError `gpu/binding-size` when a shader could not bind the buffer.
   */
  place(name: string, type: ElementType, shape: readonly number[], values: Values): DeviceTensor {
    const tensor =
      this.backend.device === 'wasm'
        ? inMainMemory(type, shape, values)
        : inBuffer(this.backend, name, type, shape, values);
    this.tensors.push(tensor);
    return tensor;
  }

  /** Frees all of them; what is placed later is held again. */
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
    // writeBuffer wants whole words; a shorter tail is filled up.
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
