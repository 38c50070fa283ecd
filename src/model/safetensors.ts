import { errorAt } from '../domain/errors.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { refusePointerFile } from '../storage/lfs-pointer.ts';
import { DTYPE_BYTES, type DType } from './dtype.ts';
import { foreignBytes, foreignError } from './foreign.ts';
import { parseJson } from './json.ts';

/** A tensor in a safetensors file. Offsets are bytes from the start of the file. */
export interface TensorEntry {
  name: string;
  dtype: DType;
  shape: number[];
  start: number;
  end: number;
  source: ByteSource;
}

// The reference implementation has the same limit.
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads the header of a safetensors file and checks all of it before anything is allocated by its sizes.
 * Format: https://huggingface.co/docs/safetensors (length of 8 bytes, little-endian; JSON; data).
 * @throws TiebreakError `safetensors/bad`, which names the tensor and the problem, `model/format` for a file of another
 *   format that was renamed, `storage/lfs-pointer` for a pointer of Git LFS.
 */
export async function readSafetensors(source: ByteSource): Promise<Map<string, TensorEntry>> {
  const { name: file, size } = source;
  await refusePointerFile(source);
  if (size < 8) throw errorAt({ file }, 'safetensors/bad:size', { size });
  const prefix = await source.read(0, 8);
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true));
  if (length > Math.min(MAX_HEADER_BYTES, size - 8)) {
    const format = foreignBytes(prefix);
    if (format !== null) throw foreignError({ format, file });
    throw errorAt({ file, byte: 0 }, 'safetensors/bad:header-length', { length, size });
  }
  const text = new TextDecoder().decode(await source.read(8, 8 + length));
  const header = parseJson(text, file, 'safetensors/bad');
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw errorAt({ file, byte: 8 }, 'safetensors/bad:header');
  }
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const entry = readEntry(name, value, 8 + length, source);
    tensors.set(name, entry);
  }
  // Sorted by end as well, because an empty tensor may share its start with another one.
  const sorted = [...tensors.values()].sort((a, b) => a.start - b.start || a.end - b.end);
  for (let i = 1; i < sorted.length; i += 1) {
    const [first, second] = [sorted[i - 1]!, sorted[i]!];
    if (second.start < first.end) {
      const names = { first: first.name, second: second.name };
      throw errorAt({ file, byte: second.start }, 'safetensors/bad:overlap', names);
    }
  }
  return tensors;
}

function readEntry(
  name: string,
  value: unknown,
  dataStart: number,
  source: ByteSource,
): TensorEntry {
  const place = { file: source.name };
  const { dtype, shape, data_offsets } = (value ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype)) {
    // Only a string is quoted: any other value may be nested too deeply for JSON.stringify.
    const shown = typeof dtype === 'string' ? JSON.stringify(dtype) : typeof dtype;
    throw errorAt(place, 'safetensors/bad:dtype', { name, dtype: shown });
  }
  const whole = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(whole)) {
    throw errorAt(place, 'safetensors/bad:shape', { name });
  }
  if (!Array.isArray(data_offsets) || data_offsets.length !== 2 || !data_offsets.every(whole)) {
    throw errorAt(place, 'safetensors/bad:offsets', { name });
  }
  const [from, to] = data_offsets as [number, number];
  const needed = shape.reduce((n, d) => n * d, 1) * DTYPE_BYTES[dtype as DType];
  if (to - from !== needed) {
    const bytes = to - from;
    throw errorAt(place, 'safetensors/bad:bytes', { name, shape, dtype, needed, bytes });
  }
  if (dataStart + to > source.size) {
    const { size } = source;
    throw errorAt(place, 'safetensors/bad:end', { name, end: dataStart + to, size });
  }
  return {
    name,
    dtype: dtype as DType,
    shape,
    start: dataStart + from,
    end: dataStart + to,
    source,
  };
}

/** Reads all bytes of a tensor. */
export function tensorBytes(tensor: TensorEntry): Promise<Uint8Array<ArrayBuffer>> {
  return tensor.source.read(tensor.start, tensor.end);
}

/** Name, type and shape of a tensor that is to be written. */
export interface TensorHeader {
  name: string;
  dtype: DType;
  shape: number[];
}

/** The place of a tensor in a package: file name, and offset and length in bytes. */
export interface PlacedTensor extends TensorHeader {
  location: string;
  offset: number;
  length: number;
}

/** Size in bytes of a tensor with this header. */
export function tensorSize({ dtype, shape }: TensorHeader): number {
  return shape.reduce((n, d) => n * d, 1) * DTYPE_BYTES[dtype];
}

/**
 * Makes the header of a safetensors file that holds these tensors in this order, and the offset of each in that file.
 * The header is padded with spaces so that the data begin at a multiple of 64 bytes.
 */
export function safetensorsHeader(tensors: TensorHeader[]): {
  bytes: Uint8Array<ArrayBuffer>;
  offsets: number[];
} {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'tiebreak' } };
  const relative: number[] = [];
  for (const tensor of tensors) {
    const size = tensorSize(tensor);
    relative.push(offset);
    header[tensor.name] = {
      dtype: tensor.dtype,
      shape: tensor.shape,
      data_offsets: [offset, offset + size],
    };
    offset += size;
  }
  const json = JSON.stringify(header);
  const text = new TextEncoder().encode(json);
  const length = Math.ceil((8 + text.length) / 64) * 64 - 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return { bytes, offsets: relative.map((r) => 8 + length + r) };
}

/** The bytes of a typed array, as a view without a copy. */
export function bytesOf(values: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
