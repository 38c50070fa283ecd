import { headGroupChoices, headGroups } from '../core/attention.ts';
import { TiebreakError } from '../core/errors.ts';
import { padLength } from '../core/plan.ts';
import { type Gemma2Config, LINEAR_NAMES, NORM_NAMES } from '../model/config.ts';
import { linearTensors } from '../model/onnx/graphs.ts';
import type { Precision, Quantization } from '../model/onnx/layer.ts';
import type { Resident } from './layer-store.ts';

/** What a device says about its memory. How much of it is free, WebGPU does not tell. */
export interface MemoryLimits {
  maxBufferSize: number;
  maxStorageBufferBindingSize: number;
}

export interface MemoryRequest {
  config: Gemma2Config;
  quantization: Quantization;
  precision: Precision;
  /** Bytes of all adapters in use, score heads included: see {@link adapterBytes}. */
  adapterBytes: number;
  resident: Resident;
  maxLength: number;
  /** Tokens of a batch that are wanted, padding included. */
  batchTokens: number;
  padMultiple?: number;
  limits: MemoryLimits;
}

/** What a run takes on the device, in bytes. */
export interface MemoryPlan {
  /** Decoder layers and final norm; with streamed layers, those that are there at a time. */
  weightBytes: number;
  adapterBytes: number;
  /** Mask and rotary caches. */
  inputBytes: number;
  /** Attention scores of the largest batch, all copies that ONNX Runtime holds. */
  scoreBytes: number;
  /** Everything else of a batch. */
  activationBytes: number;
  /** All of it at once, an estimate. */
  peakBytes: number;
  /** Tokens of a batch that the device's limits allow, at most those that were wanted. */
  batchTokens: number;
  /** Into how many groups the heads are split at the greatest length. */
  headGroups: number;
}

const FLOAT = 4;
/** Buffers are whole multiples of this. */
const ALIGN = 16;

// Buffers of these kinds that ONNX Runtime holds at a time, its free ones included (bench/gpu-bytes.ts).
const HELD = { scores: 2, hidden: 4, mlp: 3, query: 2, keyValue: 4 };

/**
 * What a run takes, and what the device's limits leave of what was wanted. Pure.
 * @throws TiebreakError `plan/too-large` with the numbers when a buffer that cannot be made smaller is over a limit.
 */
export function planMemory(request: MemoryRequest): MemoryPlan {
  const { config, quantization, precision, resident, limits, padMultiple = 32 } = request;
  const limit = bufferLimit(limits);
  const layer = layerBytes(config, quantization, precision);
  checkWeights(config, quantization, precision, limits);
  const layers =
    resident === 'all' ? config.numLayers : Math.min(config.numLayers, Math.max(0, resident) + 2);
  const weightBytes = layers * layer.bytes + aligned(config.hiddenSize * FLOAT);

  const length = padLength(request.maxLength, padMultiple);
  const longest = maxBatchTokens(config, limits);
  if (length > longest) {
    const bytes = length * widestToken(config);
    throw tooLarge(`A row of ${length} tokens`, bytes, limit, longest);
  }
  const batchTokens = Math.max(length, Math.min(request.batchTokens, longest));
  const rows = Math.max(1, Math.floor(batchTokens / length));

  const choices = headGroupChoices(config);
  const rowScores = config.numHeads * length * length * FLOAT;
  const groups = headGroups(choices, rowScores, limit);
  if (rowScores / groups > limit) {
    const fits = Math.floor(Math.sqrt((limit * groups) / (config.numHeads * FLOAT)));
    throw tooLarge(`The attention scores of ${length} tokens`, rowScores / groups, limit, fits);
  }
  const rowsAtOnce = Math.max(1, Math.min(rows, Math.floor((limit * groups) / rowScores)));
  const scoreBytes = (HELD.scores * rowsAtOnce * rowScores) / groups;
  const T = Math.max(length, batchTokens);
  const activationBytes =
    T *
    FLOAT *
    (HELD.hidden * config.hiddenSize +
      HELD.mlp * config.intermediateSize +
      HELD.query * config.numHeads * config.headDim +
      HELD.keyValue * config.numKeyValueHeads * config.headDim);
  const masks = length > config.slidingWindow ? 2 : 1;
  const positions = 2 ** Math.ceil(Math.log2(Math.max(64, length)));
  const inputBytes = masks * length * length * FLOAT + positions * config.headDim * FLOAT;
  return {
    weightBytes,
    adapterBytes: request.adapterBytes,
    inputBytes,
    scoreBytes,
    activationBytes,
    peakBytes: weightBytes + request.adapterBytes + inputBytes + scoreBytes + activationBytes,
    batchTokens,
    headGroups: groups,
  };
}

/** @throws TiebreakError `plan/too-large` when a buffer cannot hold the weights of a linear layer. */
export function checkWeights(
  config: Gemma2Config,
  quantization: Quantization,
  precision: Precision,
  limits: MemoryLimits,
): void {
  const limit = bufferLimit(limits);
  for (const { name, bytes } of layerBytes(config, quantization, precision).tensors) {
    if (bytes > limit) throw tooLarge(`The weights of ${name}`, bytes, limit, null);
  }
}

/** Tokens of a batch, padding included, whose largest activations still fit into one buffer. */
export function maxBatchTokens(config: Gemma2Config, limits: MemoryLimits): number {
  return Math.floor(bufferLimit(limits) / widestToken(config));
}

function bufferLimit({ maxBufferSize, maxStorageBufferBindingSize }: MemoryLimits): number {
  return Math.min(maxBufferSize, maxStorageBufferBindingSize);
}

/** Bytes of the widest activation of a token. */
function widestToken({ hiddenSize, intermediateSize, numHeads, headDim }: Gemma2Config): number {
  return Math.max(hiddenSize, intermediateSize, numHeads * headDim) * FLOAT;
}

function layerBytes(config: Gemma2Config, quantization: Quantization, precision: Precision) {
  const tensors: { name: string; bytes: number }[] = [];
  for (const name of LINEAR_NAMES) {
    const { weight, scales } = linearTensors(config, name, quantization, precision);
    for (const spec of scales === undefined ? [weight] : [weight, scales]) {
      const values = spec.shape.reduce((product, n) => product * n, 1);
      const size = spec.type === 'uint8' ? 1 : spec.type === 'float16' ? 2 : FLOAT;
      tensors.push({ name, bytes: aligned(values * size) });
    }
  }
  for (const name of NORM_NAMES) tensors.push({ name, bytes: aligned(config.hiddenSize * FLOAT) });
  return { tensors, bytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}

function tooLarge(what: string, bytes: number, limit: number, fits: number | null): TiebreakError {
  return new TiebreakError(
    'plan/too-large',
    `${what} would take ${megabytes(bytes)} in one buffer; this device allows ${megabytes(limit)}.`,
    {
      action:
        fits === null
          ? 'Use another device or a smaller model.'
          : `Set max_length to ${fits} or less, or use another device.`,
    },
  );
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}
