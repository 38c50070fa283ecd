import { TiebreakError } from '../../domain/errors.ts';

/** Named buffers that grow to what is asked for and are used again. */
export class BufferPool {
  private readonly device: GPUDevice;
  private readonly buffers = new Map<string, GPUBuffer>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Bytes held. */
  get bytes(): number {
    return [...this.buffers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * A storage buffer of at least so many bytes; its values are undefined when it had to grow.
   * @throws TiebreakError `gpu/binding-size` when a shader could not bind it.
   */
  get(name: string, bytes: number): GPUBuffer {
    const old = this.buffers.get(name);
    if (old !== undefined && old.size >= bytes) return old;
    const { maxStorageBufferBindingSize: most, maxBufferSize } = this.device.limits;
    if (bytes > Math.min(most, maxBufferSize)) {
      throw new TiebreakError('gpu/binding-size:batch', { params: { name, bytes, most } });
    }
    old?.destroy();
    const buffer = this.device.createBuffer({
      label: name,
      size: Math.ceil(bytes / 256) * 256,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
    this.buffers.set(name, buffer);
    return buffer;
  }

  /** {@link BufferPool.get} with values in it. */
  fill(name: string, values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.get(name, values.byteLength);
    this.device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }

  dispose(): void {
    for (const buffer of this.buffers.values()) buffer.destroy();
    this.buffers.clear();
  }
}

/**
 * Memory that both CPU and device see, for what every batch brings along: written in place, where `writeBuffer` would
 * take new memory and copy once more.
 */
export class Staging {
  private readonly device: GPUDevice;
  private buffer: GPUBuffer | null = null;
  private mapped: Promise<undefined> | null = null;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.buffer?.size ?? 0;
  }

  /** A buffer of at least so many bytes (a multiple of 4), to be copied from, with what `write` writes. */
  async fill(bytes: number, write: (into: Uint8Array) => Promise<void>): Promise<GPUBuffer> {
    if (this.buffer === null || this.buffer.size < bytes) {
      this.buffer?.destroy();
      this.mapped = null;
      this.buffer = this.device.createBuffer({
        label: 'staging',
        size: Math.ceil(bytes / 256) * 256,
        usage: GPUBufferUsage.MAP_WRITE | GPUBufferUsage.COPY_SRC,
        mappedAtCreation: true,
      });
    } else if (this.buffer.mapState !== 'mapped') {
      await (this.mapped ?? this.buffer.mapAsync(GPUMapMode.WRITE));
    }
    await write(new Uint8Array(this.buffer.getMappedRange(0, Math.ceil(bytes / 8) * 8), 0, bytes));
    this.buffer.unmap();
    this.mapped = null;
    return this.buffer;
  }

  /** To be called once the copy is submitted: makes the memory ready for the next batch. */
  submitted(): void {
    this.mapped = this.buffer?.mapAsync(GPUMapMode.WRITE) ?? null;
    this.mapped?.catch(() => {}); // a lost device is reported by its guard
  }

  dispose(): void {
    this.buffer?.destroy();
    this.buffer = null;
  }
}

/** Large buffers that are kept for the next read: as many as hidden states are read at the same time. */
const KEPT = 2;
/** Smaller reads, as of logits, get new memory each. */
const LARGE_READ = 2 ** 20;

/** Parts of a run differ by a few rows: one size serves them all. */
function readSize(bytes: number): number {
  return bytes < LARGE_READ ? bytes : 2 ** Math.ceil(Math.log2(bytes));
}

/**
 * Memory through which results come back. Buffers are used again: a pass of a part of the layers reads tens of
 * megabytes, for which new memory takes longer than the copy.
 */
export class ReadBuffers {
  private readonly device: GPUDevice;
  private readonly free: GPUBuffer[] = [];
  private disposed = false;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Bytes held for later reads. */
  get bytes(): number {
    return this.free.reduce((sum, { size }) => sum + size, 0);
  }

  /** A buffer of at least so many bytes to copy to; {@link ReadBuffers.values} reads it and takes it back. */
  take(bytes: number): GPUBuffer {
    const fits = this.free.findIndex(({ size }) => size >= bytes);
    if (fits >= 0) return this.free.splice(fits, 1)[0]!;
    return this.device.createBuffer({
      label: 'read back',
      size: readSize(bytes),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  /**
   * The first `length` float32 values of a buffer, once the device has copied them. Rejects when the device was lost.
   */
  async values(buffer: GPUBuffer, length: number): Promise<Float32Array<ArrayBuffer>> {
    try {
      await buffer.mapAsync(GPUMapMode.READ, 0, length * 4);
      const values = new Float32Array(buffer.getMappedRange(0, length * 4).slice(0));
      buffer.unmap();
      this.keep(buffer);
      return values;
    } catch (thrown) {
      buffer.destroy();
      throw thrown;
    }
  }

  dispose(): void {
    this.disposed = true;
    for (const buffer of this.free.splice(0)) buffer.destroy();
  }

  private keep(buffer: GPUBuffer): void {
    if (buffer.size < LARGE_READ) {
      buffer.destroy();
      return;
    }
    this.free.push(buffer);
    this.free.sort((a, b) => a.size - b.size);
    const dropped = this.disposed
      ? this.free.splice(0)
      : this.free.splice(0, this.free.length - KEPT);
    for (const buffer of dropped) buffer.destroy();
  }
}
