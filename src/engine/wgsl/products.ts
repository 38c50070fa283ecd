import {
  type Gemma2Config,
  LINEAR_NAMES,
  type LinearName,
  linearShape,
} from '../../model/config.ts';
import { linearInput } from '../../model/onnx/graphs.ts';
import type { Quantization } from '../../model/onnx/layer.ts';
import type { LoraLayer } from './adapter.ts';
import type { BufferPool } from './buffers.ts';
import type { Quantized } from './decode.ts';
import { type ProductShape, productGroups, productKernel } from './product.ts';
import type { Binding, Recorder } from './recorder.ts';
import {
  scratchBytes,
  subgroupGroups,
  subgroupProductKernel,
  unpackGroups,
  unpackKernel,
} from './subgroup-product.ts';
import { LAYOUT, NARROW_TILE, productTile, type Variant } from './variant.ts';

/** Weights of a decoder layer on the device, by the names of the layer graph's inputs. */
export type LayerBuffers = Readonly<Record<string, GPUBuffer>>;

/** Records the products of decoder layers in one variant. */
export class Products {
  private readonly config: Gemma2Config;
  private readonly quantization: Quantization;
  private readonly variant: Variant;
  private readonly small: boolean;
  private readonly recorder: Recorder;
  private readonly pool: BufferPool;

  /** @param options.small takes small tiles, which software devices compile quickly. */
  constructor(options: {
    config: Gemma2Config;
    quantization: Quantization;
    variant: Variant;
    small: boolean;
    recorder: Recorder;
    pool: BufferPool;
  }) {
    this.config = options.config;
    this.quantization = options.quantization;
    this.variant = options.variant;
    this.small = options.small;
    this.recorder = options.recorder;
    this.pool = options.pool;
  }

  /** `low = input A` for all linear layers that share the input; does nothing without LoRA. */
  async low(
    group: readonly LinearName[],
    lora: LoraLayer,
    input: Binding,
    low: GPUBuffer,
    M: number,
  ): Promise<void> {
    const part = group.map((name) => lora.get(name)).find((found) => found !== undefined);
    if (part === undefined) return;
    const shape: ProductShape = {
      K: linearShape(this.config, group[0]!).K,
      N: part.groupRank,
      weights: 'none',
      input: LAYOUT[this.variant],
      lora: false,
      arithmetic: 'f32',
      tile: NARROW_TILE,
    };
    await this.recorder.run(
      productKernel(shape),
      [input, part.A, low],
      [M, 0, 0, 0],
      productGroups(shape, M),
      2 * M * shape.K * shape.N,
    );
  }

  /** `output = input W + low B`, float32 [M, N]. */
  async run(
    name: LinearName,
    layer: LayerBuffers,
    lora: LoraLayer,
    input: Binding,
    low: GPUBuffer,
    output: Binding,
    M: number,
  ): Promise<void> {
    const { K, N } = linearShape(this.config, name);
    const part = lora.get(name);
    const loraBindings = part === undefined ? [] : [low, part.B];
    const parameters = [M, part?.groupRank ?? 0, part?.start ?? 0, part?.rank ?? 0];
    const operations = 2 * M * K * N;
    if (this.variant === 'subgroup-matrix') {
      await this.recorder.run(
        subgroupProductKernel(K, N, part !== undefined),
        [input, await this.unpacked(name, layer), ...loraBindings, output],
        parameters,
        subgroupGroups(N, M),
        operations,
      );
      return;
    }
    const arithmetic = this.variant === 'float16' ? 'f16' : 'f32';
    const shape: ProductShape = {
      K,
      N,
      weights: this.quantization,
      input: LAYOUT[this.variant],
      lora: part !== undefined,
      arithmetic,
      tile: this.small ? NARROW_TILE : productTile(arithmetic, this.recorder.limits),
    };
    const weight = layer[linearInput.weight(name)]!;
    const scales = this.quantization === 'none' ? [] : [layer[linearInput.scales(name)]!];
    await this.recorder.run(
      productKernel(shape),
      [input, weight, ...scales, ...loraBindings, output],
      parameters,
      productGroups(shape, M),
      operations,
    );
  }

  /** A weight as float16, in the one buffer that all weights take in turn. */
  private async unpacked(name: LinearName, layer: LayerBuffers): Promise<GPUBuffer> {
    const { K, N } = linearShape(this.config, name);
    const out = this.pool.get('unpacked', largestScratch(this.config));
    await this.recorder.run(
      unpackKernel(K, N, this.quantization as Quantized),
      [layer[linearInput.weight(name)]!, layer[linearInput.scales(name)]!, out],
      [],
      unpackGroups(K, N),
      N * K,
    );
    return out;
  }
}

/** Bytes of the largest weight of a layer in float16, as the subgroup kernels read it. */
export function largestScratch(config: Gemma2Config): number {
  return Math.max(
    ...LINEAR_NAMES.map((name) => {
      const { K, N } = linearShape(config, name);
      return scratchBytes(K, N);
    }),
  );
}
