import { asTiebreakError, type PlainError, TiebreakError } from '../domain/errors.ts';
import type { Precision } from '../model/formats/quantization.ts';
import { autoPrecision } from './device/backend.ts';
import type { FoundGpu } from './device/gpus.ts';
import {
  type EnginePrecision,
  type ExecutorKind,
  PRECISION_OF,
  type Variant,
  variantsFor,
} from './executor/variants.ts';
import { BATCH_TOKENS, LARGE_BATCH_TOKENS } from './planning/batches.ts';
import { checkWeights, layerWeightBytes, planMemory } from './planning/gpu-memory.ts';
import { type LayerRange, layersHeld, layersKept, type Resident } from './planning/layers.ts';
import type { PlannedModel } from './planning/planned-model.ts';
import { planWgslMemory } from './wgsl/memory.ts';
import { refusalFor } from './wgsl/variant.ts';

/**
 * Choice of the GPUs that compute. `auto`: one or, if that is too small for all layers, two that share them. `one`:
 * only one. `all`: every GPU, each with the whole model. `split`: two that share the layers.
 */
export type LaneChoice = 'auto' | 'one' | 'all' | 'split';

/**
 * Tokens of the parts in which a batch passes through two GPUs that share the layers. While the second GPU computes one
 * part, the first computes the next. Smaller parts would shorten the waits at start and end, but use a GPU less well.
 */
const PART_TOKENS = 2048;

/** The model, the GPUs and the user's choices for {@link planModel}. */
export interface PlanRequest {
  model: PlannedModel;
  /** All GPUs, the fast one first. */
  gpus: readonly FoundGpu[];
  /**
   * Bytes of memory that may be used on each GPU, in the same order. Null or left out means no limit: browsers do not
   * tell how much there is.
   */
  budgets?: readonly (number | null)[];
  lanes?: LaneChoice;
  precision?: EnginePrecision | 'auto';
  executor?: ExecutorKind | 'auto';
  /** Decoder layers that stay on a GPU. Default: as many as fit. */
  resident?: Resident;
  maxLength: number;
  /** Desired tokens of a batch. Default: `BATCH_TOKENS`, or `LARGE_BATCH_TOKENS` for several GPUs. */
  batchTokens?: number;
}

/** The layers that a GPU computes, and the memory in bytes that they take. */
export interface GpuPlan {
  gpu: string;
  /** Index of the GPU in the request. */
  index: number;
  executor: ExecutorKind;
  /** The fastest variant for which the GPU has the features; the self-test may refuse it. Null for ONNX Runtime. */
  variant: Variant | null;
  precision: EnginePrecision;
  /** The layers that it computes. */
  range: LayerRange;
  /** Number of these that stay on it. */
  residentLayers: number;
  weightBytes: number;
  adapterBytes: number;
  /** Everything that a batch needs except the scores: activations, masks, rotary caches. */
  activationBytes: number;
  /** Null if attention stores no scores; 0 if they lie in the buffers of the MLP. */
  scoreBytes: number | null;
  /** Number of groups into which the heads are split so that scores fit into a buffer. */
  headGroups: number;
  /** Sum of all bytes above. */
  totalBytes: number;
  /** Tokens that are computed together. */
  batchTokens: number;
  /** Bytes of layers that are read again for every batch. */
  streamedBytes: number;
  /** Bytes that the user allows; null for no limit. */
  budgetBytes: number | null;
  /** Bytes of the largest buffer that the GPU allows. */
  maxBufferSize: number;
  /** Bytes of the largest buffer that a shader may bind. */
  maxBindingSize: number;
}

