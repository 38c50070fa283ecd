import { type Adapter, matrixValues } from '../../model/adapter.ts';
import { transpose } from '../../model/arrays.ts';
import { decodeFloats } from '../../model/dtype.ts';
import { type HeadActivation, MAX_LABELS } from '../../model/heads/head.ts';
import type { HeadLayer } from '../../model/heads/layers.ts';
import type { ModelPackage } from '../../model/package.ts';
import { type TensorEntry, tensorBytes } from '../../model/safetensors.ts';
import type { DeviceTensor, DeviceTensors } from '../device/tensors.ts';

/** A head on a device, in float32. */
export interface DeviceHead {
  /**
   * `narrow`: a single layer of up to {@link MAX_LABELS} outputs without a bias, its weight [K, N]. `wide`: any other,
   * weights [N, K].
   */
  form: 'narrow' | 'wide';
  layers: readonly HeadLayer<DeviceTensor>[];
  /** Between two layers; null for one. */
  activation: HeadActivation | null;
  /** Outputs of the last layer. */
  outputs: number;
}

/**
 * Places the head of an adapter; that of the base model for null, and for an adapter without one.
 * @throws TiebreakError `adapter/nan`, `package/head`, or `model/no-score` if there is none.
 */
export async function placeHead(
  pkg: ModelPackage,
  tensors: DeviceTensors,
  adapter: Adapter | null,
): Promise<DeviceHead> {
  const { head } = pkg;
  const from = await pkg.headLayers(adapter?.name ?? null);
  const own = adapter !== null && adapter.head !== null;
  const read = own ? matrixValues : floatValues;
  const outputs = from.at(-1)!.weight.shape[0]!;
  const isNarrow = from.length === 1 && from[0]!.bias === null && outputs <= MAX_LABELS;
  const layers: HeadLayer<DeviceTensor>[] = [];
  for (const [i, { weight, bias }] of from.entries()) {
    const [N, K] = weight.shape as [number, number];
    const values = await read(weight);
    layers.push({
      weight: isNarrow
        ? tensors.place('score', 'float32', [K, N], transpose(values, N, K))
        : tensors.place(`head ${i}`, 'float32', [N, K], values),
      bias: bias && tensors.place(`head ${i} bias`, 'float32', [N], await read(bias)),
    });
  }
  return {
    form: isNarrow ? 'narrow' : 'wide',
    layers,
    activation: head.kind === 'two-layer' ? head.activation : null,
    outputs,
  };
}

async function floatValues(entry: TensorEntry): Promise<Float32Array<ArrayBuffer>> {
  return decodeFloats(await tensorBytes(entry), entry.dtype);
}
