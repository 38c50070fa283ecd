import {
  type Gemma2Config,
  LINEAR_NAMES,
  type LinearName,
  linearShape,
  NORM_NAMES,
} from '../../../model/config.ts';
import { type Dimension, type ElementType, GraphBuilder, type Value } from './builder.ts';
import {
  BLOCK_SIZE,
  decoderLayer,
  type LayerOptions,
  type LayerValues,
  type LinearValues,
  type Precision,
  rmsNorm,
} from './layer.ts';

/** Shape and element type of a tensor that a linear layer is stored in. */
export interface TensorSpec {
  type: ElementType;
  shape: number[];
}

/** The tensors of a linear layer [N, K] under a quantisation. Dense weights are float32; scales have the activations' type. */
export function linearTensors(
  config: Gemma2Config,
  name: LinearName,
  quantization: LayerOptions['quantization'],
  scaleType: Precision = 'float32',
): { weight: TensorSpec; scales?: TensorSpec } {
  const { K, N } = linearShape(config, name);
  if (quantization === 'none') return { weight: { type: 'float32', shape: [K, N] } };
  if (quantization === 'int4') {
    const blocks = K / BLOCK_SIZE.int4;
    return {
      weight: { type: 'uint8', shape: [N, blocks, BLOCK_SIZE.int4 / 2] },
      scales: { type: scaleType, shape: [N * blocks] },
    };
  }
  return {
    weight: { type: 'uint8', shape: [(N * K) / 2] },
    scales: { type: scaleType, shape: [(N * K) / BLOCK_SIZE[quantization]] },
  };
}

/** Names of a layer graph's inputs that hold the weights of one linear layer. */
export const linearInput = {
  weight: (name: LinearName) => `${name}.weight`,
  scales: (name: LinearName) => `${name}.scales`,
  loraA: (name: LinearName) => `${name}.lora_A`,
  loraB: (name: LinearName) => `${name}.lora_B`,
};

/** Input name of a norm's weight. */
export const normInput = (name: (typeof NORM_NAMES)[number]) => `${name}.weight`;

/**
 * One decoder layer with every weight as a graph input, so that all layers share one session.
 *
 * Inputs: `hidden_states` float32 [B, S, H]; `cos`, `sin` [P, headDim / 2]; `mask` [1, 1, S, S]; the norms (weight plus
 * one); per linear layer `NAME.weight`, `NAME.scales`, and for those in `loraTargets` `NAME.lora_A`, `NAME.lora_B`.
 * Output: `hidden_states_out` float32 [B, S, H].
 */
export function layerGraph(
  config: Gemma2Config,
  options: LayerOptions,
  loraTargets: ReadonlySet<LinearName>,
): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder('decoder_layer');
  const hiddenShape: Dimension[] = ['B', 'S', config.hiddenSize];
  const hidden = g.input('hidden_states', 'float32', hiddenShape);
  const half = config.headDim / 2;
  const linear = {} as Record<LinearName, LinearValues>;
  for (const name of LINEAR_NAMES) {
    const { weight, scales } = linearTensors(config, name, options.quantization, options.precision);
    const { K, N } = linearShape(config, name);
    linear[name] = {
      weight: g.input(linearInput.weight(name), weight.type, weight.shape),
      scales: scales && g.input(linearInput.scales(name), scales.type, scales.shape),
      lora: loraTargets.has(name)
        ? {
            A: g.input(linearInput.loraA(name), 'float32', [K, `r_${name}`]),
            B: g.input(linearInput.loraB(name), 'float32', [`r_${name}`, N]),
          }
        : undefined,
    };
  }
  const values: LayerValues = {
    linear,
    norm: Object.fromEntries(
      NORM_NAMES.map((name) => [name, g.input(normInput(name), 'float32', [config.hiddenSize])]),
    ) as LayerValues['norm'],
    cos: g.input('cos', 'float32', ['P', half]),
    sin: g.input('sin', 'float32', ['P', half]),
    mask: g.input('mask', 'float32', [1, 1, 'S', 'S']),
  };
  const out = decoderLayer(g, config, hidden, values, options);
  g.output('hidden_states_out', out, 'float32', hiddenShape);
  return g.build();
}

/**
 * Pooling, final norm and score head, in float32.
 *
 * Inputs: `hidden_states` [B, S, H], `last` int64 [B, 2] (row and index of its last token), `norm` [H] (weight plus one),
 * `score` [H, 3]. Output: `logits` [B, 3].
 */
export function headGraph(config: Gemma2Config): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder('head');
  const hidden = g.input('hidden_states', 'float32', ['B', 'S', config.hiddenSize]);
  const last = g.input('last', 'int64', ['B', 2]);
  const norm = g.input('norm', 'float32', [config.hiddenSize]);
  const score = g.input('score', 'float32', [config.hiddenSize, 3]);
  g.output('logits', head(g, config, hidden, last, norm, score), 'float32', ['B', 3]);
  return g.build();
}

/** Emits pooling by index, final norm and score head: [B, S, H] to [B, 3]. */
export function head(
  g: GraphBuilder,
  config: Gemma2Config,
  hidden: Value,
  last: Value,
  norm: Value,
  score: Value,
): Value {
  const pooled = g.node('GatherND', [hidden, last]);
  return g.node('MatMul', [rmsNorm(g, config, pooled, norm), score]);
}
