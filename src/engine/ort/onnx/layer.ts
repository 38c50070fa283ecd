import type { Activation, DecoderConfig } from '../../../model/decoder.ts';
import {
  BLOCK_SIZE,
  gptqLayout,
  type Precision,
  type Quantization,
} from '../../../model/formats/quantization.ts';
import { blockNorms, type LinearName, linearShape, type NormName } from '../../../model/layer.ts';
import { floatAttribute, type GraphBuilder, int, MICROSOFT, text, type Value } from './builder.ts';

/** A linear layer as graph values. */
export interface LinearValues {
  /** Dense: [K, N]. NF4 and FP4: codes [N * K / 2]. Int4 and GPTQ: codes [N, blocks, bytes of a block]. */
  weight: Value;
  /** NF4 and FP4: absmax [N * K / 64]. Int4 and GPTQ: scales [N * blocks]. Dense: null. */
  scales: Value | null;
  /** GPTQ: zero points [N * bytes of a row]. Others: null. */
  zeros: Value | null;
  /** GPTQ with act-order: the feature of the input at each place, int32 [K]. Others: null. */
  order: Value | null;
  /** Float32 [N]; null if the layer has none. */
  bias: Value | null;
  /** LoRA, transposed, with the scale multiplied in: A [K, r], B [r, N]. */
  lora?: { A: Value; B: Value };
}

/** The values that a decoder layer reads besides its input. Shapes: B rows, S padded tokens, H hidden_size. */
export interface LayerValues {
  linear: Record<LinearName, LinearValues>;
  /** Weights of the norms with their offset added, float32 [H], those of heads [headDim]. */
  norm: Partial<Record<NormName, Value>>;
  /** Rotary caches [positions, headDim / 2]. */
  cos: Value;
  sin: Value;
  /** Additive mask [1, 1, S, S]: 0 where token i may see token j, a large negative number elsewhere. */
  mask: Value;
}

/** Options of all layers of a graph. */
export interface LayerOptions {
  quantization: Quantization;
  precision: Precision;
  /** Number of products into which attention is split by heads, if the scores of all heads are too large. Default 1. */
  headGroups?: number;
}

/**
 * Adds one decoder layer to a graph: norms before attention and MLP, and where the description says so on the output of
 * each; gated MLP; grouped key/value heads. `hidden` and the result are float32 [B, S, H].
 */
export function decoderLayer(
  g: GraphBuilder,
  config: DecoderConfig,
  hidden: Value,
  values: LayerValues,
  options: LayerOptions,
): Value {
  const normed = (x: Value, name: NormName) => rmsNorm(g, config, x, values.norm[name]!);
  const project = (name: LinearName, x: Value) =>
    g.scope(name, () => linear(g, config, name, x, values.linear[name], options));
  const { afterAttention, beforeMlp, afterMlp } = blockNorms(config);
  const added = (x: Value, norm: NormName | null) => {
    const output = toFloat32(g, x, options);
    return norm === null ? output : normed(output, norm);
  };

  const attended = g.scope('self_attn', () => {
    const x = activation(g, normed(hidden, 'input_layernorm'), options);
    const [q, k, v] = (['q_proj', 'k_proj', 'v_proj'] as const).map((name) =>
      toFloat32(g, project(name, x), options),
    );
    const mixed = attention(g, config, q!, k!, v!, values, options.headGroups ?? 1);
    return project('o_proj', activation(g, mixed, options));
  });
  const middle = g.node('Add', [hidden, added(attended, afterAttention)]);
  const fed = g.scope('mlp', () => {
    const x = activation(g, normed(middle, beforeMlp), options);
    const gate = ACTIVATIONS[config.activation](g, project('gate_proj', x));
    return project('down_proj', g.node('Mul', [gate, project('up_proj', x)]));
  });
  return g.node('Add', [middle, added(fed, afterMlp)]);
}

const ACTIVATIONS: Record<Activation, (g: GraphBuilder, x: Value) => Value> = {
  'gelu-tanh': (g, x) => g.node('Gelu', [x], { approximate: text('tanh') }),
  silu: (g, x) => g.node('Mul', [x, g.node('Sigmoid', [x])]),
};

/** Casts a float32 value to the precision of activations. */
function activation(g: GraphBuilder, x: Value, { precision }: LayerOptions): Value {
  return precision === 'float16' ? g.cast(x, 'float16') : x;
}

/** Casts an activation to float32. */
function toFloat32(g: GraphBuilder, x: Value, { precision }: LayerOptions): Value {
  return precision === 'float16' ? g.cast(x, 'float32') : x;
}

/** RMSNorm in float32. @param weight with its offset added. */
export function rmsNorm(g: GraphBuilder, config: DecoderConfig, x: Value, weight: Value): Value {
  return g.node('SimplifiedLayerNormalization', [x, weight], {
    axis: int(-1),
    epsilon: floatAttribute(config.norm.epsilon),
    stash_type: int(1),
  });
}

/**
 * Attention in float32: queries [B, S, heads * headDim], keys and values [B, S, key/value heads * headDim], to [B, S,
 * heads * headDim]. It is composed of plain operators, because `GroupQueryAttention` ignores the soft cap on WebGPU.
 */
