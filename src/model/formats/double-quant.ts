const BLOCK = 256;

let codeBook: Float32Array<ArrayBuffer> | undefined;

/**
 * bitsandbytes' signed 8-bit code book for scales: `create_dynamic_map(signed=True, max_exponent_bits=7,
 * total_bits=8)`, ascending, in float32.
 */
export function dynamicMap(): Float32Array<ArrayBuffer> {
  if (codeBook !== undefined) return codeBook;
  const values = [0, 1];
  for (let exponent = 0; exponent < 7; exponent += 1) {
    const items = 2 ** exponent + 1;
    for (let i = 0; i + 1 < items; i += 1) {
      const mean = Math.fround((boundary(i, items) + boundary(i + 1, items)) / 2);
      const value = Math.fround(10 ** (exponent - 6)) * mean;
      values.push(value, -value);
    }
  }
  codeBook = Float32Array.from(values).sort();
  return codeBook;
}

/** Entry `i` of `torch.linspace(0.1, 1, items)` in float32. PyTorch computes the second half from its end. */
function boundary(i: number, items: number): number {
  const start = Math.fround(0.1);
  const step = Math.fround(Math.fround(1 - start) / (items - 1));
  return Math.fround(i < items / 2 ? start + step * i : 1 - step * (items - 1 - i));
}

/** Scales in 8 bits, as bitsandbytes keeps them with `bnb_4bit_use_double_quant`. */
interface NestedScales {
  codes: Uint8Array<ArrayBuffer>;
  /** Largest magnitude in each block of 256 scales, after subtracting the offset. */
  absmax: Float32Array<ArrayBuffer>;
  /** Mean of all scales. */
  offset: number;
}

/** Quantises scales a second time. Follows `quantize_4bit(compress_statistics=True)` of bitsandbytes. */
export function quantizeScales(scales: Float32Array): NestedScales {
  const map = dynamicMap();
  let sum = 0;
  for (const scale of scales) sum += scale;
  const offset = Math.fround(sum / scales.length);
  const codes = new Uint8Array(scales.length);
  const absmax = new Float32Array(Math.ceil(scales.length / BLOCK));
  for (let b = 0; b < absmax.length; b += 1) {
    const end = Math.min(scales.length, (b + 1) * BLOCK);
    let max = 0;
    for (let i = b * BLOCK; i < end; i += 1) {
      max = Math.max(max, Math.abs(Math.fround(scales[i]! - offset)));
    }
    absmax[b] = max;
    const inverse = Math.fround(1 / max);
    for (let i = b * BLOCK; i < end; i += 1) {
      codes[i] = nearest(
        map,
        max === 0 ? 0 : Math.fround(Math.fround(scales[i]! - offset) * inverse),
      );
    }
  }
  return { codes, absmax, offset };
}

/** Reconstructs scales in float32, as `dequantize_blockwise` does. */
export function dequantizeScales({
  codes,
  absmax,
  offset,
}: NestedScales): Float32Array<ArrayBuffer> {
  const map = dynamicMap();
  const out = new Float32Array(codes.length);
  for (let i = 0; i < out.length; i += 1) {
    out[i] = Math.fround(map[codes[i]!]! * absmax[Math.floor(i / BLOCK)]!) + offset;
  }
  return out;
}

/** Index of the value nearest to `x` in an ascending list; of two equally near ones the lower. */
function nearest(map: Float32Array, x: number): number {
  let low = 0;
  let high = map.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (map[middle]! < x) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  const middle = Math.fround((map[low - 1]! + map[low]!) / 2);
  return x > middle ? low : low - 1;
}
