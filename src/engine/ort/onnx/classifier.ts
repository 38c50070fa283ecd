import type { Adapter } from '../../../model/adapter.ts';
import {
  type DecoderConfig,
  type RotaryConfig,
  rotaryKinds,
  rotaryOf,
} from '../../../model/decoder.ts';
import { BLOCK_SIZE, type Quantization } from '../../../model/formats/quantization.ts';
import { type Head, labelsOfHead, readsLastToken } from '../../../model/heads/head.ts';
import { type HeadLayer, type HeadLayers, headTensorNames } from '../../../model/heads/layers.ts';
import {
  hasBias,
  LINEAR_NAMES,
  type LinearName,
  linearTensors,
  normNames,
  tensorName,
} from '../../../model/layer.ts';
import { inverseFrequencies, MASKED } from '../../../model/positions.ts';
import type { PlacedTensor, TensorEntry } from '../../../model/safetensors.ts';
import { GraphBuilder, int, type OnnxElement, type Value } from './builder.ts';
import { head, headLayers } from './graphs.ts';
import { decoderLayer, type LayerValues, type LinearValues, rmsNorm } from './layer.ts';

/** The parts of a graph of the whole classifier. */
interface ClassifierOptions {
  quantization: Quantization;
  softCap: number | null;
  head: Head;
  /** The base model's tensors in the package's shards, by name. */
  shards: ReadonlyMap<string, PlacedTensor>;
  /** The adapter, whose PEFT file lies in `directory` of the package. */
  adapter?: Pick<Adapter, 'layers' | 'head'> & { directory: string };
}

const ELEMENT: Partial<Record<TensorEntry['dtype'], OnnxElement>> = {
  F32: 'float32',
  F16: 'float16',
  U8: 'uint8',
  I8: 'int8',
  I32: 'int32',
};

/**
 * Encodes the whole classifier as one standard ONNX model that any ONNX Runtime can run. Its weights are external data
 * in the package's safetensors files; activations are float32.
 *
 * Inputs: `input_ids` int64 [B, S], padded on the right; `attention_mask` int64 [B, S]. Output: `logits` float32 [B,
 * labels].
 */
export function classifierGraph(
  base: DecoderConfig,
  options: ClassifierOptions,
): Uint8Array<ArrayBuffer> {
  const config = { ...base, attnSoftCap: options.softCap };
  const g = new GraphBuilder('classifier');
  const ids = g.input('input_ids', 'int64', ['B', 'S']);
  const attention = g.input('attention_mask', 'int64', ['B', 'S']);

  const stored = (name: string): Value => {
    const { dtype, shape, location, offset, length } = options.shards.get(name)!;
    return g.external(name, ELEMENT[dtype]!, shape, { location, offset, length });
  };
  const offset = g.scalar(config.norm.offset);
  const normWeight = (name: string): Value => g.node('Add', [stored(name), offset]);

  let hidden = g.scope('embedding', () => embed(g, config, options, ids, stored));
  const { rotaries, masks, position } = g.scope('positions', () => positions(g, config, ids));
  const { quantization } = options;
  for (let layer = 0; layer < config.numLayers; layer += 1) {
    hidden = g.scope(`layer_${layer}`, () => {
      const linear = {} as Record<LinearName, LinearValues>;
      for (const name of LINEAR_NAMES) {
        const weight = tensorName.linear(layer, name);
        const { zeros, order } = linearTensors(config, name, quantization);
        linear[name] = {
          weight: stored(weight),
          scales: quantization === 'none' ? null : stored(tensorName.scales(weight, quantization)),
          zeros: zeros && stored(tensorName.zeros(weight)),
          order: order && stored(tensorName.order(weight)),
          bias: hasBias(config, name) ? stored(tensorName.bias(layer, name)) : null,
          lora: adapterPair(g, options, layer, name),
        };
      }
      const norm = Object.fromEntries(
        normNames(config).map((name) => [name, normWeight(tensorName.norm(layer, name))]),
      ) as LayerValues['norm'];
      const mask = masks.get(config.windows[layer]!)!;
      const values: LayerValues = { linear, norm, mask, ...rotaries.get(rotaryOf(config, layer))! };
      return decoderLayer(g, config, hidden, values, {
        quantization,
        precision: 'float32',
      });
    });
  }
  const { head: kind } = options;
  const { logits, outputs } = g.scope('head', () => {
    const pad = readsLastToken(kind) ? null : config.padTokenId;
    const last = lastPosition(g, pad, ids, attention, position);
    const rows = g.node('Unsqueeze', [range(g, ids, 0), g.ints([1])]);
    const index = g.node('Concat', [rows, last], { axis: int(1) });
    const { layers, outputs } = headValues(g, options, stored);
    const [{ weight, bias }] = layers as [HeadLayer<Value>];
    if (layers.length === 1 && bias === null) {
      const transposed = g.transpose(weight, [1, 0]);
      const raw = head(g, config, hidden, index, normWeight(tensorName.finalNorm), transposed);
      return { logits: kind.kind === 'verdict' ? verdictLogits(g, raw, kind) : raw, outputs };
    }
    const pooled = g.node('GatherND', [hidden, index]);
    const normed = rmsNorm(g, config, pooled, normWeight(tensorName.finalNorm));
    const activation = kind.kind === 'two-layer' ? kind.activation : null;
    return { logits: headLayers(g, normed, layers, activation), outputs };
  });
  g.output('logits', logits, 'float32', ['B', labelsOfHead(kind, outputs)]);
  return g.build();
}

