import { TiebreakError } from '../../domain/errors.ts';
import { executorText } from '../../texts/en/errors/engine.ts';
import type { KernelReport } from '../device/kernel-cache.ts';
import type { DeviceTensors } from '../device/tensors.ts';
import type { BatchBounds } from '../planning/bounds.ts';
import type { DeviceLayers } from './device-layers.ts';
import { type Reason, toldReason } from './refusal.ts';
import type { EnginePrecision, ExecutorKind, Variant } from './variants.ts';

/** An adapter on the device. */
interface HeldAdapter {
  /** Null for the base model alone. */
  name: string | null;
  /** Of its head's last layer: values of a row, from which `finishLogits` makes logits. */
  outputs: number;
  tensors: DeviceTensors;
}

/** An executor that was refused, with the reason. */
export interface Refusal extends Reason {
  executor: ExecutorKind;
  variant: Variant | null;
}

/** The facts by which texts and journals identify an executor. */
export interface ExecutorChoice {
  executor: ExecutorKind;
  /** Variant of our kernels; null for ONNX Runtime. */
  variant: Variant | null;
}

/** The start of a pass through some of the layers: the packed hidden states of rows before layer `layer`. */
export interface Start {
  layer: number;
  /** Float32 [tokens, hiddenSize], in the order of `packBatch`: rows concatenated, shared beginnings only once. */
  hidden: Float32Array<ArrayBuffer>;
}

/** A pass whose work has all been submitted to the device, so that the next pass may follow. */
export interface Submitted {
  /** Resolves to the unchecked results once the device has computed them. Rejects if the device is lost. */
  values: Promise<Float32Array<ArrayBuffer>>;
}

/**
 * Computes the decoder layers and the score head of a loaded model. Not reentrant: a call must settle before the next
 * one. Every call must run in a scope of the device's guard.
 */
export interface Executor extends ExecutorChoice {
  readonly precision: EnginePrecision;
  readonly bounds: BatchBounds;
  readonly layers: DeviceLayers;
  /** Report on the choice of its kernels; null if there is nothing to choose. */
  readonly kernels: KernelReport | null;
  /** The adapters in use, in the order of {@link Executor.setAdapters}. */
  readonly adapters: readonly HeldAdapter[];
  /**
   * Bytes of device memory at the peak, for rows of up to `maxLength` tokens in batches of `batchTokens`.
   * @throws TiebreakError if they do not fit.
   */
  peakBytes(maxLength: number, batchTokens: number): number;
  /**
   * Loads adapters in place of those in use. An adapter that is in use already is not loaded again.
   * @throws TiebreakError `package/adapter`, `adapter/…`, or `model/no-score`; the previous adapters stay.
   */
  setAdapters(names: readonly (string | null)[]): Promise<void>;
  /**
   * Submits the work for what the heads give, [adapters, rows, outputs], of a batch. The next pass may follow
   * once this settles.
   * @throws TiebreakError `engine/failed`, `gpu/binding-size`, `run/cancelled`.
   */
  submit(rows: readonly Int32Array[], signal?: AbortSignal): Promise<Submitted>;
  /**
   * For the self-test: input and output of one layer with an adapter, for a row's embedding. Both are float32
   * [tokens or more, hiddenSize].
   */
  testLayer(
    row: Int32Array,
    layer: number,
    adapter: string | null,
  ): Promise<{ input: Float32Array; output: Float32Array }>;
  /** For the self-test: what the head gives, [outputs], for a row's embedding, without any layers. */
  testHead(row: Int32Array, adapter: string | null): Promise<Float32Array>;
  /** Passes through some of the layers; null if the executor cannot do this. */
  readonly parts: PartialPasses | null;
  /** Frees all its memory on the device, layers and adapters included. */
  dispose(): Promise<void>;
}

/**
 * Passes through some of the layers, so that another device can compute the rest. As with {@link Executor.submit}, the
 * next pass may follow as soon as one settles.
 */
export interface PartialPasses {
  /**
   * Submits the work for the hidden states of rows before layer `to`, in the layout of {@link Start}.
   * @param start default: the embeddings before layer 0.
   * @param adapter index among the adapters in use. Default 0.
   */
  submitHiddenAfter(
    rows: readonly Int32Array[],
    to: number,
    start?: Start,
    signal?: AbortSignal,
    adapter?: number,
  ): Promise<Submitted>;
  /** Submits the work for [rows, outputs] from hidden states of {@link PartialPasses.submitHiddenAfter}. */
  submitLogitsAfter(
    rows: readonly Int32Array[],
    start: Start,
    signal?: AbortSignal,
    adapter?: number,
  ): Promise<Submitted>;
}

/** English name of a precision; for int8 with its cost in accuracy. */
export function precisionText(precision: EnginePrecision): string {
  return precision === 'int8' ? 'int8 (less accurate)' : precision;
}

/** English list of refusals: `own kernels (float16): the device has no shader-f16; …`. */
export function refusalsText(refusals: readonly Refusal[]): string {
  return refusals.map((refusal) => `${executorText(refusal)}: ${refusal.reason}`).join('; ');
}

/** The error `gpu/kernels`: no executor that was allowed can be used. */
export function noExecutor(refusals: readonly Refusal[]): TiebreakError {
  const params = refusals.map(({ executor, variant, ...reason }) => ({
    executor,
    variant,
    reason: toldReason(reason),
  }));
  return new TiebreakError('gpu/kernels', { params: { refusals: params } });
}

/** The adapters in use. A change loads the missing ones and, once all are loaded, releases those no longer used. */
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
    const labels = next.map((adapter) => adapter.outputs);
    if (new Set(labels).size > 1) {
      releaseAll(next.filter((adapter) => !previous.includes(adapter)));
      throw new TiebreakError('adapter/mismatch:labels', { params: { labels } });
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
