import type { DecoderConfig } from './decoder.ts';

/**
 * Added to scores of tokens that may not be seen. After the soft cap scores lie within ± 50, so exp of the difference
 * is exactly zero in float32 and float16, and unlike minus infinity it cannot make a NaN.
 */
export const MASKED = -30000;

/** theta ** (-2i / headDim) in float32, [headDim / 2]. */
export function inverseFrequencies(config: DecoderConfig): Float32Array<ArrayBuffer> {
  const { headDim, rotary } = config;
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    // As Transformers: the power in float32, then its reciprocal in float32.
    return 1 / Math.fround(rotary.theta ** Math.fround((2 * i) / headDim));
  });
}

/**
 * Rotary caches for positions 0 to `length`, each [length, headDim / 2]; angles in float32, as Transformers has them.
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

/** Additive mask [length, length]: token i sees j when i - window < j <= i. */
export function attentionMask(length: number, window: number): Float32Array<ArrayBuffer> {
  const mask = new Float32Array(length * length).fill(MASKED);
  for (let i = 0; i < length; i += 1) {
    mask.fill(0, i * length + Math.max(0, i - window + 1), i * length + i + 1);
  }
  return mask;
}
