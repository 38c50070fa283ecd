import type { DecoderConfig, NormConfig } from './decoder.ts';
import { zeroBytes } from './formats/gptq.ts';
import {
  BLOCK_SIZE,
  blockSize,
  gptqLayout,
  type Quantization,
  type Quantized,
} from './formats/quantization.ts';

/** Name of a linear layer of a decoder layer, as PEFT calls it. */
export type LinearName =
  | 'q_proj'
  | 'k_proj'
  | 'v_proj'
  | 'o_proj'
  | 'gate_proj'
  | 'up_proj'
  | 'down_proj';

/** The seven linear layers, in the order in which they run. */
export const LINEAR_NAMES: readonly LinearName[] = [
  'q_proj',
  'k_proj',
  'v_proj',
  'o_proj',
  'gate_proj',
  'up_proj',
  'down_proj',
];

/** Groups of linear layers with the same input, whose LoRA A matrices can be concatenated into one. */
export const INPUT_GROUPS = [
  ['q_proj', 'k_proj', 'v_proj'],
  ['o_proj'],
  ['gate_proj', 'up_proj'],
  ['down_proj'],
] as const satisfies readonly (readonly LinearName[])[];

/** Name of a norm of a decoder layer, as Transformers calls it. */
export type NormName =
  | 'input_layernorm'
  | 'q_norm'
  | 'k_norm'
  | 'post_attention_layernorm'
  | 'pre_feedforward_layernorm'
  | 'post_feedforward_layernorm';

/** The norms between the parts of a layer; null where the output of a part is added to its input as it is. */
interface BlockNorms {
  afterAttention: NormName | null;
  beforeMlp: NormName;
  afterMlp: NormName | null;
}

const BLOCK_NORMS: Record<NormConfig['places'], BlockNorms> = {
  // The same name stands for another place in families that norm outputs too.
  before: { afterAttention: null, beforeMlp: 'post_attention_layernorm', afterMlp: null },
  'before-and-after': {
    afterAttention: 'post_attention_layernorm',
    beforeMlp: 'pre_feedforward_layernorm',
    afterMlp: 'post_feedforward_layernorm',
  },
};

/** The norms after the first, `input_layernorm`, except those of heads. */
export function blockNorms({ norm }: Pick<DecoderConfig, 'norm'>): BlockNorms {
  return BLOCK_NORMS[norm.places];
}

/** The norms of a decoder layer, in the order in which they run. */
export function normNames({ norm }: Pick<DecoderConfig, 'norm'>): readonly NormName[] {
  const { afterAttention, beforeMlp, afterMlp } = BLOCK_NORMS[norm.places];
  const ofHeads = norm.ofHeads ? (['q_norm', 'k_norm'] as const) : [];
  const others = [afterAttention, beforeMlp, afterMlp].filter((name) => name !== null);
  return ['input_layernorm', ...ofHeads, ...others];
}

/** True for the norms of heads, which belong to the attention. */
function isOfHeads(name: NormName): boolean {
  return name === 'q_norm' || name === 'k_norm';
}

/** Number of features that a norm runs over. */
export function normWidth({ hiddenSize, headDim }: DecoderConfig, name: NormName): number {
  return isOfHeads(name) ? headDim : hiddenSize;
}

/** True if a linear layer adds a bias to its output. */
export function hasBias({ biases }: Pick<DecoderConfig, 'biases'>, name: LinearName): boolean {
  switch (name) {
    case 'q_proj':
    case 'k_proj':
    case 'v_proj':
      return biases.qkv;
    case 'o_proj':
      return biases.o;
    case 'gate_proj':
    case 'up_proj':
    case 'down_proj':
      return biases.mlp;
  }
}

