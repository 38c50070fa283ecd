import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { TiebreakError } from '../../domain/errors.ts';
import { type Adapter, type LoraPair, matrixValues } from '../../model/adapter.ts';
import { transpose } from '../../model/arrays.ts';
import type { DecoderConfig } from '../../model/decoder.ts';
import { decodeFloats, encodeFloat16 } from '../../model/dtype.ts';
import {
  LINEAR_NAMES,
  type LinearName,
  linearShape,
  linearTensors,
  modulePath,
  normNames,
  tensorName,
} from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { Precision } from '../../model/quantization.ts';
import { tensorBytes } from '../../model/safetensors.ts';
import type { Backend } from '../device/backend.ts';
import { linearInput, normInput } from './onnx/graphs.ts';
import { type Data, place, type ResidentTensor } from './weights.ts';

/** Weights as inputs of the layer graph, by input name. */
export type Feeds = Record<string, Tensor>;

/** A decoder layer on the device. */
export interface LoadedLayer {
  feeds: Feeds;
  held: ResidentTensor[];
}

/** An adapter on the device; with `name` null, the base model's own score head and no LoRA. */
export interface LoadedAdapter {
  name: string | null;
  layers: { targets: Set<LinearName>; feeds: Feeds }[];
  score: ResidentTensor;
  held: ResidentTensor[];
}

/**
 * Puts an adapter of the package on the device.
 * @throws TiebreakError `package/adapter`, `adapter/…`, or `model/no-score` when there is no score head.
 */
export async function loadAdapter(
  pkg: ModelPackage,
  backend: Backend,
  name: string | null,
): Promise<LoadedAdapter> {
  const { config } = pkg;
  const adapter = name === null ? null : await pkg.adapter(name);
  const scoreInput = await scoreValues(pkg, adapter, name);
  const held: ResidentTensor[] = [];
  const keep = (...what: Parameters<typeof place>): ResidentTensor => {
    const tensor = place(...what);
    held.push(tensor);
    return tensor;
  };
  try {
    const { hiddenSize } = config;
    const score = keep(backend, 'score', 'float32', [hiddenSize, 3], scoreInput);
    const layers: LoadedAdapter['layers'] = [];
    for (let layer = 0; layer < config.numLayers; layer += 1) {
      const pairs = adapter?.layers.at(layer) ?? new Map<LinearName, LoraPair>();
      const feeds: Feeds = {};
      for (const { input, dims, values } of await loraInputs(config, pairs)) {
        feeds[input] = keep(backend, `layer ${layer} ${input}`, 'float32', dims, values).tensor;
      }
      layers.push({ targets: targetsOf(pairs), feeds });
    }
    return { name, layers, score, held };
  } catch (thrown) {
    for (const tensor of held) tensor.release();
    throw thrown;
  }
}

/** The linear layers that have LoRA matrices, in the order they run. */
export function targetsOf(pairs: ReadonlyMap<LinearName, LoraPair>): Set<LinearName> {
  return new Set(LINEAR_NAMES.filter((name) => pairs.has(name)));
}

/** LoRA as the layer graph wants it: A as [K, r] and B as [r, N] with the scale multiplied in. */
export async function loraInputs(
  config: DecoderConfig,
  pairs: ReadonlyMap<LinearName, LoraPair>,
): Promise<{ input: string; dims: number[]; values: Float32Array<ArrayBuffer> }[]> {
  const inputs: Awaited<ReturnType<typeof loraInputs>> = [];
  for (const name of targetsOf(pairs)) {
    const { rank, scale, ...pair } = pairs.get(name)!;
    const { K, N } = linearShape(config, name);
    const [A, B] = await Promise.all([matrixValues(pair.A), matrixValues(pair.B)]);
    inputs.push(
      { input: linearInput.loraA(name), dims: [K, rank], values: transpose(A, rank, K) },
      {
        input: linearInput.loraB(name),
        dims: [rank, N],
        values: transpose(B, N, rank).map((value) => value * scale),
      },
    );
  }
  return inputs;
}

/** LoRA of one layer of an adapter on the device, apart from the adapter in use. */
export async function loadAdapterLayer(
  pkg: ModelPackage,
  backend: Backend,
  name: string | null,
  layer: number,
): Promise<LoadedLayer & { targets: Set<LinearName> }> {
  const adapter = name === null ? null : await pkg.adapter(name);
  const pairs = adapter?.layers.at(layer) ?? new Map<LinearName, LoraPair>();
  const feeds: Feeds = {};
  const held: ResidentTensor[] = [];
  for (const { input, dims, values } of await loraInputs(pkg.config, pairs)) {
    const tensor = place(backend, input, 'float32', dims, values);
    held.push(tensor);
    feeds[input] = tensor.tensor;
  }
  return { targets: targetsOf(pairs), feeds, held };
}

/** The score head of an adapter, or with null that of the base model, on the device. */
export async function loadScore(
  pkg: ModelPackage,
  backend: Backend,
  name: string | null,
): Promise<ResidentTensor> {
  const adapter = name === null ? null : await pkg.adapter(name);
  const values = await scoreValues(pkg, adapter, name);
  return place(backend, 'score', 'float32', [pkg.config.hiddenSize, 3], values);
}

