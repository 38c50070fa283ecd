import { TiebreakError } from '../../domain/errors.ts';
import { type DecoderConfig, rotaryKinds } from '../../model/decoder.ts';
import type { Precision, Quantization } from '../../model/formats/quantization.ts';
import { type LinearName, layerTensors } from '../../model/layer.ts';
import { headGroupChoices, headGroups } from './attention-shape.ts';
import { padLength } from './batches.ts';
import { layersHeld, type Resident } from './layers.ts';

/** The limits that a device has for buffers, in bytes. WebGPU does not tell how much memory is free. */
export interface MemoryLimits {
  maxBufferSize: number;
  maxStorageBufferBindingSize: number;
}

/** A model, and the rows and batches for which its memory with ONNX Runtime is planned. */
export interface MemoryRequest {
  config: DecoderConfig;
  quantization: Quantization;
  precision: Precision;
  /** Bytes of all adapters in use, score heads included. */
  adapterBytes: number;
  /** Linear layers that have LoRA matrices in at least one decoder layer. */
  loraTargets: ReadonlySet<LinearName>;
  resident: Resident;
  maxLength: number;
  /** Desired tokens of a batch, padding included. */
  batchTokens: number;
  padMultiple?: number;
  limits: MemoryLimits;
}

/** The memory in bytes that a run with ONNX Runtime takes on the device. */
interface MemoryPlan {
  /** Decoder layers and final norm; of streamed layers only the slots. */
  weightBytes: number;
  adapterBytes: number;
  /** Masks and rotary caches. */
  inputBytes: number;
  /** Activations and attention scores of the largest batch, with all copies that ONNX Runtime keeps. */
  batchBytes: number;
  /** Bytes of the scores among them; 0 if these lie in the buffers of the MLP. */
  scoreBytes: number;
  /** Estimate of the sum of all memory. */
  peakBytes: number;
  /** Tokens of a batch: at most the desired number, at least those of the longest row. */
  batchTokens: number;
  /** Number of groups into which the heads are split for rows of the greatest length. */
  headGroups: number;
}

const FLOAT = 4;
const HALF = 2;
/** Sizes of buffers are multiples of this many bytes. */
const ALIGN = 16;

/** Bytes above which ONNX Runtime never reuses buffers, so that those of several operators exist at a time. */
const LARGEST_BUCKET = 167_772_160;

/**
 * Sizes in bytes to which ONNX Runtime rounds buffers up so that it can reuse them. Larger ones keep their size.
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

// Numbers of buffers of each kind that ONNX Runtime keeps at a time: `reused` for sizes up to the largest bucket, with
// free ones that wait for reuse, and `fresh` above it. Measured with bench/gpu-bytes.ts on tiny models and
// bench/gpu-plan.ts on 9B layers. LoRA adds one query or MLP buffer for its product. `narrow` is the float16 copy of a
// hidden state.
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
 * Plans the memory of a run with ONNX Runtime, with smaller batches if the device's limits do not allow the desired
 * ones. Pure.
 * @throws TiebreakError `plan/too-large` with the numbers if a buffer that cannot be made smaller exceeds a limit.
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
    throw new TiebreakError('plan/too-large:row', {
      params: { length, needed: bytes, allowed: limit, fits: longest },
    });
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
    throw new TiebreakError('plan/too-large:scores', {
      params: { length, needed: rowScores / groups, allowed: limit, fits },
    });
  }
  const rowsAtOnce = Math.max(1, Math.min(rows, Math.floor((limit * groups) / rowScores)));
  const batchScores = rowsAtOnce * rowScores;
  const scoreSize = batchScores / headGroups(choices, batchScores, limit);
  const { batchBytes, scoreBytes } = heldBytes(request, batchTokens, scoreSize);
  const masks = maskCount(config, length);
  const positions = 2 ** Math.ceil(Math.log2(Math.max(64, length)));
  const tables = rotaryKinds(config).length * positions * config.headDim;
  const inputBytes = (masks * length * length + tables) * FLOAT;
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

/** Throws `plan/too-large` if the weights of a linear layer exceed the largest buffer. */
export function checkWeights(
  config: DecoderConfig,
  quantization: Quantization,
  precision: Precision,
  limits: MemoryLimits,
): void {
  const limit = bufferLimit(limits);
  for (const { name, bytes } of layerBytes(config, quantization, precision).tensors) {
    if (bytes > limit) {
      throw new TiebreakError('plan/too-large:weights', {
        params: { name, needed: bytes, allowed: limit },
      });
    }
  }
}

/**
 * Largest number of tokens of a batch, padding included, whose activations fit into buffers that ONNX Runtime reuses.
 * More tokens would take several times the memory and be no faster (bench/gpu-plan.ts).
 */
export function maxBatchTokens(config: DecoderConfig, limits: MemoryLimits): number {
  return Math.floor(Math.min(bufferLimit(limits), LARGEST_BUCKET) / widestToken(config));
}

/**
 * Bytes of all buffers that ONNX Runtime keeps for a batch.
 * @param scores bytes of one buffer of attention scores.
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
  // Attention has ended when the MLP runs, so both use the same buffers if their sizes fall into the same bucket.
  const shared = bucketOf(sizes.scores);
  if (shared !== null && shared === bucketOf(sizes.mlp)) {
    batchBytes -= scoreBytes;
    scoreBytes = 0;
  }
  return { batchBytes, scoreBytes };
}

/** The size to which ONNX Runtime rounds a buffer that it reuses; null for a larger one. */
function bucketOf(bytes: number): number | null {
  return BUCKETS.find((bound) => bytes <= bound) ?? null;
}

/** Bytes of the largest buffer that a shader may bind as a whole. */
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
 * Number of different attention masks for rows of `length` tokens: one for each window shorter than that, and one for
 * all others.
 */
export function maskCount(config: DecoderConfig, length: number): number {
  return new Set(config.windows.map((window) => Math.min(window ?? length, length))).size;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}