/** The layers of the head: the adapter's own, or those of the base model. */
function headValues(
  g: GraphBuilder,
  { head: { kind }, adapter, shards }: ClassifierOptions,
  stored: (name: string) => Value,
): { layers: HeadLayers<Value>; outputs: number } {
  const own = adapter?.head ?? null;
  if (own !== null) {
    const value = (entry: TensorEntry) => adapterTensor(g, adapter!.directory, entry);
    const layers = own.map(({ weight, bias }) => ({
      weight: value(weight),
      bias: bias && value(bias),
    }));
    return { layers, outputs: own.at(-1)!.weight.shape[0]! };
  }
  const count = kind === 'two-layer' ? 2 : 1;
  const names = Array.from({ length: count }, (_, i) => headTensorNames(i, count));
  const layers = names.map(({ weight, bias }) => ({
    weight: stored(weight),
    bias: shards.has(bias) ? stored(bias) : null,
  }));
  return { layers, outputs: shards.get(names.at(-1)!.weight)!.shape[0]! };
}

/** Emits what `finishLogits` computes: [B, tokens] to [B, verdicts]. */
function verdictLogits(
  g: GraphBuilder,
  raw: Value,
  { verdicts, softCap }: Extract<Head, { kind: 'verdict' }>,
): Value {
  let capped = raw;
  if (softCap !== null) {
    const cap = g.scalar(softCap);
    capped = g.node('Mul', [g.node('Tanh', [g.node('Div', [raw, cap])]), cap]);
  }
  if (verdicts.every((tokens) => tokens.length === 1)) return capped;
  let start = 0;
  const columns = verdicts.map(({ length }) => {
    const indices = g.ints(Array.from({ length }, (_, i) => start + i));
    start += length;
    const tokens = g.node('Gather', [capped, indices], { axis: int(1) });
    return g.node('ReduceLogSumExp', [tokens, g.ints([1])], { keepdims: int(1) });
  });
  return g.node('Concat', columns, { axis: int(1) });
}

/** The position that the head reads, int64 [B, 1]: the last that is attended to and does not hold the padding token. */
function lastPosition(
  g: GraphBuilder,
  padTokenId: number | null,
  ids: Value,
  attention: Value,
  position: Value,
): Value {
  let kept = attention;
  if (padTokenId !== null) {
    const isPad = g.node('Equal', [ids, g.ints([padTokenId])]);
    kept = g.node('Mul', [kept, g.cast(g.node('Not', [isPad]), 'int64')]);
  }
  const places = g.node('Mul', [kept, position]);
  return g.node('ReduceMax', [places, g.ints([1])], { keepdims: int(1) });
}

