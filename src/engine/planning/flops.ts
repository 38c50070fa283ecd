import type { DecoderConfig } from '../../model/decoder.ts';
import { LINEAR_NAMES, linearShape } from '../../model/layer.ts';

/** Floating-point operations of a model's decoder layers. */
export interface Flops {
  /** Of the linear layers, for each token. */
  token: number;
  /** Of attention, for each pair of tokens of a text: its length squared. */
  square: number;
}

/** Counts the operations of a model of this shape; a product and its sum count as two. */
export function flopsOf(config: DecoderConfig): Flops {
  const { numLayers, numHeads, headDim } = config;
  const linear = LINEAR_NAMES.reduce((sum, name) => {
    const { K, N } = linearShape(config, name);
    return sum + 2 * K * N;
  }, 0);
  return { token: numLayers * linear, square: numLayers * 4 * numHeads * headDim };
}

/** At which length attention costs as much as all other work of a token. */
export function balanceOf(config: DecoderConfig): number {
  const { token, square } = flopsOf(config);
  return token / square;
}
