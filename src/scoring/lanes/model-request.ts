import type { PlainError } from '../../domain/errors.ts';
import type { Device } from '../../engine/device/backend.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { EnginePrecision, ExecutorKind } from '../../engine/executor/variants.ts';
import type { LaneChoice, ModelPlan } from '../../engine/model-plan.ts';
import type { Flops } from '../../engine/planning/flops.ts';
import type { LayerRange, Resident } from '../../engine/planning/layers.ts';
import type { ModelSource } from './model-source.ts';

/** Which model is to be loaded, on what, and how. */
export interface ModelRequest {
  source: ModelSource;
  /**
   * Which load this is about, counted by the page: what is read and found out holds for as long, and the next load,
   * also of the same source, begins anew. Left out: nothing is kept.
   */
  load?: number;
  /** Left out: WebGPU if the browser has it, else the CPU. */
  device?: Device;
  precision?: EnginePrecision | 'auto';
  /** Left out: our own kernels where they can run, else ONNX Runtime. */
  executor?: ExecutorKind | 'auto';
  /** Decoder layers that stay on the device. Left out: all, or where memory is short as many as fit. */
  resident?: Resident;
  /** False: loading fails where memory is short, and no layers are left out. Default true. */
  mayStream?: boolean;
  /** Which GPUs compute. Left out: `auto`. */
  lanes?: LaneChoice;
  /** Bytes that may be used of GPUs, by their names; of others as much as there is. */
  budgets?: Readonly<Record<string, number>>;
  /** Tokens of a row, for which memory is planned. Left out: the notebook's. */
  maxLength?: number;
  /** Which GPU; set for each lane by who starts them. Left out: the fast one. */
  gpu?: FoundGpu;
  /** Two GPUs that share the layers; set for a lane by who starts them. */
  split?: SplitChoice;
  /** The layers that this GPU computes; set for each half of a split lane. */
  layers?: LayerRange;
}

/** How two GPUs share the layers of a model. */
export interface SplitChoice {
  gpus: readonly [FoundGpu, FoundGpu];
  /** The first layer of the second GPU, and all there are. */
  at: number;
  layers: number;
  /** Tokens that go through them together. */
  partTokens: number;
  /** Of the layers of each, those that stay; undefined: all, or where memory is short as many as fit. */
  resident: readonly [Resident | undefined, Resident | undefined];
}

/** A GPU that was to become a lane. */
export interface LaneInfo {
  name: string;
  /** Null when it cannot be used. */
  engine: EngineInfo | null;
  /** Why it cannot be used. */
  error: PlainError | null;
}

/** Progress of loading a model: `fraction` from 0 to 1. */
export interface LoadProgress {
  step: 'device' | 'weights' | 'tokenizer';
  fraction: number;
  /** Of the step `weights`: decoder layers that are loaded, and those that will be. */
  layers?: number;
  total?: number;
}

/** A model that is ready to score. */
export interface ModelInfo {
  name: string;
  /** Of the package's manifest, in hexadecimal. */
  sha256: string;
  notice: string | null;
  adapters: { name: string; notice: string | null }[];
  /** True where the base has a score head, so that it can be used without an adapter. */
  baseHasHead: boolean;
  /** Operations of its layers, without adapters. */
  flops: Flops;
  /** Of the first lane. */
  engine: EngineInfo;
  /** Every lane that was asked for, the first one included. */
  lanes: LaneInfo[];
  /** Every GPU that the browser gives, whether it is used or not. */
  gpus: FoundGpu[];
  /** The plan by which it was loaded; null on the CPU. */
  plan: ModelPlan | null;
  tokenizerWorkers: number;
}