/** A plan for computing a model. */
export interface ModelPlan {
  lanes: 'one' | 'all' | 'split';
  maxLength: number;
  layers: number;
  /** Tokens of a batch; with `split` it passes through the GPUs in parts of `gpus[0].batchTokens`. */
  batchTokens: number;
  /** One entry per GPU; with `split` that of the lower layers first. */
  gpus: GpuPlan[];
  /** With `all`, the GPUs on which the model does not fit, with reasons. */
  refused: { gpu: string; error: PlainError }[];
  /** Bytes that one GPU alone would read again for every batch, if that is why two share the layers; else null. */
  streamedInstead: number | null;
}

/**
 * Decides, before anything is loaded, which GPUs compute which layers, how many layers stay on them, and how large
 * batches are. It prefers all layers on one GPU, with smaller batches if necessary; then two GPUs that share the
 * layers, because the hidden states that cross between them are smaller than the layers; then one GPU that reads layers
 * again for every batch. Pure.
 * @throws TiebreakError `plan/no-room` or `plan/too-large` with the numbers if the model cannot fit, `plan/split` if
 * two
 *   GPUs were requested to share the layers and cannot, `gpu/none` without a GPU.
 */
export function planModel(request: PlanRequest): ModelPlan {
  const { gpus, lanes = 'auto', maxLength, model } = request;
  const { numLayers: layers } = model.config;
  const whole = { from: 0, to: layers };
  if (gpus.length === 0) throw new TiebreakError('gpu/none:plan');
  const plan = { maxLength, layers, refused: [], streamedInstead: null };
  const { batchTokens: largest = LARGE_BATCH_TOKENS } = request;
  const shared = { ...plan, lanes: 'split' as const, batchTokens: Math.max(maxLength, largest) };
  if (lanes === 'split') return { ...shared, gpus: planSplit(request) };
  if (lanes === 'all' && gpus.length > 1) {
    const each = gpus.map((_, i) =>
      attempt(() => planGpu({ ...request, batchTokens: largest }, i, whole)),
    );
    const fitting = each.flatMap(({ value }) => value ?? []);
    if (fitting.length === 0) throw each[0]!.error;
    const refused = each.flatMap(({ error }, i) =>
      error === undefined ? [] : [{ gpu: gpus[i]!.name, error: error.toPlain() }],
    );
    const batchTokens = Math.min(...fitting.map((gpu) => gpu.batchTokens));
    return { ...plan, lanes, batchTokens, gpus: fitting, refused };
  }
  const one = attempt(() => planGpu(request, 0, whole));
  const streamed = one.value?.streamedBytes ?? Number.POSITIVE_INFINITY;
  if (lanes === 'auto' && streamed > 0 && request.resident === undefined) {
    const { value: split } = attempt(() => planSplit(request));
    const both = split?.reduce((sum, { streamedBytes }) => sum + streamedBytes, 0);
    if (split !== undefined && both! < streamed) {
      const streamedInstead = Number.isFinite(streamed) ? streamed : null;
      return { ...shared, gpus: split, streamedInstead };
    }
  }
  if (one.value === undefined) throw one.error;
  const { batchTokens } = one.value;
  return { ...plan, lanes: 'one', batchTokens, gpus: [one.value] };
}

/**
 * Plans two GPUs that share the layers in proportion to the number of layers that fit on each.
 * @throws TiebreakError `plan/split`, `plan/too-large`.
 */
function planSplit(request: PlanRequest): GpuPlan[] {
  const { gpus, model } = request;
  const { numLayers: layers } = model.config;
  if (gpus.length < 2) {
    throw new TiebreakError('plan/split:one-gpu');
  }
  if (layers < 2) throw new TiebreakError('plan/split:one-layer');
  const pair = [0, 1].map((i) => {
    if (chosenExecutor(request, i).variant === null) {
      throw new TiebreakError('plan/split:executor', { params: { gpu: gpus[i]!.name } });
    }
    return room(request, i);
  });
  const [first, second] = pair.map((fits) => Math.min(layers, Math.max(1, fits))) as [
    number,
    number,
  ];
  const share = Math.round((layers * first) / (first + second));
  // If not all layers fit, both GPUs read some of theirs again for every batch.
  const [least, most] = first + second < layers ? [1, layers] : [layers - second, first];
  const at = Math.min(layers - 1, most, Math.max(1, least, share));
  return [planGpu(request, 0, { from: 0, to: at }), planGpu(request, 1, { from: at, to: layers })];
}

