import { TiebreakError } from '../../domain/errors.ts';
import { LINEAR_NAMES, linearShape } from '../../model/layer.ts';
import { headGroupChoices, headGroups } from './attention-shape.ts';
import { BATCH_TOKENS } from './batches.ts';
import { layerWeightBytes, maskCount, megabytes } from './gpu-memory.ts';
import { layersHeld, type Resident } from './layers.ts';
import type { PlannedModel } from './planned-model.ts';

/** A CPU has no binding limit; this bounds what the scores of a batch take of the heap. */
export const CPU_SCORE_BYTES = 256 * 2 ** 20;

/**
 * Bytes that may be planned of the 4 GiB that 32-bit WebAssembly can address. Where buffers come to lie is chance, and
 * the holes between them have made a heap a quarter larger than planned. If they make it larger still, allocating
 * fails, and the batch is halved.
 */
const HEAP_BYTES = 3 * 2 ** 30;

/** Static data, stacks, sessions. */
const BASE_BYTES = 17e6;
/** A heap that must grow grows by a fifth, and by no more than this. */
const GROWTH = { share: 0.2, most: 96 * 2 ** 20 };

// Buffers of each kind that are there at a time in the attention and in the MLP, holes included; `hidden` in both.
// Measured with bench/cpu-bytes.ts. LoRA adds its product.
const HIDDEN = 4;
const ATTENTION = { scores: 1, query: 3, keyValue: 3 };
const MLP = 3;

const FLOAT = 4;

export interface CpuPlanRequest {
  model: PlannedModel;
  maxLength: number;
  /** Tokens of a batch that are wanted, padding included. Left out: what is usual. */
  batchTokens?: number;
  /** Decoder layers that stay in memory. Left out: all. */
  resident?: Resident;
}

/**
 * The memory that a model takes on the CPU, in bytes. Weights and adapters lie in main memory; all else in the heap of
 * WebAssembly.
 */
export interface CpuPlan {
  maxLength: number;
  /** Tokens of a batch: at most those that were wanted, at least those of the longest row. */
  batchTokens: number;
  weightBytes: number;
  adapterBytes: number;
  /** Copies of the layer that is computed, its adapter included, and of its largest weights before quantisation. */
  layerBytes: number;
  /** Activations of the largest batch. */
  activationBytes: number;
  /** Its attention scores. */
  scoreBytes: number;
  /** Into how many groups the heads are split for them. */
  headGroups: number;
  /** The whole heap, an estimate, and what may be planned of it. */
  heapBytes: number;
  heapLimit: number;
}

/**
 * Plans a model for the CPU: smaller batches where the heap is too small for those that are wanted. Pure.
 * @throws TiebreakError `plan/cpu` with the numbers when not even one row fits.
 */
export function planCpu(request: CpuPlanRequest): CpuPlan {
  const { maxLength, batchTokens: wanted = BATCH_TOKENS.wasm } = request;
  for (let batchTokens = Math.max(wanted, maxLength); ; batchTokens = Math.floor(batchTokens / 2)) {
    const plan = planBatch(request, Math.max(batchTokens, maxLength));
    if (plan.heapBytes <= HEAP_BYTES) return plan;
    if (batchTokens <= maxLength) throw tooSmall(plan);
  }
}

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
 * Bytes that quantised products take to make their weights float32: the largest, and what smaller ones before it leave
 * free. Now and then a small buffer comes to lie in the place of the largest, so that it does not fit there the next
 * time.
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
      needed: megabytes(heapBytes),
      layer: megabytes(layerBytes),
      activations: megabytes(activationBytes),
      scores: megabytes(scoreBytes),
      allowed: megabytes(heapLimit),
    },
  });
}
