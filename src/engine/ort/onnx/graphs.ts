import type { DecoderConfig } from '../../../model/decoder.ts';
import type { HeadActivation } from '../../../model/heads/head.ts';
import type { HeadLayer, HeadLayers } from '../../../model/heads/layers.ts';
import {
  type LayerParts,
  LINEAR_NAMES,
  type LinearName,
  linearShape,
  linearTensors,
  type NormName,
  normNames,
  normWidth,
} from '../../../model/layer.ts';
import { type Dimension, GraphBuilder, int, text, type Value } from './builder.ts';
import {
  decoderLayer,
  type LayerOptions,
  type LayerValues,
  type LinearValues,
  rmsNorm,
} from './layer.ts';

/** Names of a layer graph's inputs for the weights of one linear layer. */
export const linearInput = {
  weight: (name: LinearName) => `${name}.weight`,
  scales: (name: LinearName) => `${name}.scales`,
  zeros: (name: LinearName) => `${name}.zeros`,
  order: (name: LinearName) => `${name}.order`,
  bias: (name: LinearName) => `${name}.bias`,
  loraA: (name: LinearName) => `${name}.lora_A`,
  loraB: (name: LinearName) => `${name}.lora_B`,
};

/** Name of the input for a norm's weight. */
const normInput = (name: NormName) => `${name}.weight`;

/** Applies `make` to the weights of a layer and returns the results by input names of the layer graph. */
export function layerFeeds<T, U>(weights: LayerParts<T>, make: (part: T) => U): Record<string, U> {
  const feeds: Record<string, U> = {};
  for (const [name, weight] of Object.entries<T>(weights.norm)) {
    feeds[normInput(name as NormName)] = make(weight);
  }
  for (const name of LINEAR_NAMES) {
    for (const part of ['weight', 'scales', 'zeros', 'order', 'bias'] as const) {
      const value = weights.linear[name][part];
      if (value !== null) feeds[linearInput[part](name)] = make(value);
    }
  }
  return feeds;
}

/**
 * Encodes one decoder layer with every weight as a graph input, so that layers can share one session.
 *
 * Inputs: `hidden_states` float32 [B, S, H]; `cos`, `sin` [P, headDim / 2]; `mask` [1, 1, S, S]; the norms (weight with
 * offset); per linear layer `NAME.weight`, `NAME.scales`, `NAME.zeros`, `NAME.order`, `NAME.bias`, as far as it has
 * them, and for those in `loraTargets` `NAME.lora_A`, `NAME.lora_B`. Output: `hidden_states_out` float32 [B, S, H].
 */
export function layerGraph(
  config: DecoderConfig,
  options: LayerOptions,
  loraTargets: ReadonlySet<LinearName>,
): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder('decoder_layer');
  const hiddenShape: Dimension[] = ['B', 'S', config.hiddenSize];
  const hidden = g.input('hidden_states', 'float32', hiddenShape);
  const half = config.headDim / 2;
  const linear = {} as Record<LinearName, LinearValues>;
  for (const name of LINEAR_NAMES) {
    const { weight, scales, zeros, order, bias } = linearTensors(
      config,
      name,
      options.quantization,
    );
    const { K, N } = linearShape(config, name);
    linear[name] = {
      weight: g.input(
        linearInput.weight(name),
        weight.dtype === 'U8' ? 'uint8' : 'float32',
        weight.shape,
      ),
      // Scales have the element type of activations.
      scales: scales && g.input(linearInput.scales(name), options.precision, scales.shape),
      zeros: zeros && g.input(linearInput.zeros(name), 'uint8', zeros.shape),
      order: order && g.input(linearInput.order(name), 'int32', order.shape),
      bias: bias && g.input(linearInput.bias(name), 'float32', bias.shape),
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
      normNames(config).map((name) => [
        name,
        g.input(normInput(name), 'float32', [normWidth(config, name)]),
      ]),
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
 * Encodes pooling, final norm and a narrow head, in float32.
 *
 * Inputs: `hidden_states` [B, S, H], `last` int64 [B, 2] (row and index of its last token), `norm` [H] (weight with
 * offset), `score` [H, labels]. Output: `logits` [B, labels].
 */
export function headGraph(config: DecoderConfig): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder('head');
  const hidden = g.input('hidden_states', 'float32', ['B', 'S', config.hiddenSize]);
  const last = g.input('last', 'int64', ['B', 2]);
  const norm = g.input('norm', 'float32', [config.hiddenSize]);
  const score = g.input('score', 'float32', [config.hiddenSize, 'labels']);
  g.output('logits', head(g, config, hidden, last, norm, score), 'float32', ['B', 'labels']);
  return g.build();
}

/** Names of {@link wideHeadGraph}'s inputs for a layer. */
export const headInput = {
  weight: (layer: number) => `head_${layer}.weight`,
  bias: (layer: number) => `head_${layer}.bias`,
};

/**
 * Encodes pooling, final norm and a wide head, in float32.
 *
 * Inputs: those of {@link headGraph} without `score`, and per layer `head_I.weight` [N, K] and `head_I.bias` [N].
 * Output: `logits` [B, outputs].
 * @param biases for each layer whether it has one.
 */
export function wideHeadGraph(
  config: DecoderConfig,
  biases: readonly boolean[],
  activation: HeadActivation | null,
): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder('head');
  const hidden = g.input('hidden_states', 'float32', ['B', 'S', config.hiddenSize]);
  const last = g.input('last', 'int64', ['B', 2]);
  const norm = g.input('norm', 'float32', [config.hiddenSize]);
  const width = (layer: number) => (layer === 0 ? config.hiddenSize : `width_${layer}`);
  const layers = biases.map((hasBias, i): HeadLayer<Value> => {
    const weight = g.input(headInput.weight(i), 'float32', [width(i + 1), width(i)]);
    return { weight, bias: hasBias ? g.input(headInput.bias(i), 'float32', [width(i + 1)]) : null };
  });
  const pooled = rmsNorm(g, config, g.node('GatherND', [hidden, last]), norm);
  const out = headLayers(g, pooled, layers, activation);
  g.output('logits', out, 'float32', ['B', width(biases.length)]);
  return g.build();
}

const HEAD_ACTIVATIONS: Record<HeadActivation, (g: GraphBuilder, x: Value) => Value> = {
  relu: (g, x) => g.node('Relu', [x]),
  gelu: (g, x) => g.node('Gelu', [x], { approximate: text('none') }),
  'gelu-tanh': (g, x) => g.node('Gelu', [x], { approximate: text('tanh') }),
};

/** Emits the layers of a head, weights [N, K]: [B, H] to [B, outputs]. */
export function headLayers(
  g: GraphBuilder,
  input: Value,
  layers: HeadLayers<Value>,
  activation: HeadActivation | null,
): Value {
  let x = input;
  for (const [i, { weight, bias }] of layers.entries()) {
    if (i > 0 && activation !== null) x = HEAD_ACTIVATIONS[activation](g, x);
    x = g.node('Gemm', bias === null ? [x, weight] : [x, weight, bias], { transB: int(1) });
  }
  return x;
}

/** Emits pooling by index, final norm and a narrow head: [B, S, H] to [B, labels]. */
export function head(
  g: GraphBuilder,
  config: DecoderConfig,
  hidden: Value,
  last: Value,
  norm: Value,
  score: Value,
): Value {
  const pooled = g.node('GatherND', [hidden, last]);
  return g.node('MatMul', [rmsNorm(g, config, pooled, norm), score]);
}
