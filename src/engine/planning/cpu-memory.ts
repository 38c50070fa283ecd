import { TiebreakError } from '../../domain/errors.ts';
import { LINEAR_NAMES, linearShape } from '../../model/layer.ts';
import { headGroupChoices, headGroups } from './attention-shape.ts';
import { BATCH_TOKENS } from './batches.ts';
import { layerWeightBytes, maskCount } from './gpu-memory.ts';
import { layersHeld, type Resident } from './layers.ts';
import type { PlannedModel } from './planned-model.ts';

/** Bytes of attention scores that a batch may have on the CPU, where no limit of bindings bounds them. */
export const CPU_SCORE_BYTES = 256 * 2 ** 20;

/**
 * Bytes that a plan may use of the 4 GiB that 32-bit WebAssembly can address. Fragmentation depends on chance and has
 * made heaps a quarter larger than planned. If it makes one larger still, an allocation fails and the batch is halved.
 */
const HEAP_BYTES = 3 * 2 ** 30;

/** Bytes of static data, stacks and sessions. */
const BASE_BYTES = 17e6;
/** Growth of a full heap: by a share of its size, up to `most` bytes. */
const GROWTH = { share: 0.2, most: 96 * 2 ** 20 };

// Numbers of buffers of each kind that exist at a time in attention and in the MLP, fragmentation included; those of
// hidden states exist in both. Measured with bench/cpu-bytes.ts. LoRA adds one for its product.
const HIDDEN = 4;
const ATTENTION = { scores: 1, query: 3, keyValue: 3 };
const MLP = 3;

const FLOAT = 4;

/** A model, and the rows and batches for which its memory on the CPU is planned. */
export interface CpuPlanRequest {
  model: PlannedModel;
  maxLength: number;
  /** Desired tokens of a batch, padding included. Default: `BATCH_TOKENS.wasm`. */
  batchTokens?: number;
  /** Decoder layers that stay in memory. Default: all. */
  resident?: Resident;
}

/**
 * The memory in bytes that a model takes on the CPU. Weights and adapters lie in main memory, everything else in the
 * heap of WebAssembly.
 */
export interface CpuPlan {
  maxLength: number;
  /** Tokens of a batch: at most the desired number, at least those of the longest row. */
  batchTokens: number;
  weightBytes: number;
  adapterBytes: number;
  /** Copies of the current layer, its LoRA included, and its weights that are dequantised to float32. */
  layerBytes: number;
  /** Activations of the largest batch. */
  activationBytes: number;
  /** Attention scores of the largest batch. */
  scoreBytes: number;
  /** Number of groups into which the heads are split so that scores stay within {@link CPU_SCORE_BYTES}. */
  headGroups: number;
  /** Estimate of the whole heap. */
  heapBytes: number;
  /** Bytes that a plan may use of the heap. */
  heapLimit: number;
}

/**
 * Plans a model for the CPU, and halves batches until the heap is large enough for them. Pure.
 * @throws TiebreakError `plan/cpu` with the numbers if not even one row fits.
 */
export function planCpu(request: CpuPlanRequest): CpuPlan {
  const { maxLength, batchTokens: wanted = BATCH_TOKENS.wasm } = request;
  for (let batchTokens = Math.max(wanted, maxLength); ; batchTokens = Math.floor(batchTokens / 2)) {
    const plan = planBatch(request, Math.max(batchTokens, maxLength));
    if (plan.heapBytes <= HEAP_BYTES) return plan;
    if (batchTokens <= maxLength) throw tooSmall(plan);
  }
}

/** The memory for batches of `batchTokens` tokens, even if it exceeds the heap. */
function planBatch(
  { model, maxLength, resident = 'all' }: CpuPlanRequest,
  batchTokens: number,
): CpuPlan {
  const { config, quantization, adapters } = model;
  const { hiddenSize, intermediateSize, numHeads, numKeyValueHeads, headDim } = config;
  const layer = layerWeightBytes(config, quantization, 'float32');
  const adapterBytes = adapters.reduce(
    (sum, { layerBytes, scoreBytes }) => layerBytes.reduce((a, b) => a + b, sum + scoreBytes),
    0,
  );
  const layerBytes =
    layer +
    Math.max(0, ...adapters.flatMap((adapter) => adapter.layerBytes)) +
    unpackedBytes(model);

  const rowScores = numHeads * maxLength ** 2 * FLOAT;
  const choices = headGroupChoices(config);
  const ofRow = rowScores / headGroups(choices, rowScores, CPU_SCORE_BYTES);
  const rows = Math.max(
    1,
    Math.min(Math.floor(batchTokens / maxLength), Math.floor(CPU_SCORE_BYTES / ofRow)),
  );
  const groups = headGroups(choices, rows * rowScores, CPU_SCORE_BYTES);
  const scoreBytes = ATTENTION.scores * ((rows * rowScores) / groups);

  const hasLora = (names: readonly string[]) =>
    adapters.some(({ targets }) =>
      names.some((name) => (targets as ReadonlySet<string>).has(name)),
    );
  const values = (count: number, width: number) => count * batchTokens * width * FLOAT;
  const attention =
    values(ATTENTION.query + (hasLora(['q_proj', 'o_proj']) ? 1 : 0), numHeads * headDim) +
    values(ATTENTION.keyValue, numKeyValueHeads * headDim);
  const mlp = values(MLP + (hasLora(['gate_proj', 'up_proj']) ? 1 : 0), intermediateSize);
  const batchBytes = values(HIDDEN, hiddenSize) + Math.max(attention + scoreBytes, mlp);
  const masks = maskCount(config, maxLength) * maxLength ** 2 * FLOAT;
  const taken = BASE_BYTES + layerBytes + masks + batchBytes;
  return {
    maxLength,
    batchTokens,
    weightBytes: layersHeld(config.numLayers, resident) * layer + FLOAT * hiddenSize,
    adapterBytes,
    layerBytes,
    activationBytes: batchBytes - scoreBytes,
    scoreBytes,
    headGroups: groups,
    heapBytes: Math.round(taken + Math.min(GROWTH.share * taken, GROWTH.most)),
    heapLimit: HEAP_BYTES,
  };
}

/**
 * Bytes for the float32 weights to which quantised products unpack theirs: the first weight and twice the largest. The
 * largest counts twice because a small buffer may take its free place, so that it must be allocated again elsewhere.
 */
function unpackedBytes({ config, quantization }: PlannedModel): number {
  if (quantization === 'none') return 0;
  const bytes = LINEAR_NAMES.map((name) => {
    const { K, N } = linearShape(config, name);
    return K * N * FLOAT;
  });
  return bytes[0]! + 2 * Math.max(...bytes);
}

function tooSmall(plan: CpuPlan): TiebreakError {
  const { maxLength, heapBytes, heapLimit, layerBytes, activationBytes, scoreBytes } = plan;
  return new TiebreakError('plan/cpu', {
    params: {
      maxLength,
      needed: heapBytes,
      layer: layerBytes,
      activations: activationBytes,
      scores: scoreBytes,
      allowed: heapLimit,
    },
  });
}
