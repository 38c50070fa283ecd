import { TiebreakError } from '../../core/errors.ts';

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
      throw new TiebreakError(
        'gpu/binding-size',
        `A buffer (${name}) of this batch takes ${bytes} bytes; this GPU binds at most ${most} at once.`,
        { action: 'Choose a smaller batch.' },
      );
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
  fill(
    name: string,
    values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>,
  ): GPUBuffer {
    const buffer = this.get(name, values.byteLength);
    this.device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }

  dispose(): void {
    for (const buffer of this.buffers.values()) buffer.destroy();
    this.buffers.clear();
  }
}
