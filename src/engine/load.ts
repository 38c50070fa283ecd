import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { TiebreakError } from '../core/errors.ts';
import { type LoraPair, matrixValues } from '../model/adapter.ts';
import { transpose } from '../model/arrays.ts';
import {
  LINEAR_NAMES,
  type LinearName,
  linearShape,
  modulePath,
  NORM_NAMES,
} from '../model/config.ts';
import { decodeFloats, encodeFloat16 } from '../model/dtype.ts';
import { linearInput, linearTensors, normInput } from '../model/onnx/graphs.ts';
import type { Precision } from '../model/onnx/layer.ts';
import { type ModelPackage, tensorName } from '../model/package.ts';
import { tensorBytes } from '../model/safetensors.ts';
import type { Backend } from './backend.ts';
import { place, type ResidentTensor } from './weights.ts';

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
  const scoreValues = await (adapter?.score ? matrixValues(adapter.score) : baseScore(pkg, name));
  const held: ResidentTensor[] = [];
  const keep = (...what: Parameters<typeof place>): ResidentTensor => {
    const tensor = place(...what);
    held.push(tensor);
    return tensor;
  };
  try {
    const { hiddenSize } = config;
    const scoreInput = transpose(scoreValues, 3, hiddenSize);
    const score = keep(backend, 'score', 'float32', [hiddenSize, 3], scoreInput);
    const layers: LoadedAdapter['layers'] = [];
    for (let layer = 0; layer < config.numLayers; layer += 1) {
      const feeds: Feeds = {};
      const targets = new Set<LinearName>();
      for (const target of LINEAR_NAMES) {
        const pair = adapter?.layers.at(layer)?.get(target);
        if (pair === undefined) continue;
        targets.add(target);
        const { A, B } = await loraInputs(pair, linearShape(config, target));
        const label = `layer ${layer} ${target} lora`;
        feeds[linearInput.loraA(target)] = keep(backend, label, 'float32', A.dims, A.values).tensor;
        feeds[linearInput.loraB(target)] = keep(backend, label, 'float32', B.dims, B.values).tensor;
      }
      layers.push({ targets, feeds });
    }
    return { name, layers, score, held };
  } catch (thrown) {
    for (const tensor of held) tensor.release();
    throw thrown;
  }
}

/** A as [K, r] and B as [r, N] with the scale multiplied in, as the layer graph wants them. */
async function loraInputs(pair: LoraPair, { K, N }: { K: number; N: number }) {
  const { rank, scale } = pair;
  const [A, B] = await Promise.all([matrixValues(pair.A), matrixValues(pair.B)]);
  return {
    A: { dims: [K, rank], values: transpose(A, rank, K) },
    B: { dims: [rank, N], values: transpose(B, N, rank).map((value) => value * scale) },
  };
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

/** Puts one decoder layer of the base model on the device. @throws TiebreakError when the package lacks a tensor. */
export async function loadLayer(
  pkg: ModelPackage,
  backend: Backend,
  precision: Precision,
  layer: number,
): Promise<LoadedLayer> {
  const { quantization } = pkg.manifest;
  const feeds: Feeds = {};
  const held: ResidentTensor[] = [];
  const add = (input: string, tensor: ResidentTensor) => {
    held.push(tensor);
    feeds[input] = tensor.tensor;
  };
  for (const name of NORM_NAMES) {
    add(normInput(name), await loadNorm(pkg, backend, tensorName.layer(layer, `${name}.weight`)));
  }
  for (const name of LINEAR_NAMES) {
    const weight = tensorName.layer(layer, `${modulePath(name)}.weight`);
    const specs = linearTensors(pkg.config, name, quantization);
    const values = async (tensor: string, shape: number[]) =>
      decodeFloats(await tensorBytes(pkg.tensor(tensor, 'F32', shape)), 'F32');
    const { shape } = specs.weight;
    if (quantization === 'none') {
      const dense = await values(weight, shape);
      add(linearInput.weight(name), place(backend, weight, 'float32', shape, dense));
      continue;
    }
    const codes = await tensorBytes(pkg.tensor(weight, 'U8', shape));
    add(linearInput.weight(name), place(backend, weight, 'uint8', shape, codes));
    const scales = tensorName.scales(weight, quantization);
    const scaleShape = specs.scales!.shape;
    const scaleValues = await values(scales, scaleShape);
    add(
      linearInput.scales(name),
      precision === 'float16'
        ? place(backend, scales, 'float16', scaleShape, encodeFloat16(scaleValues))
        : place(backend, scales, 'float32', scaleShape, scaleValues),
    );
  }
  return { feeds, held };
}

/** A norm's weight plus one, float32, on the device. */
export async function loadNorm(
  pkg: ModelPackage,
  backend: Backend,
  name: string,
): Promise<ResidentTensor> {
  const shape = [pkg.config.hiddenSize];
  const values = decodeFloats(await tensorBytes(pkg.tensor(name, 'F32', shape)), 'F32');
  return place(
    backend,
    name,
    'float32',
    shape,
    values.map((value) => 1 + value),
  );
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
