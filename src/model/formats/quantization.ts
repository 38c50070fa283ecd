/** Format in which a package stores the weights of the linear layers. */
export type Quantization = 'none' | 'nf4' | 'fp4' | 'int4';

/** A format of 4-bit weights with a scale per block. */
export type Quantized = Exclude<Quantization, 'none'>;

/**
 * Elements that share one scale: 64 in bitsandbytes; 32 is the only size for which ONNX Runtime's `MatMulNBits` is
 * fast.
 */
export const BLOCK_SIZE = { nf4: 64, fp4: 64, int4: 32 } as const satisfies Record<
  Quantized,
  number
>;

/**
 * Element type of the activations that enter and leave the quantised products and the MLP. Everything else is always
 * float32: residual stream, norms, attention and LoRA products. Dense products have float32 inputs as well, because
 * ONNX Runtime's dense MatMul sums float16 inputs in float16 (docs/decisions.md has the measured error).
 */
export type Precision = 'float32' | 'float16';
