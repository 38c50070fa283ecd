import type { DecoderConfig } from '../../model/decoder.ts';
import { LINEAR_NAMES, linearShape } from '../../model/layer.ts';

/** Floating-point operations of a model's decoder layers. */
export interface Flops {
  /** Operations of the linear layers, per token. */
  token: number;
  /** Operations of attention, per pair of tokens of a text, that is, per squared length. */
  square: number;
}

/** Counts the operations of a model; a multiplication and an addition count as two. */
export function flopsOf(config: DecoderConfig): Flops {
  const { numLayers, numHeads, headDim } = config;
  const linear = LINEAR_NAMES.reduce((sum, name) => {
    const { K, N } = linearShape(config, name);
    return sum + 2 * K * N;
  }, 0);
  return { token: numLayers * linear, square: numLayers * 4 * numHeads * headDim };
}

/** Length in tokens at which attention costs as much as all other work. */
export function balanceOf(config: DecoderConfig): number {
  const { token, square } = flopsOf(config);
  return token / square;
}
