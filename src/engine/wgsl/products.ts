import type { DecoderConfig } from '../../model/decoder.ts';
import type { FixedFormat, Quantization, Quantized } from '../../model/formats/quantization.ts';
import { LINEAR_NAMES, type LinearName, type LinearParts, linearShape } from '../../model/layer.ts';
import type { Variant } from '../executor/variants.ts';
import type { LoraLayer } from './adapter.ts';
import type { BufferPool } from './buffers.ts';
import { activationBytes } from './kernels/activations.ts';
import { gatherGroups, gatherKernel } from './kernels/gather.ts';
import {
  codeBytes,
  codeScaleBytes,
  quantizeGroups,
  quantizeKernel,
  unpackInt8Groups,
  unpackInt8Kernel,
} from './kernels/int8.ts';
import { int8ProductKernel } from './kernels/int8-product.ts';
import type { Kernel } from './kernels/kernel.ts';
import {
  type ProductShape,
  type ProductTile,
  productGroups,
  productKernel,
} from './kernels/product.ts';
import {
  scratchBytes,
  subgroupGroups,
  subgroupProductKernel,
  unpackGroups,
  unpackKernel,
} from './kernels/subgroup-product.ts';
import type { Binding, Recorder } from './recorder.ts';
import { LAYOUT, ROW_MULTIPLE, roundUpRows } from './variant.ts';

/** The weights of a linear layer on the device. */
export type LinearBuffers = LinearParts<GPUBuffer>;

/** Tiles of products: `hidden` for those with the hidden size along K, `narrow` for few columns, `wide` for others. */
interface ProductTiles {
  hidden: ProductTile;
  wide: ProductTile;
  narrow: ProductTile;
}

/** Records the products of a decoder layer's linear layers, in one variant. */
export class Products {
  private readonly config: DecoderConfig;
  private readonly quantization: Quantization;
  private readonly variant: Variant;
  private readonly tiles: ProductTiles;
  private readonly recorder: Recorder;
  private readonly pool: BufferPool;

  constructor(options: {
    config: DecoderConfig;
    quantization: Quantization;
    variant: Variant;
    tiles: ProductTiles;
    recorder: Recorder;
    pool: BufferPool;
  }) {
    this.config = options.config;
    this.quantization = options.quantization;
    this.variant = options.variant;
    this.tiles = options.tiles;
    this.recorder = options.recorder;
    this.pool = options.pool;
  }

  /**
   * Records the work that all linear layers of a group share: LoRA's first product `low = input A` and, for int8, the
   * quantisation of the input. The codes stay valid until the next group with the same K.
   */
  async ready(
    group: readonly LinearName[],
    lora: LoraLayer,
    input: Binding,
    low: GPUBuffer,
    M: number,
  ): Promise<void> {
    const { K } = linearShape(this.config, group[0]!);
    if (this.variant === 'int8') {
      const { codes, scales } = this.codes(K, M);
      await this.recorder.run(
        quantizeKernel(K, ROW_MULTIPLE),
        [input, codes, scales],
        [M],
        quantizeGroups(M, K),
        4 * M * K,
      );
    }
    const part = group.map((name) => lora.get(name)).find((found) => found !== undefined);
    if (part === undefined) return;
    const shape: ProductShape = {
      K,
      N: part.groupRank,
      weights: 'none',
      input: LAYOUT[this.variant],
      lora: false,
      arithmetic: 'f32',
      tile: this.tiles.narrow,
    };
    await this.recorder.run(
      productKernel(shape),
      [input, part.A, low],
      [M, 0, 0, 0],
      productGroups(shape, M),
      2 * M * shape.K * shape.N,
    );
  }

  /**
   * Records `output = input W + low B + bias`, float32 [M, N]. {@link Products.ready} must have been called for the
   * input.
   */
  async run(
    name: LinearName,
    weights: LinearBuffers,
    lora: LoraLayer,
    input: Binding,
    low: GPUBuffer,
    output: Binding,
    M: number,
  ): Promise<void> {
    const { N } = linearShape(this.config, name);
    const part = lora.get(name);
    const { kernel, bindings, groups } = await this.product(
      name,
      weights,
      await this.ordered(name, weights, input, M),
      part !== undefined,
      M,
    );
    await this.recorder.run(
      kernel,
      [
        ...bindings,
        ...(part === undefined ? [] : [low, part.B]),
        ...(weights.bias === null ? [] : [weights.bias]),
        output,
      ],
      [M, part?.groupRank ?? 0, part?.start ?? 0, part?.rank ?? 0],
      groups,
      2 * M * N * linearShape(this.config, name).K,
    );
  }