/** Number of layers that fit on a GPU beside everything else; infinite without a limit. */
function room(request: PlanRequest, i: number): number {
  const budget = request.budgets?.[i] ?? null;
  if (budget === null) return Number.POSITIVE_INFINITY;
  const { model, maxLength } = request;
  const none = { from: 0, to: 0 };
  const adapters = model.adapters.map(({ layerBytes }) => Math.max(...layerBytes));
  const layer = layerBytesOn(request, i) + adapters.reduce((sum, bytes) => sum + bytes, 0);
  const layersBeside = (batch: number) =>
    Math.floor(
      (budget - finalNormBytes(model) - partsOf(request, i, none, batch).fixedBytes) / layer,
    );
  const fits = layersBeside(splitBatch(maxLength));
  return fits > 0 ? fits : layersBeside(maxLength);
}

/** Bytes of a decoder layer on a GPU. Our kernels have float32 scales in every variant. */
function layerBytesOn(request: PlanRequest, i: number): number {
  const { config, quantization } = request.model;
  const { variant, precision } = chosenExecutor(request, i);
  return layerWeightBytes(config, quantization, variant === null ? storedAs(precision) : 'float32');
}

function storedAs(precision: EnginePrecision): Precision {
  return precision === 'float16' ? 'float16' : 'float32';
}

function splitBatch(maxLength: number): number {
  return Math.max(PART_TOKENS, maxLength);
}

/**
 * Plans the layers of `range` on one GPU: all resident, with smaller batches if necessary; otherwise as many as leave
 * room for the slots of streamed layers.
 */
function planGpu(request: PlanRequest, i: number, range: LayerRange): GpuPlan {
  const { model, maxLength, resident } = request;
  const budget = request.budgets?.[i] ?? null;
  const { executor, variant, precision } = chosenExecutor(request, i);
  const { numLayers } = model.config;
  const count = range.to - range.from;
  const layer = layerBytesOn(request, i);
  checkWeights(
    model.config,
    model.quantization,
    storedAs(precision),
    request.gpus[i]!.facts.limits,
  );
  const { batchTokens: usual = BATCH_TOKENS.webgpu } = request;
  const wanted = count < numLayers ? splitBatch(maxLength) : usual;
  const plan = (keep: Resident, batch: number): GpuPlan => {
    const { fixedBytes, batchTokens, ...bytes } = partsOf(request, i, range, batch);
    const weightBytes = layersHeld(count, keep) * layer + finalNormBytes(model);
    const { limits } = request.gpus[i]!.facts;
    const residentLayers = layersKept(count, keep);
    return {
      gpu: request.gpus[i]!.name,
      index: i,
      executor,
      variant,
      precision,
      range,
      residentLayers,
      weightBytes,
      ...bytes,
      totalBytes: weightBytes + fixedBytes,
      batchTokens,
      streamedBytes: (count - residentLayers) * layer,
      budgetBytes: budget,
      maxBufferSize: limits.maxBufferSize,
      maxBindingSize: limits.maxStorageBufferBindingSize,
    };
  };
  if (budget === null) return plan(resident ?? 'all', wanted);
  const batches = [wanted];
  while (batches.at(-1)! > maxLength) {
    batches.push(Math.max(maxLength, Math.floor(batches.at(-1)! / 2)));
  }
  if (resident === undefined || resident === 'all') {
    for (const batch of batches) {
      const all = plan('all', batch);
      if (all.totalBytes <= budget) return all;
    }
  }
  // Every batch reads the streamed layers once, whatever its size, so larger batches are tried first.
  for (const batch of batches) {
    const least = plan(0, batch);
    const more = Math.floor((budget - least.totalBytes) / layer);
    if (more >= 0)
      return plan(Math.min(more, typeof resident === 'number' ? resident : count), batch);
  }
  const { gpu, weightBytes, adapterBytes, totalBytes } = plan(0, maxLength);
  const batchBytes = totalBytes - weightBytes - adapterBytes;
  throw new TiebreakError('plan/no-room', {
    params: {
      maxLength,
      gpu,
      needed: totalBytes,
      weights: weightBytes,
      adapters: adapterBytes,
      batch: batchBytes,
      allowed: budget,
    },
  });
}