/** The score head as the head's graph wants it, [hiddenSize, 3]. */
async function scoreValues(
  pkg: ModelPackage,
  adapter: Adapter | null,
  name: string | null,
): Promise<Float32Array<ArrayBuffer>> {
  const values = await (adapter?.score ? matrixValues(adapter.score) : baseScore(pkg, name));
  return transpose(values, 3, pkg.config.hiddenSize);
}

async function baseScore(
  pkg: ModelPackage,
  adapter: string | null,
): Promise<Float32Array<ArrayBuffer>> {
  if (!pkg.tensors.has(tensorName.score)) {
    throw new TiebreakError(
      'model/no-score',
      `${pkg.manifest.name} has no score head of its own${adapter === null ? '' : `, and neither has the adapter ${adapter}`}.`,
      { action: 'Choose an adapter that has one.' },
    );
  }
  const entry = pkg.tensor(tensorName.score, 'F32', [3, pkg.config.hiddenSize]);
  return decodeFloats(await tensorBytes(entry), 'F32');
}

/** A weight of a layer before it is on the device. */
interface LayerTensor {
  /** Name of the graph's input. */
  input: string;
  /** Name of the tensor, for messages. */
  name: string;
  type: 'float32' | 'float16' | 'uint8';
  shape: number[];
  data: Data;
}

/** Puts one decoder layer of the base model on the device. @throws TiebreakError when the package lacks a tensor. */
export async function loadLayer(
  pkg: ModelPackage,
  backend: Backend,
  precision: Precision,
  layer: number,
): Promise<LoadedLayer> {
  const loaded: LoadedLayer = { feeds: {}, held: [] };
  try {
    for await (const { input, name, type, shape, data } of layerTensors(pkg, precision, layer)) {
      const tensor = place(backend, name, type, shape, data);
      loaded.held.push(tensor);
      loaded.feeds[input] = tensor.tensor;
    }
  } catch (thrown) {
    for (const tensor of loaded.held) tensor.release();
    throw thrown;
  }
  return loaded;
}

/** Puts the weights of another layer in the place of a loaded one's: all layers have the same shapes. */
export async function overwriteLayer(
  pkg: ModelPackage,
  precision: Precision,
  layer: number,
  { held }: LoadedLayer,
): Promise<void> {
  let next = 0;
  for await (const { data } of layerTensors(pkg, precision, layer)) {
    held[next]!.write(data);
    next += 1;
  }
}

/** The weights of a decoder layer one after the other, always in the same order. */
async function* layerTensors(
  pkg: ModelPackage,
  precision: Precision,
  layer: number,
): AsyncGenerator<LayerTensor> {
  const { quantization } = pkg.manifest;
  const values = async (tensor: string, shape: number[]) =>
    decodeFloats(await tensorBytes(pkg.tensor(tensor, 'F32', shape)), 'F32');
  for (const norm of normNames(pkg.config)) {
    const name = tensorName.layer(layer, `${norm}.weight`);
    const data = await normValues(pkg, name);
    yield { input: normInput(norm), name, type: 'float32', shape: [data.length], data };
  }
  for (const linear of LINEAR_NAMES) {
    const name = tensorName.layer(layer, `${modulePath(linear)}.weight`);
    const specs = linearTensors(pkg.config, linear, quantization);
    const { shape } = specs.weight;
    const input = linearInput.weight(linear);
    if (quantization === 'none') {
      yield { input, name, type: 'float32', shape, data: await values(name, shape) };
      continue;
    }
    const codes = await tensorBytes(pkg.tensor(name, 'U8', shape));
    yield { input, name, type: 'uint8', shape, data: codes };
    const scales = {
      input: linearInput.scales(linear),
      name: tensorName.scales(name, quantization),
      shape: specs.scales!.shape,
    };
    const scaleValues = await values(scales.name, scales.shape);
    yield precision === 'float16'
      ? { ...scales, type: 'float16', data: encodeFloat16(scaleValues) }
      : { ...scales, type: 'float32', data: scaleValues };
  }
}

/** A norm's weight plus one, float32, on the device. */
export async function loadNorm(
  pkg: ModelPackage,
  backend: Backend,
  name: string,
): Promise<ResidentTensor> {
  return place(backend, name, 'float32', [pkg.config.hiddenSize], await normValues(pkg, name));
}

async function normValues(pkg: ModelPackage, name: string): Promise<Float32Array<ArrayBuffer>> {
  const entry = pkg.tensor(name, 'F32', [pkg.config.hiddenSize]);
  return decodeFloats(await tensorBytes(entry), 'F32').map((value) => 1 + value);
}

/** A session for an encoded graph whose output stays where it is said. */
export function createSession(
  backend: Backend,
  graph: Uint8Array,
  output: 'cpu' | 'gpu-buffer',
): Promise<InferenceSession> {
  const { InferenceSession } = backend.ort;
  if (backend.device === 'wasm') {
    return InferenceSession.create(graph, { executionProviders: ['wasm'] });
  }
  const webgpu = {
    name: 'webgpu' as const,
    device: backend.gpuDevice,
    enableMatmulFp32Accumulation: true,
  };
  return InferenceSession.create(graph, {
    executionProviders: [webgpu],
    preferredOutputLocation: output,
  });
}
