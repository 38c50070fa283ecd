import type { RotaryConfig, RotaryScaling } from './decoder.ts';

/**
 * Added to the attention scores of tokens that must not be seen. Scores lie far nearer to zero, so `exp` of the
 * difference is exactly zero in float32 and float16; unlike minus infinity, this value cannot produce a NaN.
 */
export const MASKED = -30000;

/** The rotary frequencies in float32, [headDim / 2], computed as Transformers does. */
export function inverseFrequencies(
  headDim: number,
  { theta, scaling }: RotaryConfig,
): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    // Transformers rounds the power to float32, then its reciprocal.
    const frequency = Math.fround(1 / Math.fround(theta ** Math.fround((2 * i) / headDim)));
    return scaling === null ? frequency : scaled(frequency, scaling);
  });
}

/** A frequency under a scaling; every step is rounded to float32, as PyTorch rounds it. */
function scaled(frequency: number, scaling: RotaryScaling): number {
  const { fround } = Math;
  const divided = fround(frequency / scaling.factor);
  if (scaling.type === 'linear') return divided;
  const { lowFactor, highFactor, originalPositions } = scaling;
  const wavelength = fround((2 * Math.PI) / frequency);
  if (wavelength > originalPositions / lowFactor) return divided;
  if (wavelength < originalPositions / highFactor) return frequency;
  const turns = fround(originalPositions / wavelength);
  const share = fround(fround(turns - lowFactor) / (highFactor - lowFactor));
  return fround(
    fround(fround(fround(1 - share) * frequency) / scaling.factor) + fround(share * frequency),
  );
}

/**
 * Cosines and sines for positions 0 to `length - 1`, each [length, headDim / 2]. Angles are rounded to float32, as in
 * Transformers.
 */
export function rotaryCaches(
  headDim: number,
  rotary: RotaryConfig,
  length: number,
): { cos: Float32Array<ArrayBuffer>; sin: Float32Array<ArrayBuffer> } {
  const frequencies = inverseFrequencies(headDim, rotary);
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
