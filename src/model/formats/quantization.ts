/** How the weights of the linear layers are stored. */
export type Quantization = 'none' | 'nf4' | 'fp4' | 'int4';

/** Weights of 4 bits, with a scale for each block of them. */
export type Quantized = Exclude<Quantization, 'none'>;

/**
 * Elements that share one scale. 64 is what bitsandbytes uses; 32 is the only fast one of ONNX Runtime's `MatMulNBits`.
 */
export const BLOCK_SIZE = { nf4: 64, fp4: 64, int4: 32 } as const satisfies Record<
  Quantized,
  number
>;

/**
 * Element type of the activations that go in and out of the quantised products and the MLP. Everything else is float32
 * always: residual stream, norms, attention and LoRA products. A dense product has float32 inputs, too: ONNX Runtime's
 * dense MatMul sums in float16 when its inputs are float16 (docs/decisions.md has the measured error).
 */
export type Precision = 'float32' | 'float16';
