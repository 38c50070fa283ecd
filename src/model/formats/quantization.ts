/** Bits of a code of GPTQ that Tiebreak reads. */
export type GptqBits = 4 | 8;

/** Features that share a scale in a package of GPTQ codes; a larger group has the scale of each of its blocks. */
export type GptqBlock = 16 | 32 | 64 | 128;

/**
 * Codes of GPTQ as a package keeps them, for example `gptq8-128`: bits of a code, and features that share a scale and a
 * zero point. With `-act-order` the features of each linear layer are in an order of its own.
 */
export type GptqFormat = `gptq${GptqBits}-${GptqBlock}${'' | '-act-order'}`;

/** A format whose layout is the same in every model. */
export type FixedFormat = 'nf4' | 'fp4' | 'int4';

/** Format in which a package stores the weights of the linear layers. */
export type Quantization = 'none' | FixedFormat | GptqFormat;

/** A format of codes with a scale per block. */
export type Quantized = Exclude<Quantization, 'none'>;

/** The kind of a format, by which interfaces name it. */
export type QuantizationKind = 'none' | FixedFormat | `gptq${GptqBits}`;

/**
 * Elements that share one scale: 64 in bitsandbytes; 32 is the only size for which ONNX Runtime's `MatMulNBits` is
 * fast.
 */
export const BLOCK_SIZE = { nf4: 64, fp4: 64, int4: 32 } as const satisfies Record<
  FixedFormat,
  number
>;

/** The layout of GPTQ codes in a package. */
export interface GptqLayout {
  bits: GptqBits;
  block: GptqBlock;
  /** True if the features of each linear layer are in an order of its own. */
  actOrder: boolean;
}

const GPTQ_BITS: readonly GptqBits[] = [4, 8];

/** Sizes of blocks, the largest first. `MatMulNBits` takes powers of two from 16 on. */
export const GPTQ_BLOCKS: readonly GptqBlock[] = [128, 64, 32, 16];

const GPTQ_LAYOUTS = new Map<string, GptqLayout>(
  GPTQ_BITS.flatMap((bits) =>
    GPTQ_BLOCKS.flatMap((block) =>
      [false, true].map((actOrder): [GptqFormat, GptqLayout] => {
        const layout = { bits, block, actOrder };
        return [gptqFormat(layout), layout];
      }),
    ),
  ),
);

/** All formats. */
export const QUANTIZATIONS: readonly Quantization[] = [
  ...(['none', 'nf4', 'fp4', 'int4'] as const),
  ...([...GPTQ_LAYOUTS.keys()] as GptqFormat[]),
];

/** The format of a layout. */
export function gptqFormat({ bits, block, actOrder }: GptqLayout): GptqFormat {
  return `gptq${bits}-${block}${actOrder ? '-act-order' : ''}`;
}

/** True for GPTQ codes. */
export function isGptq(quantization: Quantization): quantization is GptqFormat {
  return GPTQ_LAYOUTS.has(quantization);
}

/** The layout of GPTQ codes. */
export function gptqLayout(format: GptqFormat): GptqLayout {
  return GPTQ_LAYOUTS.get(format)!;
}

/** True for GPTQ codes whose features are in an order of their own. */
export function hasActOrder(quantization: Quantization): boolean {
  return isGptq(quantization) && gptqLayout(quantization).actOrder;
}

/** Elements that share one scale. */
export function blockSize(quantization: Quantized): number {
  return isGptq(quantization) ? gptqLayout(quantization).block : BLOCK_SIZE[quantization];
}

/** The kind of a format. */
export function quantizationKind(quantization: Quantization): QuantizationKind {
  return isGptq(quantization) ? `gptq${gptqLayout(quantization).bits}` : quantization;
}

/**
 * Element type of the activations that enter and leave the quantised products and the MLP. Everything else is always
 * float32: residual stream, norms, attention and LoRA products. Dense products have float32 inputs as well, because
 * ONNX Runtime's dense MatMul sums float16 inputs in float16 (docs/decisions.md has the measured error).
 */
export type Precision = 'float32' | 'float16';
