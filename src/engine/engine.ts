import { adaptersLabel } from '../domain/adapters.ts';
import { TiebreakError, throwIfAborted } from '../domain/errors.ts';
import { type Place, placeId } from '../domain/place.ts';
import type { Quantization } from '../model/formats/quantization.ts';
import type { Manifest } from '../model/manifest.ts';
import type { ModelPackage } from '../model/package.ts';
import { readSelfTest } from '../model/selftest.ts';
import { type ChooseOptions, chooseExecutor } from './choose-executor.ts';
import { type Backend, type Device, type GpuInfo, guarded, placeOf } from './device/backend.ts';
import type { KernelReport } from './device/kernel-memory.ts';
import type { Executor, Refusal, Start, Submitted } from './executor/executor.ts';
import type { EnginePrecision, ExecutorKind, Variant } from './executor/variants.ts';
import type { BatchBounds } from './planning/bounds.ts';
import type { LayerRange } from './planning/layers.ts';
import type { Saving } from './planning/savings.ts';
import { passSelfTest } from './self-test.ts';
import { checkTokens } from './tokens.ts';

export type { BatchBounds } from './planning/bounds.ts';

/** The model, executor and device that produced a number: shown to the user beside it. */
export interface EngineInfo {
  model: string;
  /** Name of the adapter; null for the base model alone, `mean of a, b` for several. */
  adapter: string | null;
  device: Device;
  place: Place;
  /** The id of `place`, by which journals and exports name it: see `placeId`. */
  computesOn: string;
  gpu: GpuInfo | null;
  executor: ExecutorKind;
  /** Which of our kernels run; null for ONNX Runtime. */
  variant: Variant | null;
  /** How our kernels were chosen among those that give the same bits; null for ONNX Runtime. */
  kernels: KernelReport | null;
  /** Faster executors that were not taken, and why. */
  refusals: readonly Refusal[];
  /** Savings of our own kernels that are not made; left out where all are. */
  without?: readonly Saving[];
  precision: EnginePrecision;
  quantization: Quantization;
  softCap: number | null;
  layers: number;
  /** Decoder layers that stay on the device; the others are read again for every batch. */
  residentLayers: number;
  /** Bytes that are read again for every batch and adapter. */
  streamedBytes: number;
  /** The layers that this GPU computes, where others have the rest. */
  range?: LayerRange;
  /** The GPUs that have the layers between them, where there are several. */
  parts?: readonly EngineInfo[];
  /** Bytes of weights held on the device, the adapter included. */
  weightBytes: number;
  /** Bytes of the adapters among them, score heads included. */
  adapterBytes: number;
  /**
   * The most memory that a run takes on the GPU, an estimate: rows of {@link TYPICAL_LENGTH} tokens in batches of
   * {@link TYPICAL_BATCH}. Null on the CPU, where such rows do not fit, and of several GPUs together.
   */
  peakBytes: number | null;
  /** Largest difference in the package's self-test, relative; null when it has none, or it was not run. */
  selfTest: number | null;
  /** What the package and its adapters say of themselves, as one text. */
  notice: string | null;
  notices: readonly NoticeOf[];
}

/** What a manifest says of a model or an adapter, in the words of whoever made it. */
export interface NoticeOf {
  /** Of the adapter; null where the package says it of all. */
  name: string | null;
  notice: string;
}

/** Rows and batches that {@link EngineInfo.peakBytes} is estimated for: the notebook's. */
export const TYPICAL_LENGTH = 2048;
const TYPICAL_BATCH = 8192;
/** How a model is loaded. */
export type LoadOptions = ChooseOptions;

/** {@link PartialPasses} whose results are there, and checked. */
export interface CheckedPasses {
  /** Hidden states of rows before layer `to`, as {@link Start} has them. */
  hiddenAfter(
    rows: readonly Int32Array[],
    to: number,
    start?: Start,
    signal?: AbortSignal,
    adapter?: number,
  ): Promise<Float32Array<ArrayBuffer>>;
  /** Logits [rows, 3] from hidden states on. */
  logitsAfter(
    rows: readonly Int32Array[],
    start: Start,
    signal?: AbortSignal,
    adapter?: number,
  ): Promise<Float32Array<ArrayBuffer>>;
}

/**
 * A model package on a device: checks what goes in and out, and has an executor run it layer by layer.
 *
 * Calls queue up, since ONNX Runtime's WebGPU build crashes when two sessions run at once. A batch of our own kernels
 * leaves the queue when all its work is given to the device: one that waits is then prepared while the device computes.
 */
