import { adaptersLabel } from '../domain/adapters.ts';
import { TiebreakError, throwIfAborted } from '../domain/errors.ts';
import { type Place, placeId } from '../domain/place.ts';
import { type Reading, readingOf } from '../domain/reading.ts';
import type { Quantization } from '../model/formats/quantization.ts';
import { finishLogits, labelsOfHead, pooledLength } from '../model/heads/head.ts';
import type { ModelPackage } from '../model/package.ts';
import { readSelfTest } from '../model/selftest.ts';
import { type ChooseOptions, chooseExecutor } from './choose-executor.ts';
import { type Backend, type Device, type GpuInfo, guarded, placeOf } from './device/backend.ts';
import type { KernelReport } from './device/kernel-cache.ts';
import type { Executor, Refusal, Start, Submitted } from './executor/executor.ts';
import type { EnginePrecision, ExecutorKind, Variant } from './executor/variants.ts';
import { type NoticeOf, noticeLine, noticesOf } from './notices.ts';
import type { BatchBounds } from './planning/bounds.ts';
import type { LayerRange } from './planning/layers.ts';
import type { Saving } from './planning/savings.ts';
import { passSelfTest } from './self-test.ts';
import { checkTokens } from './tokens.ts';

export type { BatchBounds } from './planning/bounds.ts';

/** The model, executor and device that compute results, which are shown beside these. */
export interface EngineInfo {
  model: string;
  /** Name of the adapter; null for the base model alone, `mean of a, b` for several. */
  adapter: string | null;
  /** The way in which the model reads a row, from the labels of its score head. */
  reading: Reading;
  /** The day that the package's chat template takes for today; left out if it has none. */
  chatDate?: string;
  device: Device;
  place: Place;
  /** Id of `place`, by which journals and exports name it: see `placeId`. */
  computesOn: string;
  gpu: GpuInfo | null;
  executor: ExecutorKind;
  /** Variant of our kernels; null for ONNX Runtime. */
  variant: Variant | null;
  /** Report on the choice among kernels that give the same bits; null for ONNX Runtime. */
  kernels: KernelReport | null;
  /** Faster executors that were refused, with reasons. */
  refusals: readonly Refusal[];
  /** Savings of our own kernels that are switched off; left out if none are. */
  without?: readonly Saving[];
  precision: EnginePrecision;
  quantization: Quantization;
  softCap: number | null;
  layers: number;
  /** Decoder layers that stay on the device; the others are read again for every batch. */
  residentLayers: number;
  /** Bytes of layers that are read again for every batch and adapter. */
  streamedBytes: number;
  /** The layers that this GPU computes, if others compute the rest. */
  range?: LayerRange;
  /** The engines of the GPUs that share the layers, if several do. */
  parts?: readonly EngineInfo[];
  /** Bytes of weights on the device, adapters included. */
  weightBytes: number;
  /** Bytes of the adapters among them, score heads included. */
  adapterBytes: number;
  /**
   * Estimated bytes of GPU memory at the peak of a run, for rows of {@link TYPICAL_LENGTH} tokens in batches of
   * {@link TYPICAL_BATCH}. Null on the CPU, if such rows do not fit, and for several GPUs together.
   */
  peakBytes: number | null;
  /** Largest relative difference in the package's self-test; null if it has none or it was not run. */
  selfTest: number | null;
  /** All `notices` as one text; null if there are none. */
  notice: string | null;
  notices: readonly NoticeOf[];
}

/** Tokens of rows and of batches for which {@link EngineInfo.peakBytes} is estimated: the notebook's. */
export const TYPICAL_LENGTH = 2048;
const TYPICAL_BATCH = 8192;
/** Options of {@link Engine.load}. */
export type LoadOptions = ChooseOptions;

/** {@link PartialPasses} that resolve to finished and checked results. */
export interface CheckedPasses {
  /** Hidden states of rows before layer `to`, in the layout of {@link Start}. */
  hiddenAfter(
    rows: readonly Int32Array[],
    to: number,
    start?: Start,
    signal?: AbortSignal,
    adapter?: number,
  ): Promise<Float32Array<ArrayBuffer>>;
  /** Logits [rows, labels], computed from the hidden states of `start`. */
  logitsAfter(
    rows: readonly Int32Array[],
    start: Start,
    signal?: AbortSignal,
    adapter?: number,
  ): Promise<Float32Array<ArrayBuffer>>;
}

