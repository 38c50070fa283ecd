import type { Tensor } from 'onnxruntime-web';
import type { DeviceTensor } from '../device/tensors.ts';
import type { LayerWeights } from '../executor/weights.ts';
import { layerFeeds } from './onnx/graphs.ts';
import type { Ort } from './ort.ts';

/** Weights as inputs of a graph, by the names of those. */
export type Feeds = Record<string, Tensor>;

/** ONNX Runtime's view of tensors on a device. A view owns nothing: it is dropped with the tensor. */
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