/** Input (K) and output (N) features of a linear layer. */
export function linearShape(config: DecoderConfig, name: LinearName): { K: number; N: number } {
  const attention = config.numHeads * config.headDim;
  const keyValue = config.numKeyValueHeads * config.headDim;
  switch (name) {
    case 'q_proj':
      return { K: config.hiddenSize, N: attention };
    case 'k_proj':
    case 'v_proj':
      return { K: config.hiddenSize, N: keyValue };
    case 'o_proj':
      return { K: attention, N: config.hiddenSize };
    case 'gate_proj':
    case 'up_proj':
      return { K: config.hiddenSize, N: config.intermediateSize };
    case 'down_proj':
      return { K: config.intermediateSize, N: config.hiddenSize };
  }
}

/** Module path of a linear layer within its decoder layer, such as `self_attn.q_proj`. */
export function modulePath(name: LinearName): string {
  return `${name.endsWith('up_proj') || name === 'gate_proj' || name === 'down_proj' ? 'mlp' : 'self_attn'}.${name}`;
}

/** Names of tensors in a package: those of Transformers, and for the scales of a weight its name with a suffix. */
export const tensorName = {
  embedding: 'model.embed_tokens.weight',
  embeddingScales: 'model.embed_tokens.weight.scales',
  finalNorm: 'model.norm.weight',
  score: 'score.weight',
  layer: (index: number, rest: string) => `model.layers.${index}.${rest}`,
  /** A norm's weight, see {@link normWidth}. */
  norm: (index: number, name: NormName) =>
    tensorName.layer(index, `${isOfHeads(name) ? 'self_attn.' : ''}${name}.weight`),
  /** The weight of a linear layer: dense values or 4-bit codes, see {@link linearTensors}. */
  linear: (index: number, name: LinearName) =>
    tensorName.layer(index, `${modulePath(name)}.weight`),
  /** The bias of a linear layer [N]. */
  bias: (index: number, name: LinearName) => tensorName.layer(index, `${modulePath(name)}.bias`),
  scales: (weight: string, quantization: Quantized) =>
    `${weight}.${quantization === 'nf4' || quantization === 'fp4' ? 'absmax' : 'scales'}`,
  zeros: (weight: string) => `${weight}.zeros`,
  order: (weight: string) => `${weight}.order`,
};

/** Element type and shape of a tensor as a package stores it. */
export interface TensorSpec {
  dtype: 'F32' | 'U8' | 'I32';
  shape: number[];
}

/**
 * The tensors of a linear layer [N, K] under a quantisation; a bias is float32 [N] under each.
 * - none: float32 [K, N], transposed, as a row-major product reads it.
 * - nf4, fp4: codes of [N, K], two per byte, the first in the high half; float32 absmax per block.
 * - int4: codes [N, K / 32, 16], two per byte, the first in the low half, zero point 8; a float32 scale per block.
 * - GPTQ: codes [N, K / block, bytes of a block], those of 4 bits as in int4; a float32 scale and a zero point per
 *   block, the latter [N * bytes of a row], packed as codes are; with act-order the feature of the input at each place,
 *   int32 [K].
 */
export function linearTensors(
  config: DecoderConfig,
  name: LinearName,
  quantization: Quantization,
): LinearParts<TensorSpec> {
  const { K, N } = linearShape(config, name);
  const bias: TensorSpec | null = hasBias(config, name) ? { dtype: 'F32', shape: [N] } : null;
  const others = { scales: null, zeros: null, order: null, bias };
  if (quantization === 'none') {
    return { weight: { dtype: 'F32', shape: [K, N] }, ...others };
  }
  const blocks = K / blockSize(quantization);
  const scales: TensorSpec = { dtype: 'F32', shape: [N * blocks] };
  switch (quantization) {
    case 'int4': {
      const shape = [N, blocks, BLOCK_SIZE.int4 / 2];
      return { ...others, weight: { dtype: 'U8', shape }, scales };
    }
    case 'nf4':
    case 'fp4':
      return { ...others, weight: { dtype: 'U8', shape: [(N * K) / 2] }, scales };
    default: {
      const { bits, block, actOrder } = gptqLayout(quantization);
      return {
        weight: { dtype: 'U8', shape: [N, blocks, (block * bits) / 8] },
        scales,
        zeros: { dtype: 'U8', shape: [N * zeroBytes(blocks, bits)] },
        order: actOrder ? { dtype: 'I32', shape: [K] } : null,
        bias,
      };
    }
  }
}

