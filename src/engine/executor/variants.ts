import type { Precision } from '../../model/formats/quantization.ts';

/** What runs the layers: ONNX Runtime, or our own WebGPU kernels. */
export type ExecutorKind = 'ort' | 'wgsl';

/**
 * What products are computed in. `int8` rounds activations and weights to 8 bits, in blocks with a scale each: faster,
 * less accurate, and never chosen unless the user does.
 */
export type EnginePrecision = Precision | 'int8';

/**
 * Which of our kernels run: float32 on any device, float16 products summed in float32, subgroup matrices, or int8
 * products, which round activations and weights to 8 bits: a choice of speed over accuracy that only the user makes.
 */
export type Variant = 'float32' | 'float16' | 'subgroup-matrix' | 'int8';

/** Those that may be chosen by themselves, the fastest first. */
const VARIANTS: readonly Variant[] = ['subgroup-matrix', 'float16', 'float32'];

/** All of them. */
export const ALL_VARIANTS: readonly Variant[] = [...VARIANTS, 'int8'];

/** The precision that a variant computes in, as it is shown beside every number. */
export const PRECISION_OF: Record<Variant, EnginePrecision> = {
  float32: 'float32',
  float16: 'float16',
  'subgroup-matrix': 'float16',
  int8: 'int8',
};

/** Variants that compute in a precision, the fastest first. */
export function variantsFor(precision: EnginePrecision | 'auto'): readonly Variant[] {
  if (precision === 'auto') return VARIANTS;
  return ALL_VARIANTS.filter((variant) => PRECISION_OF[variant] === precision);
}