/**
 * A model package on a device. The engine checks tokens and logits; its executor computes.
 *
 * Calls wait for each other in a queue, because ONNX Runtime's WebGPU build crashes if two sessions run at once. A
 * batch of our own kernels leaves the queue when all its work has been submitted, so that the next batch is prepared
 * while the device computes.
 */
export class Engine {
  private readonly pkg: ModelPackage;
  private readonly backend: Backend;
  private readonly executor: Executor;
  private readonly refusals: readonly Refusal[];
  private readonly without: readonly Saving[];
  private selfTested: number | null;
  private queue: Promise<unknown> = Promise.resolve();
  /** Results that the device is still computing. */
  private readonly computing = new Set<Promise<unknown>>();

  private constructor(
    pkg: ModelPackage,
    chosen: Awaited<ReturnType<typeof chooseExecutor>>,
    without: readonly Saving[],
  ) {
    this.pkg = pkg;
    this.backend = chosen.backend;
    this.executor = chosen.executor;
    this.refusals = chosen.refusals;
    this.selfTested = chosen.selfTest;
    this.without = chosen.executor.executor === 'wgsl' ? without : [];
  }

  /**
   * Loads the base model onto the backend. {@link Engine.setAdapter} must be called before logits are requested.
   * @throws TiebreakError if the package lacks a tensor, the device is too small or cannot run what was requested
   *   (`gpu/kernels`, `gpu/no-float16`), or `signal` fires.
   */
  static async load(
    pkg: ModelPackage,
    backend: Backend,
    options: LoadOptions = {},
  ): Promise<Engine> {
    return new Engine(pkg, await chooseExecutor(pkg, backend, options), options.without ?? []);
  }

  /** Bounds of a batch. */
  get bounds(): BatchBounds {
    return this.executor.bounds;
  }

  /** Labels of the score heads in use: logits of a row. @throws Error before {@link Engine.setAdapters}. */
  get labels(): number {
    const [first] = this.executor.adapters;
    if (first === undefined) throw new Error('setAdapters must be called before labels');
    return labelsOfHead(this.pkg.head, first.outputs);
  }

  /** Facts about model, executor and device, with the adapters in use. */
  get info(): EngineInfo {
    const { manifest, config } = this.pkg;
    const { executor } = this;
    const { range } = executor.layers;
    const names = executor.adapters.map(({ name }) => name);
    const [first = null] = names;
    const adapterBytes = executor.adapters.reduce((sum, { tensors }) => sum + tensors.bytes, 0);
    const place = placeOf(this.backend);
    const notices = noticesOf(manifest, names);
    return {
      model: manifest.name,
      adapter: names.length === 0 ? null : adaptersLabel(names),
      reading: names.length === 0 ? 'pair' : readingOf(this.labels),
      ...(manifest.chat && { chatDate: manifest.chat.date }),
      device: this.backend.device,
      place,
      computesOn: placeId(place),
      gpu: this.backend.device === 'webgpu' ? this.backend.gpu : null,
      executor: executor.executor,
      variant: executor.variant,
      kernels: executor.kernels,
      refusals: this.refusals,
      ...(this.without.length === 0 ? {} : { without: this.without }),
      precision: executor.precision,
      quantization: manifest.quantization,
      softCap: this.pkg.softCap(first),
      layers: config.numLayers,
      residentLayers: executor.layers.resident,
      streamedBytes: executor.layers.streamedBytes,
      ...(range.to - range.from < config.numLayers && { range }),
      weightBytes: executor.layers.bytes + adapterBytes,
      adapterBytes,
      peakBytes: this.peakBytes(),
      selfTest: this.selfTested,
      notice: noticeLine(notices),
      notices,
    };
  }

  /**
   * Switches to one or several adapters of the package, each of which then gives logits; null means the base model
   * alone. The base stays on the device, and an adapter that is in use already is not loaded again.
   * @throws TiebreakError `package/adapter`, `adapter/…`, or `model/no-score` if there is no score head; the previous
   *   adapters stay.
   */
  setAdapters(names: readonly (string | null)[]): Promise<void> {
    return this.enqueue(() => guarded(this.backend, () => this.executor.setAdapters(names)));
  }

