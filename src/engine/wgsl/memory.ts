import { TiebreakError } from '../../domain/errors.ts';
import { type DecoderConfig, rotaryKinds } from '../../model/decoder.ts';
import { hasActOrder, type Quantization } from '../../model/formats/quantization.ts';
import type { Variant } from '../executor/variants.ts';
import { bufferLimit, type MemoryLimits } from '../planning/gpu-memory.ts';
import { activationBytes } from './kernels/activations.ts';
import { codeBytes, codeScaleBytes } from './kernels/int8.ts';
import { arrangedBytes, tilesFit } from './kernels/subgroup-attention.ts';
import { largestScratch, unpacksWeights } from './products.ts';
import { PARAMETER_BYTES } from './recorder.ts';
import { LAYOUT, ROW_MULTIPLE, roundUpRows } from './variant.ts';

const FLOAT = 4;
/** Largest number of bytes per token for its position and place, and for its share of blocks and logits. */
const INDEX_BYTES = 32;
// Share (1 / 8) of places in arranged buffers that are left empty because rows of text begin at whole matrices.
const ARRANGED_SHARE = 8;

/** The facts from which the memory of a run with our kernels is planned. */
interface WgslMemoryRequest {
  config: DecoderConfig;
  variant: Variant;
  quantization: Quantization;
  /** Bytes of the decoder layers on the device. */
  weightBytes: number;
  /** Bytes of all adapters in use, score heads included. */
  adapterBytes: number;
  adapters: number;
  /** Largest sum of ranks of LoRA matrices with the same input. */
  rank: number;
  maxLength: number;
  /** Desired tokens of a batch. */
  batchTokens: number;
  limits: MemoryLimits;
}

/** The memory in bytes that a run with our kernels takes on the device. */
interface WgslMemoryPlan {
  /** Temporary buffers of the largest batch. */
  batchBytes: number;
  /** Sum of weights, adapters and temporary buffers. */
  peakBytes: number;
  /** Tokens of a batch: at most the desired number, at least those of the longest row. */
  batchTokens: number;
}

/**
 * Plans the memory of a run: the buffers of {@link WgslModel}, which grow to the largest batch and are reused. Every
 * term below is a named buffer of the decoder, so a buffer that is added there must be added here. Pure.
 * @throws TiebreakError `plan/too-large` with the numbers if the longest row does not fit.
 */
export function planWgslMemory(request: WgslMemoryRequest): WgslMemoryPlan {
  const { config, variant, quantization, adapters, rank, maxLength, limits } = request;
  const most = maxPackedTokens(config, limits);
  if (maxLength > most) {
    const { hiddenSize, numHeads, headDim } = config;
    const bytes = maxLength * Math.max(hiddenSize, numHeads * headDim) * FLOAT;
    throw new TiebreakError('plan/too-large:row', {
      params: { length: maxLength, needed: bytes, allowed: bufferLimit(limits), fits: most },
    });
  }
  const batchTokens = Math.max(maxLength, Math.min(request.batchTokens, most));
  const M = roundUpRows(batchTokens);
  const { hiddenSize: H, intermediateSize: I, numHeads, numKeyValueHeads, headDim } = config;
  const layout = LAYOUT[variant];
  const width = numHeads * headDim;
  const step = Math.min(M, rowsInBinding(I, limits));
  const packed = variant === 'subgroup-matrix';
  const shape = { heads: numHeads, keyValueHeads: numKeyValueHeads, headDim };
  const arranged =
    packed && tilesFit(shape)
      ? arrangedBytes(M + M / ARRANGED_SHARE, numHeads + 2 * numKeyValueHeads, headDim)
      : 0;
  // Inputs in the order of a product's features, a buffer for each number of them. The MLP has fewer rows at a time.
  const orderedRows = new Map([
    [I, step],
    [width, M],
    [H, M],
  ]);
  const ordered = [...orderedRows].reduce(
    (sum, [K, of]) => sum + activationBytes(layout, of, K),
    0,
  );
  const batchBytes =
    // The residual stream, what is added to it, the embedding in float16 and its staging buffer (half the size each),
    // and with several adapters a copy of the residual stream.
    M * H * FLOAT * (adapters > 1 ? 4 : 3) +
    rotaryKinds(config).length * rotaryPositions(maxLength) * headDim * FLOAT +
    roundUpRows(1) * H * FLOAT +
    H * FLOAT + // the final norm
    M * INDEX_BYTES +
    PARAMETER_BYTES +
    M * FLOAT * (width + 2 * numKeyValueHeads * headDim + rank) +
    activationBytes(layout, M, width) +
    activationBytes(layout, M, H) +
    2 * step * I * FLOAT +
    activationBytes(layout, step, I) +
    (unpacksWeights(variant, quantization, H) ? largestScratch(config, variant) : 0) +
    (hasActOrder(quantization) ? ordered : 0) +
    (variant === 'int8' ? codesOf(M, H) + codesOf(M, width) + codesOf(step, I) : 0) +
    arranged;
  const peakBytes = request.weightBytes + request.adapterBytes + batchBytes;
  return { batchBytes, peakBytes, batchTokens };
}

/** Largest number of tokens of a batch whose buffers a shader can bind. */
export function maxPackedTokens(config: DecoderConfig, limits: MemoryLimits): number {
  const { hiddenSize, numHeads, headDim } = config;
  return rowsInBinding(Math.max(hiddenSize, numHeads * headDim), limits);
}

/** Positions in the tables of cosines and sines for rows of up to `longest` tokens: a power of two. */
export function rotaryPositions(longest: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(64, longest)));
}

/** Number of rows of `values` float32 values that fit into one binding, a multiple of {@link ROW_MULTIPLE}. */
function rowsInBinding(values: number, limits: MemoryLimits): number {
  return (
    Math.max(1, Math.floor(bufferLimit(limits) / (values * FLOAT * ROW_MULTIPLE))) * ROW_MULTIPLE
  );
}

/** Bytes of an int8 input [M, K] of products, with its scales. */
function codesOf(M: number, K: number): number {
  return codeBytes(M, K) + codeScaleBytes(M, K);
}
