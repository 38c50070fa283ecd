/** Bytes of the buffers of a device, whoever makes them. */
export interface BufferCount {
  /** Bytes of buffers that were made and not destroyed. */
  readonly live: number;
  /** The most that {@link BufferCount.live} was. */
  readonly peak: number;
  /** Sizes of the buffers that are there. */
  sizes(): number[];
}

/** Counts the buffers that are made on a device from now on, ONNX Runtime's too. For measuring. */
export function countBuffers(device: GPUDevice): BufferCount {
  const buffers = new Set<GPUBuffer>();
  const count = { live: 0, peak: 0, sizes: () => [...buffers].map(({ size }) => size) };
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    buffers.add(buffer);
    count.live += buffer.size;
    count.peak = Math.max(count.peak, count.live);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      if (buffers.delete(buffer)) count.live -= buffer.size;
      return destroy();
    };
    return buffer;
  };
  return count;
}
