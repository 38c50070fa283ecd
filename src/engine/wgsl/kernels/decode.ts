import { FP4_VALUES, NF4_VALUES } from '../../../model/formats/nf4.ts';
import { BLOCK_SIZE, type Quantized } from '../../../model/formats/quantization.ts';
import { float } from './text.ts';

/** Number of words, of 8 codes each, that share a scale. */
export function wordsPerScale(quantization: Quantized): number {
  return BLOCK_SIZE[quantization] / 8;
}

/**
 * WGSL function `decode(word, scale, lo, hi)`: the 8 weights of a word of codes, in order, in float32. NF4 and FP4 have
 * the first code of a byte in the high half and look values up in workgroup memory; int4 has it in the low half, with
 * zero point 8.
 */
export function decodeFunction(quantization: Quantized): string {
  const signature =
    'fn decode(w: u32, s: f32, lo: ptr<function, vec4<f32>>, hi: ptr<function, vec4<f32>>)';
  if (quantization === 'int4') {
    return `${signature} {
  *lo = (vec4<f32>(vec4<u32>(w, w >> 4u, w >> 8u, w >> 12u) & vec4<u32>(15u)) - 8.0) * s;
  *hi = (vec4<f32>(vec4<u32>(w >> 16u, w >> 20u, w >> 24u, w >> 28u) & vec4<u32>(15u)) - 8.0) * s;
}`;
  }
  const values = quantization === 'nf4' ? NF4_VALUES : FP4_VALUES;
  return `const book = array<f32, 16>(${[...values].map(float).join(', ')});
var<workgroup> lookup: array<f32, 16>;
${signature} {
  *lo = vec4<f32>(lookup[(w >> 4u) & 15u], lookup[w & 15u], lookup[(w >> 12u) & 15u], lookup[(w >> 8u) & 15u]) * s;
  *hi = vec4<f32>(lookup[(w >> 20u) & 15u], lookup[(w >> 16u) & 15u], lookup[w >> 28u], lookup[(w >> 24u) & 15u]) * s;
}`;
}

/** WGSL statement that fills the table of {@link decodeFunction}. A barrier must follow before the table is used. */
export function fillLookup(quantization: Quantized): string {
  return quantization === 'int4' ? '' : 'if (lid < 16u) { lookup[lid] = book[lid]; }';
}
