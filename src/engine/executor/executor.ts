import { TiebreakError } from '../../domain/errors.ts';
import type { KernelReport } from '../device/kernel-memory.ts';
import type { DeviceTensors } from '../device/tensors.ts';
import type { BatchBounds } from '../planning/bounds.ts';
import type { LayerStore } from './layer-store.ts';
import type { Reason } from './refusal.ts';
import type { EnginePrecision, ExecutorKind, Variant } from './variants.ts';

/** An adapter on the device. */
interface HeldAdapter {
  /** Null: the base model alone. */
  name: string | null;
  tensors: DeviceTensors;
}

/** An executor that was not taken, and why. */
export interface Refusal extends Reason {
  executor: ExecutorKind;
  variant: Variant | null;
}

/** An executor as {@link executorText} and the journal of a run tell it from others. */
export interface ExecutorChoice {
  executor: ExecutorKind;
  /** Which of our kernels; null for ONNX Runtime. */
  variant: Variant | null;
}

/** The beginning of a pass through some of the layers: the packed hidden states of rows before layer `layer`. */
export interface Start {
  layer: number;
  /** Float32 [tokens, hiddenSize]: rows one after the other, without what they share with an earlier one. */
  hidden: Float32Array<ArrayBuffer>;
}

/** A pass whose work is all given to the device: the next one may be given. */
export interface Submitted {
  /** Its results, once the device has computed them; not checked. Rejects when the device was lost. */
  values: Promise<Float32Array<ArrayBuffer>>;
}

/**
 * Runs the decoder layers and the head of a loaded model. Not reentrant; every call runs in a scope of the device's
 * guard.
 */
export interface Executor extends ExecutorChoice {
  readonly precision: EnginePrecision;
  readonly bounds: BatchBounds;
  readonly layers: LayerStore;
  /** How its kernels were chosen; null where there is nothing to choose. */
  readonly kernels: KernelReport | null;
  /** Those in use, in the order of {@link Executor.setAdapters}. */
  readonly adapters: readonly HeldAdapter[];
  /**
   * The most memory that rows of so many tokens take in batches of so many, in bytes.
   * @throws TiebreakError when they do not fit.
   */
  peakBytes(maxLength: number, batchTokens: number): number;
  /**
   * Loads adapters in place of those in use; one that stays is not loaded again.
   * @throws TiebreakError `package/adapter`, `adapter/…`, or `model/no-score`; the previous ones stay.
   */
  setAdapters(names: readonly (string | null)[]): Promise<void>;
  /**
   * Gives the device the work for the logits [adapters, rows, 3] of a batch. The next pass may be given as soon as this
   * settles.
   * @throws TiebreakError `engine/failed`, `gpu/binding-size`, `run/cancelled`.
   */
  submit(rows: readonly Int32Array[], signal?: AbortSignal): Promise<Submitted>;
  /**
   * For the self-test: what one layer under an adapter makes of a row's embedding, float32 [at least tokens,
   * hiddenSize] each.
   */
  testLayer(
    row: Int32Array,
    layer: number,
    adapter: string | null,
  ): Promise<{ input: Float32Array; output: Float32Array }>;
  /** For the self-test: the logits of a row whose layers change nothing. */
  testHead(row: Int32Array, adapter: string | null): Promise<Float32Array>;
  /** Passes through some of the layers; null where the executor has none. */
  readonly parts: PartialPasses | null;
  /** Frees what it made on the device, layers and adapters included. */
  dispose(): Promise<void>;
}

/**
 * Passes through a part of the layers, so that another device can have the rest. As with {@link Executor.submit}, the
 * next pass may be given as soon as one settles.
 */
export interface PartialPasses {
  /**
   * Hidden states of rows before layer `to` as {@link Start} has them.
   * @param start left out: the embeddings before layer 0.
   * @param adapter which of the adapters in use; default the first.
   */
  submitHiddenAfter(
    rows: readonly Int32Array[],
    to: number,
    start?: Start,
    signal?: AbortSignal,
    adapter?: number,
  ): Promise<Submitted>;
  /** Logits [rows, 3] from hidden states of {@link PartialPasses.submitHiddenAfter} on. */
  submitLogitsAfter(
    rows: readonly Int32Array[],
    start: Start,
    signal?: AbortSignal,
    adapter?: number,
  ): Promise<Submitted>;
}

/** `ONNX Runtime`, `own kernels (float32)` */
export function executorText({ executor, variant }: ExecutorChoice): string {
  return executor === 'wgsl' ? `own kernels (${variant})` : 'ONNX Runtime';
}

/** `float16`; int8 with what it costs. */
export function precisionText(precision: EnginePrecision): string {
  return precision === 'int8' ? 'int8 (less accurate)' : precision;
}

/** `own kernels (float16): the device has no shader-f16; …` */
export function refusalsText(refusals: readonly Refusal[]): string {
  return refusals.map((refusal) => `${executorText(refusal)}: ${refusal.reason}`).join('; ');
}

/** The error for when no executor that was allowed can be used. */
export function noExecutor(refusals: readonly Refusal[]): TiebreakError {
  return new TiebreakError('gpu/kernels', { params: { refusals: refusalsText(refusals) } });
}

/** The adapters in use: changes load what is missing, and release what is no longer used once all are there. */
export class AdapterSet<A extends HeldAdapter> {
  current: A[] = [];

  async change(
    names: readonly (string | null)[],
    load: (name: string | null) => Promise<A>,
  ): Promise<void> {
    const next: A[] = [];
    const previous = this.current;
    try {
      for (const name of new Set(names)) {
        next.push(previous.find((adapter) => adapter.name === name) ?? (await load(name)));
      }
    } catch (thrown) {
      releaseAll(next.filter((adapter) => !previous.includes(adapter)));
      throw thrown;
    }
    releaseAll(previous.filter((adapter) => !next.includes(adapter)));
    this.current = next;
  }

  dispose(): void {
    releaseAll(this.current);
    this.current = [];
  }
}

function releaseAll(adapters: readonly HeldAdapter[]): void {
  for (const { tensors } of adapters) tensors.release();
}
