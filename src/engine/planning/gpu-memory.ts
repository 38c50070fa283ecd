import { TiebreakError } from '../../domain/errors.ts';
import type { DecoderConfig } from '../../model/decoder.ts';
import type { Precision, Quantization } from '../../model/formats/quantization.ts';
import { type LinearName, layerTensors } from '../../model/layer.ts';
import { headGroupChoices, headGroups } from './attention-shape.ts';
import { padLength } from './batches.ts';
import { layersHeld, type Resident } from './layers.ts';

/** The limits that a device states for its memory. WebGPU does not tell how much of it is free. */
export interface MemoryLimits {
  maxBufferSize: number;
  maxStorageBufferBindingSize: number;
}

export interface MemoryRequest {
  config: DecoderConfig;
  quantization: Quantization;
  precision: Precision;
  /** Bytes of all adapters in use, score heads included. */
  adapterBytes: number;
  /** Linear layers that have LoRA matrices somewhere. */
  loraTargets: ReadonlySet<LinearName>;
  resident: Resident;
  maxLength: number;
  /** Tokens of a batch that are wanted, padding included. */
  batchTokens: number;
  padMultiple?: number;
  limits: MemoryLimits;
}

/** The memory that a run with ONNX Runtime takes on the device, in bytes. */
interface MemoryPlan {
  /** Decoder layers and final norm; with streamed layers, those that are there at a time. */
  weightBytes: number;
  adapterBytes: number;
  /** Mask and rotary caches. */
  inputBytes: number;
  /** Activations and attention scores of the largest batch, all copies that ONNX Runtime holds. */
  batchBytes: number;
  /** The scores among them, where they have buffers of their own. */
  scoreBytes: number;
  /** All of it at once, an estimate. */
  peakBytes: number;
  /** Tokens of a batch: at most those that were wanted, at least those of the longest row. */
  batchTokens: number;
  /** Into how many groups the heads are split at the greatest length. */
  headGroups: number;
}

const FLOAT = 4;
const HALF = 2;
/** Buffers are whole multiples of this. */
const ALIGN = 16;

/** Larger buffers are never used again: all that a few operators make are there at a time. */
const LARGEST_BUCKET = 167_772_160;

/**
 * How ONNX Runtime rounds the sizes of its buffers up, so that it can use them again; larger ones it makes as they are.
 * https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/providers/webgpu/buffer_manager.cc
 */
const BUCKETS = [
  64,
  128,
  256,
  512,
  2048,
  4096,
  8192,
  16384,
  32768,
  65536,
  131072,
  262144,
  524288,
  1048576,
  2097152,
  4194304,
  8388608,
  12582912,
  16777216,
  26214400,
  33554432,
  44236800,
  58982400,
  67108864,
  134217728,
  LARGEST_BUCKET,
];

// Buffers of each kind that ONNX Runtime holds at a time: `reused` up to the largest bucket, free ones that wait to be
// used again included, `fresh` above it. Measured with bench/gpu-bytes.ts on tiny models and bench/gpu-plan.ts on 9B
// layers. LoRA adds its product to that of the layer, which is one more query or MLP value. `narrow` is the float16
// copy of a hidden state.
const HELD = {
  scores: { reused: 2, fresh: 5 },
  hidden: { reused: 6, fresh: 4 },
  narrow: { reused: 2, fresh: 2 },
  mlp: { reused: 3, fresh: 4 },
  query: { reused: 2, fresh: 3 },
  keyValue: { reused: 4, fresh: 4 },
};
const ATTENTION_TARGETS: readonly LinearName[] = ['q_proj', 'k_proj', 'v_proj', 'o_proj'];
const MLP_TARGETS: readonly LinearName[] = ['gate_proj', 'up_proj'];

/**
 * Plans the memory of a run with ONNX Runtime, in smaller batches where the device's limits do not allow those that are
 * wanted. Pure.
 * @throws TiebreakError `plan/too-large` with the numbers when a buffer that cannot be made smaller is over a limit.
 */
export function planMemory(request: MemoryRequest): MemoryPlan {
  const { config, quantization, precision, resident, limits, padMultiple = 32 } = request;
  const limit = bufferLimit(limits);
  const layer = layerBytes(config, quantization, precision);
  checkWeights(config, quantization, precision, limits);
  const weightBytes =
    layersHeld(config.numLayers, resident) * layer.bytes + aligned(config.hiddenSize * FLOAT);

  const length = padLength(request.maxLength, padMultiple);
  const longest = Math.floor(limit / widestToken(config));
  if (length > longest) {
    const bytes = length * widestToken(config);
    throw tooLarge(`A row of ${length} tokens`, bytes, limit, longest);
  }
  const batchTokens = Math.max(
    length,
    Math.min(request.batchTokens, maxBatchTokens(config, limits)),
  );
  const rows = Math.max(1, Math.floor(batchTokens / length));

  const choices = headGroupChoices(config);
  const rowScores = config.numHeads * length * length * FLOAT;
  const groups = headGroups(choices, rowScores, limit);
  if (rowScores / groups > limit) {
    const fits = Math.floor(Math.sqrt((limit * groups) / (config.numHeads * FLOAT)));
    throw tooLarge(`The attention scores of ${length} tokens`, rowScores / groups, limit, fits);
  }
  const rowsAtOnce = Math.max(1, Math.min(rows, Math.floor((limit * groups) / rowScores)));
  const batchScores = rowsAtOnce * rowScores;
  const scoreSize = batchScores / headGroups(choices, batchScores, limit);
  const { batchBytes, scoreBytes } = heldBytes(request, batchTokens, scoreSize);
  const masks = maskCount(config, length);
  const positions = 2 ** Math.ceil(Math.log2(Math.max(64, length)));
  const inputBytes = masks * length * length * FLOAT + positions * config.headDim * FLOAT;
  return {
    weightBytes,
    adapterBytes: request.adapterBytes,
    inputBytes,
    batchBytes,
    scoreBytes,
    peakBytes: weightBytes + request.adapterBytes + inputBytes + batchBytes,
    batchTokens,
    headGroups: groups,
  };
}