/** Bytes of the final norm, the only weights outside of layers and adapters. */
function finalNormBytes({ config }: PlannedModel): number {
  return 4 * config.hiddenSize;
}

/** The memory that a GPU needs beside the weights of layers, for batches of `wantedTokens`; `fixedBytes` is its sum. */
function partsOf(request: PlanRequest, i: number, range: LayerRange, wantedTokens: number) {
  const { model, maxLength } = request;
  const { config, quantization, adapters } = model;
  const { limits } = request.gpus[i]!.facts;
  const { variant, precision } = chosenExecutor(request, i);
  const adapterBytes = adapters.reduce(
    (sum, { layerBytes, scoreBytes }) =>
      sum + scoreBytes + layerBytes.slice(range.from, range.to).reduce((a, b) => a + b, 0),
    0,
  );
  const common = { config, maxLength, batchTokens: wantedTokens, limits };
  if (variant !== null) {
    const { batchBytes, batchTokens } = planWgslMemory({
      ...common,
      variant,
      quantization,
      weightBytes: 0,
      adapterBytes,
      adapters: adapters.length,
      rank: Math.max(1, ...adapters.map(({ rank }) => rank)),
    });
    return {
      adapterBytes,
      activationBytes: batchBytes,
      scoreBytes: null,
      headGroups: 1,
      batchTokens,
      fixedBytes: adapterBytes + batchBytes,
    };
  }
  const plan = planMemory({
    ...common,
    quantization,
    precision: storedAs(precision),
    adapterBytes,
    loraTargets: new Set(adapters.flatMap(({ targets }) => [...targets])),
    resident: 'all',
  });
  return {
    adapterBytes,
    activationBytes: plan.batchBytes - plan.scoreBytes + plan.inputBytes,
    scoreBytes: plan.scoreBytes,
    headGroups: plan.headGroups,
    batchTokens: plan.batchTokens,
    fixedBytes: adapterBytes + plan.batchBytes + plan.inputBytes,
  };
}

/** The executor that a GPU will run if its self-test passes. An impossible request is refused only by loading. */
function chosenExecutor(
  { model, gpus, precision = 'auto', executor = 'auto' }: PlanRequest,
  i: number,
): Pick<GpuPlan, 'executor' | 'variant'> & { precision: EnginePrecision } {
  const { features, languageFeatures, ...facts } = gpus[i]!.facts;
  const { config, quantization } = model;
  const known = {
    ...facts,
    features: new Set(features),
    languageFeatures: new Set(languageFeatures),
  };
  const variant = variantsFor(precision).find(
    (wanted) => refusalFor(precision, wanted, config, quantization, known) === null,
  );
  if (variant !== undefined && executor !== 'ort') {
    return { executor: 'wgsl', variant, precision: PRECISION_OF[variant] };
  }
  const auto = autoPrecision(features.includes('shader-f16'), quantization);
  const stored = precision === 'auto' ? auto : storedAs(precision);
  return { executor: 'ort', variant: null, precision: stored };
}

function attempt<T>(work: () => T): { value?: T; error?: TiebreakError } {
  try {
    return { value: work() };
  } catch (thrown) {
    return { error: asTiebreakError(thrown) };
  }
}
