import type { DecoderConfig } from './decoder.ts';

/**
 * Added to the attention scores of tokens that must not be seen. Soft-capped scores lie within ± 50, so `exp` of the
 * difference is exactly zero in float32 and float16; unlike minus infinity, this value cannot produce a NaN.
 */
export const MASKED = -30000;

/** The rotary frequencies theta ** (-2i / headDim) in float32, [headDim / 2]. */
export function inverseFrequencies(config: DecoderConfig): Float32Array<ArrayBuffer> {
  const { headDim, rotary } = config;
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    // Transformers rounds the power to float32, then its reciprocal.
    return 1 / Math.fround(rotary.theta ** Math.fround((2 * i) / headDim));
  });
}

/**
 * Cosines and sines for positions 0 to `length - 1`, each [length, headDim / 2]. Angles are rounded to float32, as in
 * Transformers.
 */
export function rotaryCaches(
  config: DecoderConfig,
  length: number,
): { cos: Float32Array<ArrayBuffer>; sin: Float32Array<ArrayBuffer> } {
  const frequencies = inverseFrequencies(config);
  const half = frequencies.length;
  const cos = new Float32Array(length * half);
  const sin = new Float32Array(length * half);
  for (let position = 0; position < length; position += 1) {
    for (let i = 0; i < half; i += 1) {
      const angle = Math.fround(position * frequencies[i]!);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}

/** Additive attention mask [length, length]: token i sees token j if i - window < j <= i. */
export function attentionMask(length: number, window: number): Float32Array<ArrayBuffer> {
  const mask = new Float32Array(length * length).fill(MASKED);
  for (let i = 0; i < length; i += 1) {
    mask.fill(0, i * length + Math.max(0, i - window + 1), i * length + i + 1);
  }
  return mask;
}
