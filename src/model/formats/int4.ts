import { BLOCK_SIZE } from './quantization.ts';

/**
 * A 4-bit layer in the layout of ONNX Runtime's `MatMulNBits`: codes [N, K / 32, 16], two per byte with the first in
 * the low half, zero point 8, and a scale per block of 32.
 */
interface Int4Weights {
  codes: Uint8Array<ArrayBuffer>;
  scales: Float32Array<ArrayBuffer>;
}

const ZERO_POINT = 8;
const REFINEMENTS = 4;

/**
 * Quantises [N, K] row-major values to 4-bit integers in blocks of 32: round to nearest, with a scale that keeps the
 * squared error of the block small. The first scale puts the value furthest from zero on code 0, whose distance from
 * the zero point (8 steps) exceeds that of code 15. Then codes and the least-squares scale for them alternate a few
 * times, and the best pair is kept.
 */
export function quantizeInt4(values: Float32Array): Int4Weights {
  const block = BLOCK_SIZE.int4;
  const codes = new Uint8Array(values.length / 2);
  const scales = new Float32Array(values.length / block);
  const trial = new Uint8Array(block);
  const best = new Uint8Array(block);
  for (let b = 0; b < scales.length; b += 1) {
    const x = values.subarray(b * block, (b + 1) * block);
    let extreme = 0;
    for (const value of x) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
    let scale = Math.fround(extreme / -ZERO_POINT);
    let bestError = Infinity;
    best.fill(ZERO_POINT);
    for (let round = 0; round <= REFINEMENTS && scale !== 0; round += 1) {
      let error = 0;
      let dot = 0;
      let norm = 0;
      for (let i = 0; i < block; i += 1) {
        const q = Math.min(15, Math.max(0, Math.round(x[i]! / scale) + ZERO_POINT));
        const centred = q - ZERO_POINT;
        trial[i] = q;
        error += (x[i]! - centred * scale) ** 2;
        dot += x[i]! * centred;
        norm += centred * centred;
      }
      if (error < bestError) {
        bestError = error;
        best.set(trial);
        scales[b] = scale;
      }
      scale = norm === 0 ? 0 : Math.fround(dot / norm);
    }
    for (let i = 0; i < block; i += 2) {
      codes[(b * block + i) / 2] = best[i]! | (best[i + 1]! << 4);
    }
  }
  return { codes, scales };
}

/** Reconstructs the values of int4 weights in float32. */
export function dequantizeInt4({ codes, scales }: Int4Weights): Float32Array<ArrayBuffer> {
  const out = new Float32Array(codes.length * 2);
  for (let i = 0; i < codes.length; i += 1) {
    const scale = scales[((i * 2) / BLOCK_SIZE.int4) | 0]!;
    out[2 * i] = ((codes[i]! & 15) - ZERO_POINT) * scale;
    out[2 * i + 1] = ((codes[i]! >> 4) - ZERO_POINT) * scale;
  }
  return out;
}
