/** Counts of the buffers of a device, whichever code creates them. */
export interface BufferCount {
  /** Bytes of all buffers that exist. */
  readonly live: number;
  /** Largest value that {@link BufferCount.live} has had. */
  readonly peak: number;
  /** Sizes in bytes of all buffers that exist. */
  sizes(): number[];
}

/** Counts the buffers that are created on a device from now on, those of ONNX Runtime included. For measurements. */
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
