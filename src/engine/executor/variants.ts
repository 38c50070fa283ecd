import type { Precision } from '../../model/formats/quantization.ts';

/** Executors: ONNX Runtime (`ort`), or our own WebGPU kernels (`wgsl`). */
export type ExecutorKind = 'ort' | 'wgsl';

/**
 * Precision of products. `int8` rounds activations and weights to 8 bits, in blocks with a scale each: faster but less
 * accurate, so only the user can choose it.
 */
export type EnginePrecision = Precision | 'int8';

/**
 * Variants of our kernels: float32, which any device can run; float16 products with float32 sums; subgroup matrices,
 * with the same types; and int8 products.
 */
export type Variant = 'float32' | 'float16' | 'subgroup-matrix' | 'int8';

/** Variants that may be chosen automatically, the fastest first. */
const VARIANTS: readonly Variant[] = ['subgroup-matrix', 'float16', 'float32'];

/** All variants. */
export const ALL_VARIANTS: readonly Variant[] = [...VARIANTS, 'int8'];

/** The precision of a variant, which is shown beside every result. */
export const PRECISION_OF: Record<Variant, EnginePrecision> = {
  float32: 'float32',
  float16: 'float16',
  'subgroup-matrix': 'float16',
  int8: 'int8',
};

/** Variants of a precision, the fastest first. */
export function variantsFor(precision: EnginePrecision | 'auto'): readonly Variant[] {
  if (precision === 'auto') return VARIANTS;
  return ALL_VARIANTS.filter((variant) => PRECISION_OF[variant] === precision);
}
