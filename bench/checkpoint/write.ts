import { closeSync, openSync, writevSync } from 'node:fs';
import { DTYPE_BYTES } from '../../src/model/dtype.ts';
import { type TensorHeader, tensorSize } from '../../src/model/safetensors.ts';

/** A tensor to write. Its bytes are drawn from `pool`, or are `pool` if the lengths are equal. */
export interface DrawnTensor extends TensorHeader {
  pool: Uint8Array;
}

const SEGMENT_BYTES = 2 ** 20;
const SEGMENTS_AT_ONCE = 32;

/**
 * Writes a safetensors file as the library of that name does: the widest type first, then by name, with the header
 * padded to 8 bytes. The data are slices of the pools at random offsets, so nothing is computed or copied.
 * @returns its bytes.
 */
export function writeSafetensors(path: string, list: DrawnTensor[], next: () => number): number {
  const tensors = list.toSorted(
    (a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype] || (a.name < b.name ? -1 : 1),
  );
  const header = headerBytes(tensors);
  const file = openSync(path, 'w');
  let written = writeAll(file, [header]);
  for (const tensor of tensors) {
    let waiting: Uint8Array[] = [];
    for (const segment of segments(tensor, next)) {
      waiting.push(segment);
      if (waiting.length < SEGMENTS_AT_ONCE) continue;
      written += writeAll(file, waiting);
      waiting = [];
    }
    written += writeAll(file, waiting);
  }
  closeSync(file);
  return written;
}

function headerBytes(tensors: DrawnTensor[]): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const tensor of tensors) {
    const end = offset + tensorSize(tensor);
    const { dtype, shape } = tensor;
    header[tensor.name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(text, 8);
  return bytes;
}

function* segments(tensor: DrawnTensor, next: () => number): Generator<Uint8Array> {
  const { pool, dtype } = tensor;
  const size = tensorSize(tensor);
  if (pool.length === size) return yield pool;
  const width = DTYPE_BYTES[dtype];
  // At most half of the pool, so that many offsets are possible.
  const segment = Math.min(SEGMENT_BYTES, Math.floor(pool.length / 2 / width) * width);
  for (let left = size; left > 0; left -= segment) {
    const length = Math.min(left, segment);
    const start = Math.floor((next() * (pool.length - length)) / width) * width;
    yield pool.subarray(start, start + length);
  }
}

/** Repeats `writev`, which may write less than requested. */
function writeAll(file: number, buffers: Uint8Array[]): number {
  let rest = buffers;
  let total = 0;
  while (rest.length > 0) {
    let written = writevSync(file, rest);
    total += written;
    rest = rest.flatMap((buffer) => {
      const skipped = Math.min(written, buffer.length);
      written -= skipped;
      return skipped === buffer.length ? [] : [buffer.subarray(skipped)];
    });
  }
  return total;
}