/** @throws TiebreakError `plan/too-large` when a buffer cannot hold the weights of a linear layer. */
export function checkWeights(
  config: DecoderConfig,
  quantization: Quantization,
  precision: Precision,
  limits: MemoryLimits,
): void {
  const limit = bufferLimit(limits);
  for (const { name, bytes } of layerBytes(config, quantization, precision).tensors) {
    if (bytes > limit) throw tooLarge(`The weights of ${name}`, bytes, limit, null);
  }
}

/**
 * Tokens of a batch, padding included, whose largest activations fit into a buffer that ONNX Runtime uses again. More
 * tokens take several times the memory and are no faster (bench/gpu-plan.ts).
 */
export function maxBatchTokens(config: DecoderConfig, limits: MemoryLimits): number {
  return Math.floor(Math.min(bufferLimit(limits), LARGEST_BUCKET) / widestToken(config));
}

/**
 * Bytes of all buffers that ONNX Runtime holds for a batch; `scores` are the bytes of one buffer of attention scores.
 */
function heldBytes(
  { config, precision, loraTargets }: MemoryRequest,
  batchTokens: number,
  scores: number,
): Pick<MemoryPlan, 'batchBytes' | 'scoreBytes'> {
  const half = precision === 'float16';
  const sizes: Record<keyof typeof HELD, number> = {
    scores,
    hidden: batchTokens * config.hiddenSize * FLOAT,
    narrow: half ? batchTokens * config.hiddenSize * HALF : 0,
    mlp: batchTokens * config.intermediateSize * (half ? HALF : FLOAT),
    query: batchTokens * config.numHeads * config.headDim * FLOAT,
    keyValue: batchTokens * config.numKeyValueHeads * config.headDim * FLOAT,
  };
  const extra: Partial<typeof sizes> = {
    query: ATTENTION_TARGETS.some((name) => loraTargets.has(name)) ? 1 : 0,
    mlp: MLP_TARGETS.some((name) => loraTargets.has(name)) ? 1 : 0,
  };
  let batchBytes = 0;
  let scoreBytes = 0;
  for (const kind of Object.keys(HELD) as (keyof typeof HELD)[]) {
    if (sizes[kind] === 0) continue;
    const bucket = bucketOf(sizes[kind]);
    const { reused, fresh } = HELD[kind];
    const held = (bucket === null ? fresh : reused) + (extra[kind] ?? 0);
    batchBytes += held * (bucket ?? sizes[kind]);
    if (kind === 'scores') scoreBytes = held * (bucket ?? sizes[kind]);
  }
  // Attention is over when the MLP runs: scores lie in the MLP's buffers where both have the same size.
  const shared = bucketOf(sizes.scores);
  if (shared !== null && shared === bucketOf(sizes.mlp)) {
    batchBytes -= scoreBytes;
    scoreBytes = 0;
  }
  return { batchBytes, scoreBytes };
}

/** The size that ONNX Runtime gives a buffer which it uses again; null for one that it does not. */
function bucketOf(bytes: number): number | null {
  return BUCKETS.find((bound) => bytes <= bound) ?? null;
}

/** Bytes of the largest buffer that a shader may bind whole. */
export function bufferLimit({ maxBufferSize, maxStorageBufferBindingSize }: MemoryLimits): number {
  return Math.min(maxBufferSize, maxStorageBufferBindingSize);
}

/** Bytes of the widest activation of a token. */
function widestToken({ hiddenSize, intermediateSize, numHeads, headDim }: DecoderConfig): number {
  return Math.max(hiddenSize, intermediateSize, numHeads * headDim) * FLOAT;
}

/** Bytes of the weights of a decoder layer. */
export function layerWeightBytes(
  config: DecoderConfig,
  quantization: Quantization,
  precision: Precision,
): number {
  return layerBytes(config, quantization, precision).bytes;
}

function layerBytes(config: DecoderConfig, quantization: Quantization, precision: Precision) {
  const tensors = layerTensors(config, quantization, 0).map(({ part, of: name, dtype, shape }) => {
    const values = shape.reduce((product, n) => product * n, 1);
    const wide = part === 'scales' && precision === 'float16' ? HALF : FLOAT;
    return { name, bytes: aligned(values * (dtype === 'U8' ? 1 : wide)) };
  });
  return { tensors, bytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/**
 * Attention masks of a batch whose rows have so many tokens: one for each window that cuts something off, one for none.
 */
export function maskCount(config: DecoderConfig, length: number): number {
  return new Set(config.windows.map((window) => Math.min(window ?? length, length))).size;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}

/**
 * The error for one buffer that a device does not allow. `fits`: tokens of a row that would fit; null: that does not
 * help.
 */
export function tooLarge(
  what: string,
  bytes: number,
  limit: number,
  fits: number | null,
): TiebreakError {
  return new TiebreakError('plan/too-large', {
    params: { what, needed: megabytes(bytes), allowed: megabytes(limit), fits },
  });
}

/** `12.3 MB`; small numbers in bytes. */
export function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}
