import type { Adapter } from '../../model/adapter.ts';
import { type LinearName, linearShape } from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { Backend } from '../device/backend.ts';
import { type DeviceTensor, DeviceTensors } from '../device/tensors.ts';
import { type DeviceHead, placeHead } from '../executor/head-weights.ts';
import { loraMatrices } from '../executor/weights.ts';
import { linearInput } from './onnx/graphs.ts';

/** LoRA of a decoder layer on the device, by input names of the layer graph. */
export interface LoraInputs {
  targets: Set<LinearName>;
  inputs: Record<string, DeviceTensor>;
}

/** An adapter on the device; if `name` is null, the base model's own score head and no LoRA. */
export interface LoadedAdapter {
  name: string | null;
  layers: LoraInputs[];
  head: DeviceHead;
  outputs: number;
  tensors: DeviceTensors;
}

/**
 * Loads an adapter of the package onto the device.
 * @throws TiebreakError `package/adapter`, `adapter/…`, or `model/no-score` if there is no score head.
 */
export async function loadAdapter(
  pkg: ModelPackage,
  backend: Backend,
  name: string | null,
): Promise<LoadedAdapter> {
  const adapter = name === null ? null : await pkg.adapter(name);
  return DeviceTensors.kept(backend, async (tensors) => {
    const head = await placeHead(pkg, tensors, adapter);
    const layers: LoraInputs[] = [];
    for (let layer = 0; layer < pkg.config.numLayers; layer += 1) {
      layers.push(await placeLora(pkg, tensors, adapter, layer));
    }
    return { name, layers, head, outputs: head.outputs, tensors };
  });
}

/** Places LoRA of one layer of an adapter; nothing for null. */
export async function placeLora(
  { config }: ModelPackage,
  tensors: DeviceTensors,
  adapter: Adapter | null,
  layer: number,
): Promise<LoraInputs> {
  const matrices = await loraMatrices(config, adapter?.layers.at(layer) ?? new Map());
  const inputs: LoraInputs['inputs'] = {};
  for (const [name, { rank, A, B }] of matrices) {
    const { K, N } = linearShape(config, name);
    const place = (input: string, shape: number[], values: Float32Array<ArrayBuffer>) => {
      inputs[input] = tensors.place(`layer ${layer} ${input}`, 'float32', shape, values);
    };
    place(linearInput.loraA(name), [K, rank], A);
    place(linearInput.loraB(name), [rank, N], B);
  }
  return { targets: new Set(matrices.keys()), inputs };
}
