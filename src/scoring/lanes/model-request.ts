import type { PlainError } from '../../domain/errors.ts';
import type { Device } from '../../engine/device/backend.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { EnginePrecision, ExecutorKind } from '../../engine/executor/variants.ts';
import type { LaneChoice, ModelPlan } from '../../engine/model-plan.ts';
import type { Flops } from '../../engine/planning/flops.ts';
import type { LayerRange, Resident } from '../../engine/planning/layers.ts';
import type { ModelSource } from './model-source.ts';

/** A model to load, with the devices and options to load it with. */
export interface ModelRequest {
  source: ModelSource;
  /**
   * Number of the load, counted by the page. Headers that were read and limits that were found are reused for requests
   * with the same number; the next load begins anew, even of the same source. Left out, nothing is reused.
   */
  load?: number;
  /** Default: WebGPU if the browser has it, else the CPU. */
  device?: Device;
  precision?: EnginePrecision | 'auto';
  /** Default: our own kernels if they can run, else ONNX Runtime. */
  executor?: ExecutorKind | 'auto';
  /** Decoder layers that stay on the device. Default: all or, where memory is short, as many as fit. */
  resident?: Resident;
  /** False makes loading fail where memory is short, instead of reading layers again for every batch. Default true. */
  mayStream?: boolean;
  /** Selects the GPUs that compute. Default `auto`. */
  lanes?: LaneChoice;
  /** Bytes of memory that may be used, by the name of the GPU; others have no limit. */
  budgets?: Readonly<Record<string, number>>;
  /** Tokens of the longest row that memory is planned for. Default: the notebook's. */
  maxLength?: number;
  /** The GPU of a lane, set by the code that starts lanes. Default: the fast one. */
  gpu?: FoundGpu;
  /** Two GPUs that share the layers in one lane, set by the code that starts lanes. */
  split?: SplitChoice;
  /** The layers that this GPU computes, set for each half of a split lane. */
  layers?: LayerRange;
}

/** The division of a model's layers between two GPUs. */
export interface SplitChoice {
  gpus: readonly [FoundGpu, FoundGpu];
  /** The first layer of the second GPU, counted from 0. */
  at: number;
  layers: number;
  /** Tokens that pass from one GPU to the other at a time. */
  partTokens: number;
  /** Layers of each GPU that stay on it; undefined for all or, where memory is short, as many as fit. */
  resident: readonly [Resident | undefined, Resident | undefined];
}

/** A GPU that was requested as a lane. */
export interface LaneInfo {
  name: string;
  /** Null if it cannot be used. */
  engine: EngineInfo | null;
  /** The reason why it cannot be used, else null. */
  error: PlainError | null;
}

/** Progress of loading a model: `fraction` from 0 to 1. */
export interface LoadProgress {
  step: 'device' | 'weights' | 'tokenizer';
  fraction: number;
  /** In the step `weights`: decoder layers loaded so far, and their total. */
  layers?: number;
  total?: number;
}

/** A model that is ready to score. */
export interface ModelInfo {
  name: string;
  /** SHA-256 of the package's manifest, in hexadecimal. */
  sha256: string;
  notice: string | null;
  adapters: { name: string; notice: string | null }[];
  /** True if the base has a score head, so that it can be used without an adapter. */
  baseHasHead: boolean;
  /** Operations of its layers per token, without adapters. */
  flops: Flops;
  /** Engine of the first lane. */
  engine: EngineInfo;
  /** Every lane that was requested, the first one included. */
  lanes: LaneInfo[];
  /** Every GPU that the browser offers, used or not. */
  gpus: FoundGpu[];
  /** The plan by which the model was loaded; null on the CPU. */
  plan: ModelPlan | null;
  tokenizerWorkers: number;
}
