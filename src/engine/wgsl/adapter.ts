import type { Adapter } from '../../model/adapter.ts';
import type { DecoderConfig } from '../../model/decoder.ts';
import { INPUT_GROUPS, LINEAR_NAMES, type LinearName, linearShape } from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { WebGpuBackend } from '../device/backend.ts';
import { bufferOf, DeviceTensors } from '../device/tensors.ts';
import { type DeviceHead, placeHead } from '../executor/head-weights.ts';
import { loraMatrices } from '../executor/weights.ts';
import type { LayerRange } from '../planning/layers.ts';

/** LoRA of one linear layer. */
interface LoraPart {
  /** Concatenated A matrices of all linear layers with the same input: float32 [K, groupRank]. */
  A: GPUBuffer;
  groupRank: number;
  /** First column of this layer's own A. */
  start: number;
  rank: number;
  /** B with the scale multiplied in, float32 [rank, N]. */
  B: GPUBuffer;
}

/** LoRA of a decoder layer; linear layers without LoRA have no entry. */
export type LoraLayer = ReadonlyMap<LinearName, LoraPart>;

/** LoRA of an adapter, by decoder layer. */
export interface LayersOf {
  /** Null for the base model alone. */
  name: string | null;
  layers: LoraLayer[];
}

/** An adapter on the device; if `name` is null, the base model's own score head and no LoRA. */
export interface WgslAdapter extends LayersOf {
  head: DeviceHead;
  outputs: number;
  tensors: DeviceTensors;
}

/**
 * Loads an adapter onto the device, with LoRA of the layers `from` to `to` (exclusive) only.
 * @throws TiebreakError `package/adapter`, `adapter/…` or `model/no-score`.
 */
export async function loadWgslAdapter(
  pkg: ModelPackage,
  backend: WebGpuBackend,
  name: string | null,
  { from, to }: LayerRange = { from: 0, to: pkg.config.numLayers },
): Promise<WgslAdapter> {
  const adapter = name === null ? null : await pkg.adapter(name);
  return DeviceTensors.kept(backend, async (tensors) => {
    const head = await placeHead(pkg, tensors, adapter);
    const layers: LoraLayer[] = [];
    for (let layer = 0; layer < pkg.config.numLayers; layer += 1) {
      const here = layer >= from && layer < to;
      layers.push(await placeLora(pkg.config, tensors, here ? adapter : null, layer));
    }
    return { name, layers, head, outputs: head.outputs, tensors };
  });
}

/**
 * Loads LoRA of one layer of an adapter for a test, independent of the adapters in use; `layers` has only that entry.
 */
export async function placeLoraLayer(
  pkg: ModelPackage,
  tensors: DeviceTensors,
  name: string | null,
  layer: number,
): Promise<LayersOf> {
  const adapter = name === null ? null : await pkg.adapter(name);
  const layers: LoraLayer[] = [];
  layers[layer] = await placeLora(pkg.config, tensors, adapter, layer);
  return { name, layers };
}

async function placeLora(
  config: DecoderConfig,
  tensors: DeviceTensors,
  adapter: Adapter | null,
  layer: number,
): Promise<LoraLayer> {
  const place = (label: string, shape: number[], values: Float32Array<ArrayBuffer>) =>
    bufferOf(tensors.place(label, 'float32', shape, values));
  const matrices = await loraMatrices(config, adapter?.layers.at(layer) ?? new Map());
  const parts = new Map<LinearName, LoraPart>();
  for (const group of INPUT_GROUPS) {
    const members = group.flatMap((linear: LinearName) => {
      const lora = matrices.get(linear);
      return lora === undefined ? [] : [{ linear, ...lora }];
    });
    if (members.length === 0) continue;
    const { K } = linearShape(config, group[0]);
    const groupRank = members.reduce((sum, { rank }) => sum + rank, 0);
    const joined = new Float32Array(K * groupRank);
    let start = 0;
    for (const { A, rank } of members) {
      for (let k = 0; k < K; k += 1) {
        joined.set(A.subarray(k * rank, (k + 1) * rank), k * groupRank + start);
      }
      start += rank;
    }
    const A = place(`layer ${layer} ${group.join()} lora A`, [K, groupRank], joined);
    start = 0;
    for (const { linear, B, rank } of members) {
      const { N } = linearShape(config, linear);
      const label = `layer ${layer} ${linear} lora B`;
      parts.set(linear, { A, groupRank, start, rank, B: place(label, [rank, N], B) });
      start += rank;
    }
  }
  return parts;
}

/** Largest sum of ranks of linear layers with the same input, at least 1. */
export function largestRank(adapters: readonly LayersOf[]): number {
  const ranks = adapters.flatMap(({ layers }) =>
    layers.flatMap((layer) => LINEAR_NAMES.map((name) => layer.get(name)?.groupRank ?? 0)),
  );
  return Math.max(1, ...ranks);
}