  /** The kernel of a product in this variant, its bindings before those of LoRA and bias, and its workgroups. */
  private async product(
    name: LinearName,
    weights: LinearBuffers,
    input: Binding,
    lora: boolean,
    M: number,
  ): Promise<{ kernel: Kernel; bindings: Binding[]; groups: number }> {
    const { K, N } = linearShape(this.config, name);
    const { variant, quantization } = this;
    const { weight } = weights;
    const scales = scalesOf(weights);
    const bias = weights.bias !== null;
    if (variant === 'subgroup-matrix') {
      const kernel = subgroupProductKernel(K, N, lora, bias);
      const bindings = [input, await this.unpacked(name, weight, scales)];
      return { kernel, bindings, groups: subgroupGroups(N, M) };
    }
    if (variant === 'int8') {
      // `refusal` leaves only these formats to this variant.
      const format = quantization as FixedFormat;
      const shape = { K, N, weights: format, lora, bias, tile: this.tile(K) };
      const { codes, scales: codeScales } = this.codes(K, M);
      const bindings = [codes, codeScales, await this.unpacked(name, weight, scales), ...scales];
      return {
        kernel: int8ProductKernel(shape, ROW_MULTIPLE),
        bindings,
        groups: productGroups(shape, M),
      };
    }
    const arithmetic = variant === 'float16' ? 'f16' : 'f32';
    const unpacks = unpacksWeights(variant, quantization, K);
    const shape: ProductShape = {
      K,
      N,
      weights: unpacks ? 'f16-packed' : quantization,
      input: LAYOUT[variant],
      lora,
      bias,
      arithmetic,
      tile: this.tile(K),
    };
    const bindings = unpacks
      ? [input, await this.unpacked(name, weight, scales)]
      : [input, weight, ...scales];
    return { kernel: productKernel(shape), bindings, groups: productGroups(shape, M) };
  }

  private tile(K: number): ProductTile {
    return K === this.config.hiddenSize ? this.tiles.hidden : this.tiles.wide;
  }

  /** Records the gathering of an input in the order of a weight's features, if that has one. */
  private async ordered(
    name: LinearName,
    { order }: LinearBuffers,
    input: Binding,
    M: number,
  ): Promise<Binding> {
    if (order === null) return input;
    const { K } = linearShape(this.config, name);
    const layout = LAYOUT[this.variant];
    const out = this.pool.get(`ordered ${K}`, activationBytes(layout, roundUpRows(M), K));
    const kernel = gatherKernel(K, layout);
    await this.recorder.run(kernel, [input, order, out], [M], gatherGroups(M, K), M * K);
    return out;
  }

  /** The buffers for int8 codes and scales of inputs [M, K]. */
  private codes(K: number, M: number): { codes: GPUBuffer; scales: GPUBuffer } {
    const padded = roundUpRows(M);
    return {
      codes: this.pool.get(`codes of ${K}`, codeBytes(padded, K)),
      scales: this.pool.get(`scales of ${K}`, codeScaleBytes(padded, K)),
    };
  }

  /** Records the unpacking of a weight, into one buffer that all weights use in turn. */
  private async unpacked(
    name: LinearName,
    weight: GPUBuffer,
    scales: readonly GPUBuffer[],
  ): Promise<GPUBuffer> {
    const { K, N } = linearShape(this.config, name);
    const { variant } = this;
    const out = this.pool.get('unpacked', largestScratch(this.config, variant));
    if (variant === 'int8') {
      const kernel = unpackInt8Kernel(K, N, this.quantization as FixedFormat);
      await this.recorder.run(kernel, [weight, out], [], unpackInt8Groups(K, N), N * K);
    } else {
      const kernel = unpackKernel(K, N, this.quantization as Quantized);
      const bindings = [weight, ...scales, out];
      await this.recorder.run(kernel, bindings, [], unpackGroups(K, N), N * K);
    }
    return out;
  }
}

/** The buffers of scales, and of zero points, of a weight. */
function scalesOf({ scales, zeros }: LinearBuffers): GPUBuffer[] {
  return [scales, zeros].filter((buffer) => buffer !== null);
}

/**
 * True if weights are unpacked to a buffer before a product instead of being decoded into each of its tiles. Decoding
 * is repeated for every tile of rows; unpacking is done once but takes memory. Weights are decoded into tiles in the
 * float32 variant, whose products take so long that decoding does not matter, and if K does not fit `f16-packed`.
 */
export function unpacksWeights(variant: Variant, quantization: Quantization, K: number): boolean {
  if (variant === 'float32' || quantization === 'none') return false;
  return variant !== 'float16' || K % 32 === 0;
}

/** Bytes of the largest unpacked weight of a layer. */
export function largestScratch(config: DecoderConfig, variant: Variant): number {
  return Math.max(
    ...LINEAR_NAMES.map((name) => {
      const { K, N } = linearShape(config, name);
      return scratchBytes(K, N) / (variant === 'int8' ? 2 : 1);
    }),
  );
}
