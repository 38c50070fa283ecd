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
import { checkWeights, layerWeightBytes, megabytes, planMemory } from './planning/gpu-memory.ts';
import { type LayerRange, layersHeld, layersKept, type Resident } from './planning/layers.ts';
import type { PlannedModel } from './planning/planned-model.ts';
import { planWgslMemory } from './wgsl/memory.ts';
import { refusalFor } from './wgsl/variant.ts';

/**
 * Which GPUs compute. `auto`: one, and where that is too small for all layers two that share them; `one`: never more
 * than one; `all`: each holds the whole model; `split`: two share the layers.
 */
export type LaneChoice = 'auto' | 'one' | 'all' | 'split';

/**
 * Tokens that go through two GPUs together which share the layers. While the second one computes a part of a batch, the
 * first has the next; smaller parts would wait less and use a GPU less well.
 */
const PART_TOKENS = 2048;

export interface PlanRequest {
  model: PlannedModel;
  /** Every GPU that there is, the fast one first. */
  gpus: readonly FoundGpu[];
  /**
   * Bytes that may be used of each GPU, in the same order; null or left out: as much as there is, which nobody tells.
   */
  budgets?: readonly (number | null)[];
  lanes?: LaneChoice;
  precision?: EnginePrecision | 'auto';
  executor?: ExecutorKind | 'auto';
  /** Decoder layers that stay on a GPU. Left out: as many as there is room for. */
  resident?: Resident;
  maxLength: number;
  /** Tokens of a batch that are wanted. Left out: what is usual. */
  batchTokens?: number;
}

/** The layers that a GPU computes and the memory that it takes for them, in bytes. */
export interface GpuPlan {
  gpu: string;
  /** Its place among the GPUs that there are. */
  index: number;
  executor: ExecutorKind;
  /** The fastest of our kernels that the GPU says it can run; the self-test may refuse it. Null for ONNX Runtime. */
  variant: Variant | null;
  precision: EnginePrecision;
  /** The layers that it computes, and how many of them stay. */
  range: LayerRange;
  residentLayers: number;
  weightBytes: number;
  adapterBytes: number;
  /** Everything of a batch but the scores: activations, masks, rotary caches. */
  activationBytes: number;
  /** Null where attention keeps no scores in memory; 0 where they lie in the buffers of the MLP. */
  scoreBytes: number | null;
  /** Into how many groups the heads are split for them. */
  headGroups: number;
  /** All of it. */
  totalBytes: number;
  /** Tokens that are computed at once. */
  batchTokens: number;
  /** Bytes that are read again for every batch. */
  streamedBytes: number;
  /** Bytes that the user allows; null: no bound. */
  budgetBytes: number | null;
  /** Largest buffer that the GPU allows, and that a shader may bind. */
  maxBufferSize: number;
  maxBindingSize: number;
}

/** How a model will be computed. */
export interface ModelPlan {
  lanes: 'one' | 'all' | 'split';
  maxLength: number;
  layers: number;
  /** Tokens of a batch; with `split` they go through the GPUs in parts of `gpus[0].batchTokens`. */
  batchTokens: number;
  /** One a GPU; with `split` the lower layers first. */
  gpus: GpuPlan[];
  /** With `all`, GPUs that the model does not fit on, and why. */
  refused: { gpu: string; error: PlainError }[];
  /** Bytes that one GPU alone would read again for every batch, where that is why two share the layers. */
  streamedInstead: number | null;
}

/**
 * Decides, before anything is loaded, which GPUs compute which layers, how many layers stay there, and how large
 * batches are. All layers on one GPU, with smaller batches if need be, come before sharing them with a second GPU, and
 * that before reading layers for every batch. Pure.
 * @throws TiebreakError `plan/no-room` or `plan/too-large` with the numbers when it cannot fit, `plan/split` when two
 * GPUs were
 *   asked to share the layers and cannot, `gpu/none` without a GPU.
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
 * Two GPUs that share the layers, each as many as it has room for.
 * @throws TiebreakError `plan/split`, `plan/too-large`.
 */
function planSplit(request: PlanRequest): GpuPlan[] {
  const { gpus, model } = request;
  const { numLayers: layers } = model.config;
  if (gpus.length < 2) {
    throw cannotSplit(
      'this browser offers only one GPU',
      'Choose one GPU, or connect another one.',
    );
  }
  if (layers < 2) throw cannotSplit('the model has only one layer', 'Choose one GPU.');
  const pair = [0, 1].map((i) => {
    if (chosenExecutor(request, i).variant === null) {
      throw cannotSplit(
        `only our own kernels can, and ${gpus[i]!.name} would use ONNX Runtime`,
        'Let the executor be chosen automatically, or use one GPU.',
      );
    }
    return room(request, i);
  });
  const [first, second] = pair.map((fits) => Math.min(layers, Math.max(1, fits))) as [
    number,
    number,
  ];
  const share = Math.round((layers * first) / (first + second));
  // Where not all fit, both read some of theirs again.
  const [least, most] = first + second < layers ? [1, layers] : [layers - second, first];
  const at = Math.min(layers - 1, most, Math.max(1, least, share));
  return [planGpu(request, 0, { from: 0, to: at }), planGpu(request, 1, { from: at, to: layers })];
}

/** How many layers fit on a GPU beside everything else; infinite where nobody set a bound. */
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

/** Bytes of a decoder layer on a GPU. Our kernels have scales in float32 whatever they compute in. */
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
 * Plans the layers that a GPU holds: all of them, with smaller batches if need be, else as many as leave room for the
 * others in turn.
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
  // Every batch reads the layers once, whatever its size: larger ones come first.
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
      needed: megabytes(totalBytes),
      weights: megabytes(weightBytes),
      adapters: megabytes(adapterBytes),
      batch: megabytes(batchBytes),
      allowed: megabytes(budget),
    },
  });
}

/** Bytes of the only weights that are no layer's. */
function finalNormBytes({ config }: PlannedModel): number {
  return 4 * config.hiddenSize;
}

/** The memory that a GPU needs beside weights for batches of so many tokens. `fixedBytes`: all of it. */
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

/** The executor that will run on a GPU, if its self-test passes. Loading refuses what is asked for and cannot run. */
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

function cannotSplit(why: string, action: string): TiebreakError {
  return new TiebreakError('plan/split', { params: { why, action } });
}

function attempt<T>(work: () => T): { value?: T; error?: TiebreakError } {
  try {
    return { value: work() };
  } catch (thrown) {
    return { error: asTiebreakError(thrown) };
  }
}
