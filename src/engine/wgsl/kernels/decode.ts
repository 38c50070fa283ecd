import { FP4_VALUES, NF4_VALUES } from '../../../model/formats/nf4.ts';
import {
  blockSize,
  type GptqFormat,
  gptqLayout,
  isGptq,
  type Quantized,
} from '../../../model/formats/quantization.ts';
import { float } from './text.ts';

/** Number of octets, of 8 codes each, that share a scale. */
export function octetsPerScale(quantization: Quantized): number {
  return blockSize(quantization) / 8;
}

/** Bytes of the codes of 8 weights. */
export function octetBytes(quantization: Quantized): 4 | 8 {
  return isGptq(quantization) && gptqLayout(quantization).bits === 8 ? 8 : 4;
}

/** WGSL type of the codes of 8 weights. */
export function octetType(quantization: Quantized): 'u32' | 'vec2<u32>' {
  return octetBytes(quantization) === 8 ? 'vec2<u32>' : 'u32';
}

/** WGSL type of a scale; of GPTQ with its zero point. */
export function scaleType(quantization: Quantized): 'f32' | 'vec2<f32>' {
  return isGptq(quantization) ? 'vec2<f32>' : 'f32';
}

/** WGSL declarations of the buffers of scales, and of zero points where a format has them. */
export function scaleBuffers(quantization: Quantized): string[] {
  const scales = 'var<storage, read> scales: array<f32>;';
  return isGptq(quantization) ? [scales, 'var<storage, read> zeros: array<u32>;'] : [scales];
}

/** WGSL expression for the scale, see {@link scaleType}, of the octet with index `u` in [N, K / 8]. */
export function scaleOf(quantization: Quantized, u: string): string {
  const block = `${u} / ${octetsPerScale(quantization)}u`;
  return isGptq(quantization) ? `scaleOf(${block})` : `scales[${block}]`;
}

/**
 * WGSL function `decode(word, scale, lo, hi)`: the 8 weights of an octet of codes, in order, in float32. NF4 and FP4
 * have the first code of a byte in the high half and look values up in workgroup memory; int4 has it in the low half,
 * with zero point 8. GPTQ has it there too, or one code per byte, and a function `scaleOf` reads scale and zero point.
 */
export function decodeFunction(quantization: Quantized, K: number): string {
  const signature = `fn decode(w: ${octetType(quantization)}, s: ${scaleType(quantization)}, lo: ptr<function, vec4<f32>>, hi: ptr<function, vec4<f32>>)`;
  switch (quantization) {
    case 'int4':
      return `${signature} {
  *lo = (vec4<f32>(vec4<u32>(w, w >> 4u, w >> 8u, w >> 12u) & vec4<u32>(15u)) - 8.0) * s;
  *hi = (vec4<f32>(vec4<u32>(w >> 16u, w >> 20u, w >> 24u, w >> 28u) & vec4<u32>(15u)) - 8.0) * s;
}`;
    case 'nf4':
      return decodeByBook(signature, NF4_VALUES);
    case 'fp4':
      return decodeByBook(signature, FP4_VALUES);
    default:
      return decodeGptq(signature, quantization, K);
  }
}

function decodeByBook(signature: string, values: Float32Array): string {
  return `const book = array<f32, 16>(${[...values].map(float).join(', ')});
var<workgroup> lookup: array<f32, 16>;
${signature} {
  *lo = vec4<f32>(lookup[(w >> 4u) & 15u], lookup[w & 15u], lookup[(w >> 12u) & 15u], lookup[(w >> 8u) & 15u]) * s;
  *hi = vec4<f32>(lookup[(w >> 20u) & 15u], lookup[(w >> 16u) & 15u], lookup[w >> 28u], lookup[(w >> 24u) & 15u]) * s;
}`;
}

/** Weights are exact in float32: a float16 scale times a difference of codes. */
function decodeGptq(signature: string, format: GptqFormat, K: number): string {
  const { bits, block } = gptqLayout(format);
  const blocks = K / block;
  const perWord = 32 / bits;
  // Zero points of a row fill whole bytes, so that an odd number of those of 4 bits leaves one free.
  const padded = bits === 4 && blocks % 2 === 1;
  const place = padded ? `block / ${blocks}u * ${blocks + 1}u + block % ${blocks}u` : 'block';
  const quad = (word: string, first: number) =>
    `(vec4<f32>(vec4<u32>(${Array.from({ length: 4 }, (_, i) => shifted(word, bits * (first + i))).join(', ')}) & vec4<u32>(${2 ** bits - 1}u)) - s.y) * s.x`;
  const [lo, hi] = bits === 8 ? [quad('w.x', 0), quad('w.y', 0)] : [quad('w', 0), quad('w', 4)];
  return `fn scaleOf(block: u32) -> vec2<f32> {
  let place = ${place};
  let zero = zeros[place / ${perWord}u] >> (place % ${perWord}u * ${bits}u);
  return vec2<f32>(scales[block], f32(zero & ${2 ** bits - 1}u));
}
${signature} {
  *lo = ${lo};
  *hi = ${hi};
}`;
}

function shifted(word: string, bits: number): string {
  return bits === 0 ? word : `${word} >> ${bits}u`;
}

/** WGSL statement that fills the table of {@link decodeFunction}. A barrier must follow before the table is used. */
export function fillLookup(quantization: Quantized): string {
  const hasBook = quantization === 'nf4' || quantization === 'fp4';
  return hasBook ? 'if (lid < 16u) { lookup[lid] = book[lid]; }' : '';
}