/** One `T` for each tensor of a linear layer. */
export interface LinearParts<T> {
  weight: T;
  /** Null if the weights are not quantised. */
  scales: T | null;
  /** Null unless the codes have zero points of their own. */
  zeros: T | null;
  /** Null if the features of the input come in their own order. */
  order: T | null;
  /** Null if the layer has none. */
  bias: T | null;
}

/** One `T` for each tensor of a decoder layer: a buffer on a device, an input of a graph or a place in a file. */
export interface LayerParts<T> {
  /** One for each of {@link normNames}. */
  norm: Partial<Record<NormName, T>>;
  linear: Record<LinearName, LinearParts<T>>;
}

/** A tensor of a decoder layer in a package, with its position in {@link LayerParts}. */
export type LayerTensor = TensorSpec & { name: string } & (
    | { part: 'norm'; of: NormName }
    | { part: 'weight' | 'scales' | 'zeros' | 'order' | 'bias'; of: LinearName }
  );

/** Every tensor of decoder layer `index`, in the order in which packages store and devices load them. */
export function layerTensors(
  config: DecoderConfig,
  quantization: Quantization,
  index: number,
): LayerTensor[] {
  const norms = normNames(config).map((of): LayerTensor => {
    const name = tensorName.norm(index, of);
    return { part: 'norm', of, name, dtype: 'F32', shape: [normWidth(config, of)] };
  });
  const linears = LINEAR_NAMES.flatMap((of): LayerTensor[] => {
    const { weight, scales, zeros, order, bias } = linearTensors(config, of, quantization);
    const name = tensorName.linear(index, of);
    const tensors: LayerTensor[] = [{ part: 'weight', of, name, ...weight }];
    if (scales !== null && quantization !== 'none') {
      tensors.push({ part: 'scales', of, name: tensorName.scales(name, quantization), ...scales });
    }
    if (zeros !== null) {
      tensors.push({ part: 'zeros', of, name: tensorName.zeros(name), ...zeros });
    }
    if (order !== null) {
      tensors.push({ part: 'order', of, name: tensorName.order(name), ...order });
    }
    if (bias !== null) {
      tensors.push({ part: 'bias', of, name: tensorName.bias(index, of), ...bias });
    }
    return tensors;
  });
  return [...norms, ...linears];
}

/**
 * Arranges one value per tensor as the parts of a layer.
 * @param tensors all of {@link layerTensors}.
 */
export function layerOf<T>(
  tensors: readonly LayerTensor[],
  value: (tensor: LayerTensor, index: number) => T,
): LayerParts<T> {
  const norm: Partial<Record<NormName, T>> = {};
  const linear: Partial<Record<LinearName, LinearParts<T>>> = {};
  for (const [i, tensor] of tensors.entries()) {
    const made = value(tensor, i);
    if (tensor.part === 'norm') norm[tensor.of] = made;
    else if (tensor.part === 'weight') {
      linear[tensor.of] = { weight: made, scales: null, zeros: null, order: null, bias: null };
    } else linear[tensor.of]![tensor.part] = made;
  }
  return { norm, linear } as LayerParts<T>;
}

/** Applies `make` to every part of a layer. */
export function mapLayer<T, U>(layer: LayerParts<T>, make: (part: T) => U): LayerParts<U> {
  const made = (part: T | null) => (part === null ? null : make(part));
  const entries = <K extends string, V, W>(parts: Record<K, V>, from: (value: V) => W) =>
    Object.fromEntries(
      Object.entries<V>(parts).map(([name, value]) => [name, from(value)]),
    ) as Record<K, W>;
  return {
    norm: entries(layer.norm as Record<NormName, T>, make),
    linear: entries(layer.linear, ({ weight, scales, zeros, order, bias }) => ({
      weight: make(weight),
      scales: made(scales),
      zeros: made(zeros),
      order: made(order),
      bias: made(bias),
    })),
  };
}