  /** {@link Engine.setAdapters} with one adapter. */
  setAdapter(name: string | null): Promise<void> {
    return this.setAdapters([name]);
  }

  /**
   * Logits [adapters, rows, labels] of rows of token ids, each from `<bos>` to `<eos>`, computed as one batch.
   * ONNX Runtime pads rows to the longest; our own kernels pad nothing. The head reads the token that `pooledLength`
   * says.
   * @throws TiebreakError `engine/tokens` for ids outside the vocabulary and for empty or too long rows,
   *   `engine/not-finite` if the device returned NaN or infinity, `engine/failed` if the executor failed, `gpu/lost`,
   *   `gpu/out-of-memory` or `gpu/error` if the device reported it, `run/cancelled`.
   */
  async logits(
    rows: readonly Int32Array[],
    signal?: AbortSignal,
  ): Promise<Float32Array<ArrayBuffer>> {
    const raw = await this.checked(rows, signal, (read) => this.executor.submit(read, signal));
    return finishLogits(this.pkg.head, raw);
  }

  /** Passes through some of the layers on this device; null for ONNX Runtime, which cannot do this. */
  get parts(): CheckedPasses | null {
    const { parts } = this.executor;
    return (
      parts && {
        hiddenAfter: (rows, to, start, signal, adapter) =>
          this.checked(rows, signal, (read) =>
            parts.submitHiddenAfter(read, to, start, signal, adapter),
          ),
        logitsAfter: async (rows, start, signal, adapter) => {
          const raw = await this.checked(rows, signal, (read) =>
            parts.submitLogitsAfter(read, start, signal, adapter),
          );
          return finishLogits(this.pkg.head, raw);
        },
      }
    );
  }

  /**
   * Computes the package's self-test on the device, unless loading has done so or the package has none.
   * @throws TiebreakError `engine/self-test` if the device's results differ too much.
   */
  selfTest(): Promise<void> {
    return this.enqueue(async () => {
      if (this.selfTested !== null) return;
      const test = await readSelfTest(this.pkg);
      if (test !== null)
        this.selfTested = await passSelfTest(this.pkg, this.backend, this.executor, test);
    });
  }

  /** Frees sessions and device memory once all pending calls have settled, and closes the backend. */
  async dispose(): Promise<void> {
    await this.enqueue(async () => {
      await Promise.allSettled(this.computing);
      await this.executor.dispose();
    });
    this.backend.close();
  }

  /**
   * Checks tokens, submits a pass when its turn in the queue comes, waits for its values outside it, and checks them.
   */
  private async checked(
    rows: readonly Int32Array[],
    signal: AbortSignal | undefined,
    submit: (read: readonly Int32Array[]) => Promise<Submitted>,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { backend } = this;
    const { computing } = await this.enqueue(async () => {
      const { values } = await guarded(backend, async () => {
        if (this.executor.adapters.length === 0) {
          throw new Error('setAdapters must be called before logits');
        }
        checkTokens(rows, this.pkg.config);
        throwIfAborted(signal);
        // Later tokens than the one that is read change nothing, since no token sees them.
        const { config, head } = this.pkg;
        return submit(rows.map((ids) => ids.subarray(0, pooledLength(ids, config, head))));
      });
      const computing = backend.device === 'webgpu' ? backend.guard.outcome(values) : values;
      this.computing.add(computing);
      return { computing };
    });
    try {
      const values = await computing;
      if (areFinite(values)) return values;
    } finally {
      this.computing.delete(computing);
    }
    throw new TiebreakError('engine/not-finite');
  }

  private enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.queue.then(task);
    this.queue = result.catch(() => {});
    return result;
  }

  private peakBytes(): number | null {
    if (this.backend.device === 'wasm') return null;
    try {
      const length = Math.min(TYPICAL_LENGTH, this.pkg.config.maxPositions);
      return this.executor.peakBytes(length, TYPICAL_BATCH);
    } catch {
      return null;
    }
  }
}

/** True if no value is NaN or infinite. A plain loop, because `every` takes 0.1 s for the millions of hidden states. */
function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i += 1) if (!Number.isFinite(values[i])) return false;
  return true;
}
