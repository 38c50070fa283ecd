/** Bytes per element of the safetensors types that Tiebreak reads or writes. */
export const DTYPE_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type DType = keyof typeof DTYPE_BYTES;

const scratch = new DataView(new ArrayBuffer(4));

/**
 * Rounds `value` to float32 and then to IEEE 754 binary16, whose bits it returns; ties to even, overflow to infinity.
 */
export function toFloat16(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  let mantissa = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  const e = exponent - 127 + 15;
  if (e >= 31) return sign | 0x7c00;
  if (e <= 0) {
    if (e < -10) return sign;
    mantissa |= 0x800000;
    const shift = 14 - e;
    return sign | roundShift(mantissa, shift);
  }
  // A carry out of the mantissa increments the exponent: the value was rounded up to the next power of two.
  return sign | (((e << 10) + roundShift(mantissa, 13)) & 0x7fff);
}

/** The value of IEEE 754 binary16 bits. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** float32 values as binary16 bits. */
export function encodeFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i += 1) out[i] = toFloat16(values[i]!);
  return out;
}

// The value of each of the 65,536 binary16 patterns, so that decoding an embedding is a look-up.
let float16Table: Float32Array | undefined;

/**
 * Decodes little-endian F32, F16 or BF16 bytes. Aligned F32 is a view of `bytes`.
 * @throws RangeError for other types.
 */
export function decodeFloats(
  bytes: Uint8Array<ArrayBuffer>,
  dtype: DType,
): Float32Array<ArrayBuffer> {
  // Typed arrays need aligned offsets, but tensors start at any byte of a file.
  const at = (align: number) =>
    bytes.byteOffset % align === 0 ? bytes : new Uint8Array(bytes.slice());
  if (dtype === 'F32') {
    const b = at(4);
    return new Float32Array(b.buffer, b.byteOffset, b.byteLength / 4);
  }
  if (dtype !== 'F16' && dtype !== 'BF16')
    throw new RangeError(`${dtype} does not hold real numbers`);
  const b = at(2);
  const words = new Uint16Array(b.buffer, b.byteOffset, b.byteLength / 2);
  const out = new Float32Array(words.length);
  if (dtype === 'BF16') {
    const bits = new Uint32Array(out.buffer);
    for (let i = 0; i < words.length; i += 1) bits[i] = words[i]! << 16;
    return out;
  }
  float16Table ??= Float32Array.from({ length: 65536 }, (_, i) => fromFloat16(i));
  for (let i = 0; i < words.length; i += 1) out[i] = float16Table[words[i]!]!;
  return out;
}

/** Shifts right, rounding to nearest, ties to even. */
function roundShift(value: number, shift: number): number {
  const half = 1 << (shift - 1);
  const rest = value & ((1 << shift) - 1);
  const kept = value >>> shift;
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}
