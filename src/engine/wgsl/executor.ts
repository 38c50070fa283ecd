import { asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import { guarded } from '../device/backend.ts';
import type { KernelCache, KernelReport } from '../device/kernel-cache.ts';
import { DeviceTensors } from '../device/tensors.ts';
import type { DeviceLayers } from '../executor/device-layers.ts';
import {
  AdapterSet,
  type Executor,
  type PartialPasses,
  type Start,
  type Submitted,
} from '../executor/executor.ts';
import { placeHead } from '../executor/head-weights.ts';
import { type EnginePrecision, PRECISION_OF, type Variant } from '../executor/variants.ts';
import type { BatchBounds } from '../planning/bounds.ts';
import { balanceOf } from '../planning/flops.ts';
import { largestRank, loadWgslAdapter, placeLoraLayer, type WgslAdapter } from './adapter.ts';
import { chooseKernels } from './choice.ts';
import { maxPackedTokens, planWgslMemory } from './memory.ts';
import { WgslModel, type WgslModelParts } from './model.ts';

/** Computes with our own kernels on WebGPU: rows without padding, and no attention scores in memory. */
export class WgslExecutor implements Executor, PartialPasses {
  readonly executor = 'wgsl';
  readonly parts: PartialPasses = this;
  readonly variant: Variant;
  readonly precision: EnginePrecision;
  readonly bounds: BatchBounds;
  readonly layers: DeviceLayers;
  readonly kernels: KernelReport;
  private readonly from: WgslModelParts;
  private readonly model: WgslModel;
  private readonly adapterSet = new AdapterSet<WgslAdapter>();

  private constructor(from: WgslModelParts, model: WgslModel, kernels: KernelReport) {
    this.kernels = kernels;
    this.from = from;
    this.model = model;
    this.variant = from.variant;
    this.precision = PRECISION_OF[from.variant];
    this.layers = from.layers;
    this.bounds = {
      padMultiple: 1,
      // There is no buffer of scores. Not infinite, because journals store this as JSON.
      maxScoreBytes: Number.MAX_SAFE_INTEGER,
      scoreBytesOfOne: 0,
      headGroups: [1],
      maxTokens: maxPackedTokens(from.pkg.config, from.backend.gpu),
      sharesPrefixes: from.sharePrefixes ?? true,
      balance: balanceOf(from.pkg.config),
    };
  }

  /**
   * Chooses kernels and makes an executor with them.
   * @param cache remembers the fastest kernels of a device; null if nothing does.
   * @throws TiebreakError `gpu/kernels` if the device cannot run this variant of this model.
   */
  static create(
    from: Omit<WgslModelParts, 'choice'>,
    cache: KernelCache | null,
  ): Promise<WgslExecutor> {
    const { pkg, backend, variant } = from;
    return guarded(backend, async () => {
      const { choice, report } = await chooseKernels({
        device: backend.gpuDevice,
        gpu: backend.gpu,
        config: pkg.config,
        quantization: pkg.manifest.quantization,
        variant,
        cache,
      });
      const parts = { ...from, choice };
      return new WgslExecutor(parts, await WgslModel.create(parts), report);
    });
  }

  get adapters(): readonly WgslAdapter[] {
    return this.adapterSet.current;
  }

  peakBytes(maxLength: number, batchTokens: number): number {
    const { pkg, backend } = this.from;
    return planWgslMemory({
      config: pkg.config,
      variant: this.variant,
      quantization: pkg.manifest.quantization,
      weightBytes: this.layers.bytes,
      adapterBytes: this.adapters.reduce((sum, { tensors }) => sum + tensors.bytes, 0),
      adapters: this.adapters.length,
      rank: largestRank(this.adapters),
      maxLength,
      batchTokens,
      limits: backend.gpu,
    }).peakBytes;
  }

  setAdapters(names: readonly (string | null)[]): Promise<void> {
    const { pkg, backend } = this.from;
    const { range } = this.layers;
    return this.adapterSet.change(names, (name) => loadWgslAdapter(pkg, backend, name, range));
  }

  submit(rows: readonly Int32Array[], signal?: AbortSignal): Promise<Submitted> {
    return namingErrors(() => this.model.submit(rows, this.adapters, signal));
  }

  submitHiddenAfter(
    rows: readonly Int32Array[],
    to: number,
    start?: Start,
    signal?: AbortSignal,
    adapter = 0,
  ): Promise<Submitted> {
    return namingErrors(() =>
      this.model.submitHidden(rows, this.adapters[adapter]!, to, start, signal),
    );
  }

  submitLogitsAfter(
    rows: readonly Int32Array[],
    start: Start,
    signal?: AbortSignal,
    adapter = 0,
  ): Promise<Submitted> {
    return namingErrors(() => this.model.submit(rows, [this.adapters[adapter]!], signal, start));
  }

  async testLayer(row: Int32Array, layer: number, adapter: string | null) {
    const { pkg, backend, embedding } = this.from;
    const hidden = await embedding.gather([row], row.length);
    return DeviceTensors.during(backend, async (tensors) => {
      const lora = await placeLoraLayer(pkg, tensors, adapter, layer);
      const output = await this.layers.with(layer, async () => {
        const { values } = await this.model.submitHidden([row], lora, layer + 1, { layer, hidden });
        return values;
      });
      return { input: hidden, output };
    });
  }

  async testHead(row: Int32Array, adapter: string | null): Promise<Float32Array> {
    const { pkg, backend } = this.from;
    const head = adapter === null ? null : await pkg.adapter(adapter);
    return DeviceTensors.during(backend, async (tensors) => {
      return this.model.headOf(row, await placeHead(pkg, tensors, head));
    });
  }

  /** Frees the memory of kernels, but not layers and adapters. */
  disposeKernels(): void {
    this.model.dispose();
  }

  async dispose(): Promise<void> {
    this.model.dispose();
    this.adapterSet.dispose();
    this.layers.dispose();
  }
}

/** Turns unknown errors of a submission and of its values into `engine/failed`. */
async function namingErrors(work: () => Promise<Submitted>): Promise<Submitted> {
  try {
    const submitted = await work();
    const values = submitted.values.catch((thrown) => {
      throw kernelError(thrown);
    });
    values.catch(() => {}); // the caller handles it when it awaits `values`
    return { values };
  } catch (thrown) {
    throw kernelError(thrown);
  }
}

function kernelError(thrown: unknown): TiebreakError {
  if (thrown instanceof TiebreakError) return thrown;
  return new TiebreakError('engine/failed:wgsl', {
    params: { reason: asTiebreakError(thrown).message },
    cause: thrown,
  });
}