function attention(
  g: GraphBuilder,
  config: DecoderConfig,
  q: Value,
  k: Value,
  v: Value,
  { cos, sin, mask, norm }: LayerValues,
  groups: number,
): Value {
  const { numHeads, numKeyValueHeads, headDim, attnSoftCap } = config;
  // Each head is normed as a row of its own.
  const normed = (x: Value, count: number, weight: Value) =>
    g.reshape(rmsNorm(g, config, g.reshape(x, [0, 0, count, headDim]), weight), [
      0,
      0,
      count * headDim,
    ]);
  const queries = norm.q_norm === undefined ? q : normed(q, numHeads, norm.q_norm);
  const unrotated = norm.k_norm === undefined ? k : normed(k, numKeyValueHeads, norm.k_norm);
  const rotary = (x: Value, heads: number) =>
    g.node(
      'RotaryEmbedding',
      [x, g.ints([0]), cos, sin],
      { num_heads: int(heads), interleaved: int(0) },
      MICROSOFT,
    );
  const heads = (x: Value, count: number, perm: number[]) =>
    g.transpose(g.reshape(x, [0, 0, count, headDim]), perm);

  // The query is multiplied by the scale and the inverse of the cap, because it is much smaller than the scores.
  const scale = config.attnScale / (attnSoftCap ?? 1);
  const query = heads(
    g.node('Mul', [rotary(queries, numHeads), g.scalar(scale)]),
    numHeads,
    [0, 2, 1, 3],
  );
  const keys = heads(rotary(unrotated, numKeyValueHeads), numKeyValueHeads, [0, 2, 3, 1]);
  const values = heads(v, numKeyValueHeads, [0, 2, 1, 3]);

  const size = numHeads / groups;
  const shared = numHeads / numKeyValueHeads;
  const kv = Math.max(1, size / shared);
  const mixed = Array.from({ length: groups }, (_, group) => {
    const first = Math.floor((group * size) / shared);
    const part = (x: Value, from: number, count: number, all: number) =>
      count === all ? x : slice(g, x, from, from + count);
    // Query heads that share a key/value head are consecutive. As further rows of one product they need no copy of it.
    const rows = g.reshape(part(query, group * size, size, numHeads), [0, kv, -1, headDim]);
    const product = g.node('MatMul', [rows, part(keys, first, kv, numKeyValueHeads)]);
    let scores = g.reshape(product, [0, size, -1, 0]);
    if (attnSoftCap !== null) {
      scores = g.node('Mul', [g.node('Tanh', [scores]), g.scalar(attnSoftCap)]);
    }
    const weights = g.node('Softmax', [g.node('Add', [scores, mask])], { axis: int(-1) });
    const out = g.node('MatMul', [
      g.reshape(weights, [0, kv, -1, 0]),
      part(values, first, kv, numKeyValueHeads),
    ]);
    // [B, kv, rows, headDim] to [B, heads, S, headDim]; S is known only at run time, so it is the inferred dimension.
    return g.reshape(out, [0, size, -1, headDim]);
  });
  const all = groups === 1 ? mixed[0]! : g.node('Concat', mixed, { axis: int(1) });
  return g.reshape(g.transpose(all, [0, 2, 1, 3]), [0, 0, numHeads * headDim]);
}

/** Heads `from` to `to` (exclusive) of [B, heads, …]. */
function slice(g: GraphBuilder, x: Value, from: number, to: number): Value {
  return g.node('Slice', [x, g.ints([from]), g.ints([to]), g.ints([1])]);
}

/**
 * Linear layer: y = W x, plus its bias if it has one, plus B (A x) if it has LoRA matrices. LoRA products are float32
 * in every precision.
 */
function linear(
  g: GraphBuilder,
  config: DecoderConfig,
  name: LinearName,
  x: Value,
  values: LinearValues,
  options: LayerOptions,
): Value {
  const { bias, lora } = values;
  const dense = (a: Value, b: Value) => g.node('MatMul', [a, b]);
  let y = product(g, linearShape(config, name), x, values, options);
  if (bias !== null) y = g.node('Add', [y, activation(g, bias, options)]);
  if (lora === undefined) return y;
  const low = dense(dense(toFloat32(g, x, options), lora.A), lora.B);
  return g.node('Add', [y, activation(g, low, options)]);
}

/** The product W x in the precision of activations. */
function product(
  g: GraphBuilder,
  { K, N }: { K: number; N: number },
  x: Value,
  { weight, scales, zeros, order }: LinearValues,
  options: LayerOptions,
): Value {
  const { quantization } = options;
  const shape = { K: int(K), N: int(N) };
  switch (quantization) {
    case 'none':
      return activation(g, g.node('MatMul', [toFloat32(g, x, options), weight]), options);
    case 'int4': {
      const attributes = { ...shape, block_size: int(BLOCK_SIZE.int4), bits: int(4) };
      return g.node('MatMulNBits', [x, weight, scales!], attributes, MICROSOFT);
    }
    case 'nf4':
    case 'fp4': {
      const attributes = {
        ...shape,
        block_size: int(BLOCK_SIZE[quantization]),
        quant_type: int(BNB_TYPE[quantization]),
      };
      return g.node('MatMulBnb4', [x, weight, scales!], attributes, MICROSOFT);
    }
    default: {
      const { bits, block } = gptqLayout(quantization);
      // The operator's own input for groups, `g_idx`, exists on the CPU only.
      const input = order === null ? x : g.node('Gather', [x, order], { axis: int(2) });
      const attributes = {
        ...shape,
        block_size: int(block),
        bits: int(bits),
        accuracy_level: int(SUMS_IN_FLOAT32),
      };
      return g.node('MatMulNBits', [input, weight, scales!, zeros!], attributes, MICROSOFT);
    }
  }
}

// Values of attributes of `MatMulBnb4` and `MatMulNBits`.
const BNB_TYPE = { fp4: 0, nf4: 1 } as const;
const SUMS_IN_FLOAT32 = 1;