function embed(
  g: GraphBuilder,
  config: DecoderConfig,
  options: ClassifierOptions,
  ids: Value,
  stored: (name: string) => Value,
): Value {
  const gather = (table: Value) => g.node('Gather', [table, ids]);
  let rows = gather(stored(tensorName.embedding));
  const { dtype } = options.shards.get(tensorName.embedding)!;
  if (dtype !== 'F32') rows = g.cast(rows, 'float32');
  if (dtype === 'U8') {
    // Two codes per byte, the first in the low half, zero point 8. They are separated in float32, which is exact here.
    const high = g.node('Floor', [g.node('Mul', [rows, g.scalar(1 / 16)])]);
    const low = g.node('Sub', [rows, g.node('Mul', [high, g.scalar(16)])]);
    const last = (value: Value) => g.node('Unsqueeze', [value, g.ints([-1])]);
    const pairs = g.node('Concat', [last(low), last(high)], { axis: int(-1) });
    const blocks = g.reshape(pairs, [0, 0, -1, BLOCK_SIZE.int4]);
    const scales = last(g.cast(gather(stored(tensorName.embeddingScales)), 'float32'));
    const values = g.node('Mul', [g.node('Sub', [blocks, g.scalar(8)]), scales]);
    rows = g.reshape(values, [0, 0, config.hiddenSize]);
  }
  if (dtype === 'I8') {
    const scales = g.node('Unsqueeze', [gather(stored(tensorName.embeddingScales)), g.ints([-1])]);
    rows = g.node('Mul', [rows, scales]);
  }
  return g.node('Mul', [rows, g.scalar(config.embeddingScale)]);
}

/** The indices 0, 1, 2, … along dimension `axis` of `ids`. */
function range(g: GraphBuilder, ids: Value, axis: number): Value {
  const shape = g.node('Shape', [ids], { start: int(axis), end: int(axis + 1) });
  const scalar = (value: Value) => g.node('Squeeze', [value]);
  return g.node('Range', [scalar(g.ints([0])), scalar(shape), scalar(g.ints([1]))]);
}

/** Rotary caches [S, headDim / 2], and an additive mask [1, 1, S, S] for each different window of the layers. */
function positions(g: GraphBuilder, config: DecoderConfig, ids: Value) {
  const position = range(g, ids, 1);
  const column = g.node('Unsqueeze', [position, g.ints([1])]);
  const row = g.node('Unsqueeze', [position, g.ints([0])]);
  const rotaries = new Map<RotaryConfig, Pick<LayerValues, 'cos' | 'sin'>>();
  for (const [i, rotary] of rotaryKinds(config).entries()) {
    const frequencies = inverseFrequencies(config.headDim, rotary);
    const name = i === 0 ? 'inverse_frequencies' : `inverse_frequencies_${i}`;
    const angles = g.node('Mul', [
      g.cast(column, 'float32'),
      g.floats(name, [1, frequencies.length], frequencies),
    ]);
    rotaries.set(rotary, { cos: g.node('Cos', [angles]), sin: g.node('Sin', [angles]) });
  }
  const back = g.node('Sub', [column, row]);
  const causal = g.node('GreaterOrEqual', [back, g.ints([0])]);
  // Masks without a window come first, so that the bytes of a graph do not depend on the kind of the first layer.
  const windows = [...new Set(config.windows)].sort((a, b) => (a ?? 0) - (b ?? 0));
  const near = windows.map((window) =>
    window === null ? null : g.node('Less', [back, g.ints([window])]),
  );
  const masks = new Map<number | null, Value>();
  for (const [i, window] of windows.entries()) {
    const allowed = near[i] == null ? causal : g.node('And', [causal, near[i]]);
    const additive = g.node('Where', [allowed, g.scalar(0), g.scalar(MASKED)]);
    masks.set(window, g.node('Unsqueeze', [additive, g.ints([0, 1])]));
  }
  return { rotaries, masks, position };
}

function adapterPair(
  g: GraphBuilder,
  { adapter }: ClassifierOptions,
  layer: number,
  name: LinearName,
): LinearValues['lora'] {
  const pair = adapter?.layers.at(layer)?.get(name);
  if (adapter === undefined || pair === undefined) return undefined;
  const A = adapterTensor(g, adapter.directory, pair.A);
  const B = g.node('Mul', [adapterTensor(g, adapter.directory, pair.B), g.scalar(pair.scale)]);
  return { A: g.transpose(A, [1, 0]), B: g.transpose(B, [1, 0]) };
}

/** A tensor in the adapter's own file, which the package contains unchanged. */
function adapterTensor(g: GraphBuilder, directory: string, entry: TensorEntry): Value {
  const data = {
    location: `${directory}/adapter_model.safetensors`,
    offset: entry.start,
    length: entry.end - entry.start,
  };
  const type = entry.dtype === 'BF16' ? 'bfloat16' : ELEMENT[entry.dtype]!;
  const value = g.external(`adapter/${entry.name}`, type, entry.shape, data);
  return type === 'float32' ? value : g.cast(value, 'float32');
}
