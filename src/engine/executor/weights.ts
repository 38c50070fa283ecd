import { TiebreakError } from '../../domain/errors.ts';
import { type LoraPair, matrixValues } from '../../model/adapter.ts';
import { transpose } from '../../model/arrays.ts';
import type { DecoderConfig } from '../../model/decoder.ts';
import { decodeFloats, encodeFloat16 } from '../../model/dtype.ts';
import { isPermutation } from '../../model/formats/gptq.ts';
import type { Precision } from '../../model/formats/quantization.ts';
import {
  type LayerParts,
  type LayerTensor,
  LINEAR_NAMES,
  type LinearName,
  layerOf,
  layerTensors,
  linearShape,
} from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';
import { tensorBytes } from '../../model/safetensors.ts';
import type { Backend } from '../device/backend.ts';
import {
  type DeviceTensor,
  DeviceTensors,
  type ElementType,
  type Values,
} from '../device/tensors.ts';

/** The weights of a decoder layer on a device. Norms have their offset added. */
export type LayerWeights = LayerParts<DeviceTensor>;

/** A decoder layer of the base model on a device. */
export interface LoadedLayer {
  weights: LayerWeights;
  tensors: DeviceTensors;
}

/**
 * Loads one decoder layer of the base model onto the device.
 * @param precision element type of the scales.
 * @throws TiebreakError `package/tensor` if the package lacks a tensor, `gpu/binding-size`.
 */
export function loadLayer(
  pkg: ModelPackage,
  backend: Backend,
  precision: Precision,
  layer: number,
): Promise<LoadedLayer> {
  return DeviceTensors.kept(backend, async (tensors) => {
    const parts = partsOf(pkg, layer);
    for (const part of parts) {
      const { type, values } = await readPart(pkg, precision, part);
      tensors.place(part.name, type, part.shape, values);
    }
    return { weights: layerOf(parts, (_, i) => tensors.all[i]!), tensors };
  });
}

/** Overwrites a loaded layer with the weights of another one: all layers have the same shapes. */
export async function overwriteLayer(
  pkg: ModelPackage,
  precision: Precision,
  layer: number,
  { tensors }: LoadedLayer,
): Promise<void> {
  for (const [i, part] of partsOf(pkg, layer).entries()) {
    tensors.all[i]!.write((await readPart(pkg, precision, part)).values);
  }
}

function partsOf({ config, manifest }: ModelPackage, layer: number): LayerTensor[] {
  return layerTensors(config, manifest.quantization, layer);
}

async function readPart(
  pkg: ModelPackage,
  precision: Precision,
  { part, name, dtype, shape }: LayerTensor,
): Promise<{ type: ElementType; values: Values }> {
  if (part === 'norm') return { type: 'float32', values: await normValues(pkg, name, shape) };
  const bytes = await tensorBytes(pkg.tensor(name, dtype, shape));
  switch (dtype) {
    case 'U8':
      return { type: 'uint8', values: bytes };
    case 'I32':
      return { type: 'int32', values: orderOf(pkg, name, bytes) };
    case 'F32':
      break;
  }
  const values = decodeFloats(bytes, dtype);
  return part === 'scales' && precision === 'float16'
    ? { type: 'float16', values: encodeFloat16(values) }
    : { type: 'float32', values };
}

/** The order of features in `bytes`, checked: an index outside would read memory of something else. */
function orderOf(
  { files: { label } }: ModelPackage,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Int32Array<ArrayBuffer> {
  const order = new Int32Array(bytes.slice().buffer);
  if (isPermutation(order)) return order;
  throw new TiebreakError('package/tensor:order', { params: { label, name } });
}

/** Places a norm's weight, with its offset added, as float32 [hiddenSize]. */
export async function placeNorm(
  pkg: ModelPackage,
  tensors: DeviceTensors,
  name: string,
): Promise<DeviceTensor> {
  const shape = [pkg.config.hiddenSize];
  return tensors.place(name, 'float32', shape, await normValues(pkg, name, shape));
}

async function normValues(
  pkg: ModelPackage,
  name: string,
  shape: number[],
): Promise<Float32Array<ArrayBuffer>> {
  const { norm } = pkg.config;
  const entry = pkg.tensor(name, 'F32', shape);
  return decodeFloats(await tensorBytes(entry), 'F32').map((value) => norm.offset + value);
}

/** LoRA of one linear layer for row-major products: `y += (x A) B`. */
interface LoraMatrices {
  rank: number;
  /** [K, rank]. */
  A: Float32Array<ArrayBuffer>;
  /** [rank, N], with the scale multiplied in. */
  B: Float32Array<ArrayBuffer>;
}

/** Reads the LoRA matrices of a decoder layer in the layout of devices, in the order in which linear layers run. */
export async function loraMatrices(
  config: DecoderConfig,
  pairs: ReadonlyMap<LinearName, LoraPair>,
): Promise<Map<LinearName, LoraMatrices>> {
  const matrices = new Map<LinearName, LoraMatrices>();
  for (const name of LINEAR_NAMES) {
    const pair = pairs.get(name);
    if (pair === undefined) continue;
    const { rank, scale } = pair;
    const { K, N } = linearShape(config, name);
    const [A, B] = await Promise.all([matrixValues(pair.A), matrixValues(pair.B)]);
    matrices.set(name, {
      rank,
      A: transpose(A, rank, K),
      B: transpose(B, N, rank).map((value) => value * scale),
    });
  }
  return matrices;
}
