import { TiebreakError } from '../../domain/errors.ts';

/** Owns named buffers, which grow to the largest size requested and are reused by every batch. */
export class BufferPool {
  private readonly device: GPUDevice;
  private readonly buffers = new Map<string, GPUBuffer>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Bytes of all buffers. */
  get bytes(): number {
    return [...this.buffers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * A storage buffer of at least `bytes` bytes. It keeps its values unless it had to grow, when they are undefined.
   * @throws TiebreakError `gpu/binding-size` if it would be too large for a shader to bind.
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

  /** {@link BufferPool.get}, and writes values into the buffer. */
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
 * Memory that CPU and device share, for the embeddings of every batch. They are written in place, whereas `writeBuffer`
 * would allocate memory and copy once more.
 */
export class Staging {
  private readonly device: GPUDevice;
  private buffer: GPUBuffer | null = null;
  private mapped: Promise<undefined> | null = null;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Bytes of the buffer. */
  get bytes(): number {
    return this.buffer?.size ?? 0;
  }

  /**
   * A buffer to copy from, of which `write` has filled the first `bytes` bytes (a multiple of 4). Waits until the
   * device has done the previous copy.
   */
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

  /** Must be called once the copy has been submitted. Makes the memory ready for the next batch. */
  submitted(): void {
    this.mapped = this.buffer?.mapAsync(GPUMapMode.WRITE) ?? null;
    this.mapped?.catch(() => {}); // a lost device is reported by its guard
  }

  dispose(): void {
    this.buffer?.destroy();
    this.buffer = null;
  }
}

/** Number of large buffers that are kept: as many as are read at the same time. */
const KEPT = 2;
/** Bytes from which on a buffer is kept; smaller reads, such as logits, get new memory each. */
const LARGE_READ = 2 ** 20;

/** Rounds large sizes up to a power of two, so that parts that differ by a few rows can use the same buffers. */
function readSize(bytes: number): number {
  return bytes < LARGE_READ ? bytes : 2 ** Math.ceil(Math.log2(bytes));
}

/**
 * Memory through which results are read back. Large buffers are reused: a pass through some of the layers reads tens of
 * megabytes, for which allocating memory takes longer than copying.
 */
export class ReadBuffers {
  private readonly device: GPUDevice;
  private readonly free: GPUBuffer[] = [];
  private disposed = false;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Bytes of buffers that are kept for later reads. */
  get bytes(): number {
    return this.free.reduce((sum, { size }) => sum + size, 0);
  }

  /** Lends a buffer of at least `bytes` bytes to copy to. {@link ReadBuffers.values} reads it and takes it back. */
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
   * Resolves to the first `length` float32 values of a lent buffer, once the device has copied them. Rejects if the
   * device is lost.
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