export class Engine {
  private readonly pkg: ModelPackage;
  private readonly backend: Backend;
  private readonly executor: Executor;
  private readonly refusals: readonly Refusal[];
  private readonly without: readonly Saving[];
  private selfTested: number | null;
  private queue: Promise<unknown> = Promise.resolve();
  /** Batches that the device has still to compute. */
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
   * Loads the base model onto the backend. {@link Engine.setAdapter} must follow before numbers can be had.
   * @throws TiebreakError when the package lacks something, the device is too small or cannot run what was asked for
   *   (`gpu/kernels`, `gpu/no-float16`), or `signal` fires.
   */
  static async load(
    pkg: ModelPackage,
    backend: Backend,
    options: LoadOptions = {},
  ): Promise<Engine> {
    return new Engine(pkg, await chooseExecutor(pkg, backend, options), options.without ?? []);
  }

  /** The bounds of a batch. */
  get bounds(): BatchBounds {
    return this.executor.bounds;
  }

  /** Describes what the numbers are computed with. */
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
   * Switches to an adapter of the package, to the base model alone with null, or to several, each of which then gives
   * logits. The base stays where it is; an adapter that was already in use is not loaded again.
   * @throws TiebreakError `package/adapter`, `adapter/…`, or `model/no-score` when no score head would be left; the
   *   previous adapters stay.
   */
  setAdapters(names: readonly (string | null)[]): Promise<void> {
    return this.enqueue(() => guarded(this.backend, () => this.executor.setAdapters(names)));
  }

  /** {@link Engine.setAdapters} with one. */
  setAdapter(name: string | null): Promise<void> {
    return this.setAdapters([name]);
  }

  /**
   * Logits [adapters, rows, 3] of token rows, each from `<bos>` to `<eos>`, as one batch. ONNX Runtime pads rows to the
   * longest; our own kernels pad nothing.
   * @throws TiebreakError `engine/tokens` for ids outside the vocabulary or empty rows, `engine/not-finite` when the
   *   device returned NaN or infinity, `engine/failed` when ONNX Runtime failed, `gpu/lost`, `gpu/out-of-memory` and
   *   `gpu/error` when the device said so, `run/cancelled`.
   */
  logits(rows: readonly Int32Array[], signal?: AbortSignal): Promise<Float32Array<ArrayBuffer>> {
    return this.checked(rows, signal, () => this.executor.submit(rows, signal));
  }

  /** Passes through a part of the layers on this device; null with ONNX Runtime, which has none. */
  get parts(): CheckedPasses | null {
    const { parts } = this.executor;
    return (
      parts && {
        hiddenAfter: (rows, to, start, signal, adapter) =>
          this.checked(rows, signal, () =>
            parts.submitHiddenAfter(rows, to, start, signal, adapter),
          ),
        logitsAfter: (rows, start, signal, adapter) =>
          this.checked(rows, signal, () => parts.submitLogitsAfter(rows, start, signal, adapter)),
      }
    );
  }

  /**
   * Computes the package's self-test on the device, unless loading did; does nothing when the package has none.
   * @throws TiebreakError `engine/self-test` when the device computes something else.
   */
  selfTest(): Promise<void> {
    return this.enqueue(async () => {
      if (this.selfTested !== null) return;
      const test = await readSelfTest(this.pkg);
      if (test !== null)
        this.selfTested = await passSelfTest(this.pkg, this.backend, this.executor, test);
    });
  }

  /** Frees sessions and device memory, once everything that was asked for is computed. */
  async dispose(): Promise<void> {
    await this.enqueue(async () => {
      await Promise.allSettled(this.computing);
      await this.executor.dispose();
    });
    this.backend.close();
  }

  private async checked(
    rows: readonly Int32Array[],
    signal: AbortSignal | undefined,
    submit: () => Promise<Submitted>,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { backend } = this;
    const { computing } = await this.enqueue(async () => {
      const { values } = await guarded(backend, async () => {
        if (this.executor.adapters.length === 0) {
          throw new Error('setAdapters must be called before logits');
        }
        checkTokens(rows, this.pkg.config);
        throwIfAborted(signal);
        return submit();
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

/** A plain loop: hidden states have millions of values, for which `every` takes a tenth of a second. */
function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i += 1) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** What models and adapters say of themselves as one text, in the words of their manifests; null for nothing. */
export function noticeLine(notices: readonly NoticeOf[]): string | null {
  return [...new Set(notices.map(({ notice }) => notice))].join(' ') || null;
}

function noticesOf(manifest: Manifest, adapters: readonly (string | null)[]): NoticeOf[] {
  const found = adapters.flatMap((name) => {
    const notice = manifest.adapters.find((entry) => entry.name === name)?.notice;
    return notice ? [{ name, notice }] : [];
  });
  if (found.length > 0 || !manifest.notice) return found;
  return [{ name: null, notice: manifest.notice }];
}
