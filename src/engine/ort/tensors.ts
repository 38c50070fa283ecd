import type { Tensor } from 'onnxruntime-web';
import type { DeviceTensor } from '../device/tensors.ts';
import type { LayerWeights } from '../executor/weights.ts';
import { layerFeeds } from './onnx/graphs.ts';
import type { Ort } from './ort.ts';

/** Tensors by the names of a graph's inputs. */
export type Feeds = Record<string, Tensor>;

/** Makes ONNX Runtime's views of tensors on a device. A view owns nothing and is dropped with its tensor. */
export class TensorViews {
  private readonly ort: Ort;
  private readonly views = new WeakMap<DeviceTensor, Tensor>();

  constructor(ort: Ort) {
    this.ort = ort;
  }

  of(tensor: DeviceTensor): Tensor {
    let view = this.views.get(tensor);
    if (view === undefined) {
      const { type, shape } = tensor;
      view =
        tensor.device === 'webgpu'
          ? this.ort.Tensor.fromGpuBuffer(tensor.buffer, { dataType: type, dims: shape })
          : new this.ort.Tensor(type as 'uint8', tensor.values as Uint8Array, shape);
      this.views.set(tensor, view);
    }
    return view;
  }

  /** The weights of a decoder layer as inputs of the layer graph. */
  ofLayer(weights: LayerWeights): Feeds {
    return layerFeeds(weights, (tensor) => this.of(tensor));
  }
}
