import type { Adapter } from '../../model/adapter.ts';
import type { DecoderConfig } from '../../model/decoder.ts';
import { LINEAR_NAMES, type LinearName, linearShape } from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { LayerRange } from '../layer-store.ts';
import { loadScore, loraInputs } from '../ort/load.ts';
import { linearInput } from '../ort/onnx/graphs.ts';
import { place, type ResidentTensor } from '../ort/weights.ts';
import type { WebGpuBackend } from './model.ts';

/** Linear layers with the same input: their LoRA A matrices are one matrix. */
export const INPUT_GROUPS = [
  ['q_proj', 'k_proj', 'v_proj'],
  ['o_proj'],
  ['gate_proj', 'up_proj'],
  ['down_proj'],
] as const satisfies readonly (readonly LinearName[])[];

/** LoRA of one linear layer. */
export interface LoraPart {
  /** A of its group: float32 [K, groupRank]. */
  A: GPUBuffer;
  groupRank: number;
  /** First column of this layer's part. */
  start: number;
  rank: number;
  /** Scaled, float32 [rank, N]. */
  B: GPUBuffer;
}

/** LoRA of a decoder layer. */
export type LoraLayer = ReadonlyMap<LinearName, LoraPart>;

/** What an adapter changes in the layers. */
export interface LayersOf {
  /** Null: the base model alone. */
  name: string | null;
  layers: LoraLayer[];
}

/** An adapter on the device; with `name` null, the base model's own score head and no LoRA. */
export interface WgslAdapter extends LayersOf {
  score: GPUBuffer;
  held: ResidentTensor[];
}

/** Puts an adapter on the device, of its LoRA that of some layers. @throws TiebreakError `package/adapter`, `adapter/…` or `model/no-score`. */
export async function loadWgslAdapter(
  pkg: ModelPackage,
  backend: WebGpuBackend,
  name: string | null,
  { from, to }: LayerRange = { from: 0, to: pkg.config.numLayers },
): Promise<WgslAdapter> {
  const adapter = name === null ? null : await pkg.adapter(name);
  const score = await loadScore(pkg, backend, name);
  const held = [score];
  const layers: LoraLayer[] = [];
  try {
    for (let layer = 0; layer < pkg.config.numLayers; layer += 1) {
      const here = layer >= from && layer < to;
      layers.push(await loadLora(pkg.config, backend, here ? adapter : null, layer, held));
    }
    return { name, layers, score: score.tensor.gpuBuffer, held };
  } catch (thrown) {
    for (const tensor of held) tensor.release();
    throw thrown;
  }
}

/** LoRA of one layer of an adapter on the device, in its place of `layers`, apart from the adapters in use. */
export async function loadWgslAdapterLayer(
  pkg: ModelPackage,
  backend: WebGpuBackend,
  name: string | null,
  layer: number,
): Promise<LayersOf & { held: ResidentTensor[] }> {
  const adapter = name === null ? null : await pkg.adapter(name);
  const held: ResidentTensor[] = [];
  const layers: LoraLayer[] = [];
  try {
    layers[layer] = await loadLora(pkg.config, backend, adapter, layer, held);
    return { name, layers, held };
  } catch (thrown) {
    for (const tensor of held) tensor.release();
    throw thrown;
  }
}

/** @param held takes what is put on the device. */
async function loadLora(
  config: DecoderConfig,
  backend: WebGpuBackend,
  adapter: Adapter | null,
  layer: number,
  held: ResidentTensor[],
): Promise<LoraLayer> {
  const keep = (label: string, dims: number[], values: Float32Array<ArrayBuffer>) => {
    const tensor = place(backend, label, 'float32', dims, values);
    held.push(tensor);
    return tensor.tensor.gpuBuffer;
  };
  const inputs = await loraInputs(config, adapter?.layers.at(layer) ?? new Map());
  const find = (input: string) => inputs.find((entry) => entry.input === input);
  const parts = new Map<LinearName, LoraPart>();
  for (const group of INPUT_GROUPS) {
    const members = group.flatMap((linear: LinearName) => {
      const A = find(linearInput.loraA(linear));
      const B = find(linearInput.loraB(linear));
      return A && B ? [{ linear, A, B, rank: A.dims[1]! }] : [];
    });
    if (members.length === 0) continue;
    const { K } = linearShape(config, group[0]);
    const groupRank = members.reduce((sum, { rank }) => sum + rank, 0);
    const joined = new Float32Array(K * groupRank);
    let start = 0;
    for (const { A, rank } of members) {
      for (let k = 0; k < K; k += 1) {
        joined.set(A.values.subarray(k * rank, (k + 1) * rank), k * groupRank + start);
      }
      start += rank;
    }
    const A = keep(`layer ${layer} ${group.join()} lora A`, [K, groupRank], joined);
    start = 0;
    for (const { linear, B, rank } of members) {
      parts.set(linear, {
        A,
        groupRank,
        start,
        rank,
        B: keep(`layer ${layer} ${linear} lora B`, B.dims, B.values),
      });
      start += rank;
    }
  }
  return parts;
}

/** Largest joined rank of any layer. */
export function largestRank(adapters: readonly LayersOf[]): number {
  const ranks = adapters.flatMap(({ layers }) =>
    layers.flatMap((layer) => LINEAR_NAMES.map((name) => layer.get(name)?.groupRank ?? 0)),
  );
  return Math.max(1, ...ranks);
}
