import { TiebreakError, throwIfAborted } from '../../domain/errors.ts';
import type { EmbeddingTable } from '../../model/embedding-table.ts';
import { tensorName } from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { OpenGpu, WebGpuBackend } from '../device/backend.ts';
import { bufferOf, DeviceTensors } from '../device/tensors.ts';
import type { DeviceLayers } from '../executor/device-layers.ts';
import type { Start, Submitted } from '../executor/executor.ts';
import type { DeviceHead } from '../executor/head-weights.ts';
import { toldReason } from '../executor/refusal.ts';
import type { Variant } from '../executor/variants.ts';
import { placeNorm } from '../executor/weights.ts';
import { type LayersOf, largestRank, type WgslAdapter } from './adapter.ts';
import { type PackedBatch, packBatch } from './batch.ts';
import { BufferPool, Staging } from './buffers.ts';
import { defaultChoice, type KernelChoice } from './choice.ts';
import { Decoder, type Rows } from './decoder.ts';
import { embedGroups, embedKernel } from './kernels/embed.ts';
import { headKernel } from './kernels/head.ts';
import { headLayerKernel } from './kernels/head-layer.ts';
import { Recorder } from './recorder.ts';
import { refusal } from './variant.ts';

/** The parts from which a model is made. The caller owns layers and embedding. */
export interface WgslModelParts {
  pkg: ModelPackage;
  backend: WebGpuBackend;
  layers: DeviceLayers;
  embedding: EmbeddingTable;
  variant: Variant;
  /** True computes a beginning that rows of a batch share once. Default true. */
  sharePrefixes?: boolean;
  /** True computes of the last layer only what the pooled tokens need. Default true. */
  poolLastLayer?: boolean;
  /** Kernels to use. Default: `defaultChoice`. */
  choice?: KernelChoice;
}

/**
 * The whole classifier in our own kernels. Rows are concatenated without padding, and in the last layer only the pooled
 * tokens continue once its keys and values are computed.
 *
 * Not reentrant: only one pass may be recorded at a time, in a scope of the backend's guard. The next pass may be
 * recorded while the device still computes the previous one. Both use the same buffers, because the device finishes one
 * submission before the next.
 */
export class WgslModel {
  readonly variant: Variant;
  /** Records and times kernels. */
  readonly recorder: Recorder;
  private readonly parts: WgslModelParts;
  private readonly pool: BufferPool;
  private readonly staging: Staging;
  private readonly decoder: Decoder;
  private readonly tensors: DeviceTensors;
  private readonly finalNorm: GPUBuffer;
  /** Keys of soft caps and LoRA targets whose kernels have been compiled. */
  private readonly compiled = new Set<string>();

  private constructor(parts: WgslModelParts, tensors: DeviceTensors, finalNorm: GPUBuffer) {
    const { pkg, backend, variant, layers } = parts;
    this.parts = parts;
    this.variant = variant;
    this.recorder = new Recorder(backend.gpuDevice);
    this.pool = new BufferPool(backend.gpuDevice);
    this.staging = new Staging(backend.gpuDevice);
    const { recorder, pool } = this;
    const { gpuDevice, gpu } = backend;
    const choice =
      parts.choice ?? defaultChoice(pkg.config, variant, gpuDevice.limits, gpu.fallback);
    this.decoder = new Decoder({ pkg, layers, variant, choice, recorder, pool });
    this.tensors = tensors;
    this.finalNorm = finalNorm;
  }

  /** Makes a model. @throws TiebreakError `gpu/kernels` if the device cannot run this variant of this model. */
  static async create(parts: WgslModelParts): Promise<WgslModel> {
    const { pkg, backend, variant } = parts;
    const facts = factsOf(backend);
    const why = refusal(variant, pkg.config, pkg.manifest.quantization, facts);
    if (why !== null) {
      const params = { variant, reason: toldReason(why) };
      throw new TiebreakError('gpu/kernels:variant', { params });
    }
    return DeviceTensors.kept(backend, async (tensors) => {
      const norm = await placeNorm(pkg, tensors, tensorName.finalNorm);
      return new WgslModel(parts, tensors, bufferOf(norm));
    });
  }

  /** Bytes of temporary buffers, including those between CPU and device. */
  get temporaryBytes(): number {
    return this.pool.bytes + this.staging.bytes + this.recorder.readBytes;
  }

  /** Runs {@link WgslModel.submit} and waits for its values [adapters, rows, outputs]. */
  async forward(
    rows: readonly Int32Array[],
    adapters: readonly WgslAdapter[],
    signal?: AbortSignal,
    start?: Start,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { values } = await this.submit(rows, adapters, signal, start);
    return values;
  }

  /**
   * Submits all work for what the heads give, [adapters, rows, outputs], for rows of token ids. Values are not checked.
   * Layers below the first LoRA matrix of any adapter run once for all.
   * @param start hidden states to start from; its layer must be below the last one. Default: the embeddings.
   * @throws TiebreakError `gpu/binding-size` if the batch is too large for the device, `run/cancelled`.
   */
  submit(
    rows: readonly Int32Array[],
    adapters: readonly WgslAdapter[],
    signal?: AbortSignal,
    start?: Start,
  ): Promise<Submitted> {
    return this.runPass(async () => {
      const { hiddenSize: H, numLayers } = this.parts.pkg.config;
      const { batch, all } = await this.begin(rows, adapters, start, signal);
      const first = start?.layer ?? 0;
      for (const adapter of adapters) await this.compile(adapter, first, numLayers, all, batch);
      const shared = Math.max(first, this.sharedLayers(adapters));
      for (let layer = first; layer < shared; layer += 1) {
        await this.decoder.layer(layer, numLayers, adapters[0]!, all, signal);
      }
      const bytes = batch.tokens * H * 4;
      const common = adapters.length > 1 ? this.pool.get('common', bytes) : null;
      if (common !== null) this.recorder.copy(all.hidden, common, bytes);
      const { outputs } = adapters[0]!;
      const count = rows.length * outputs;
      const logits = this.pool.get('logits', adapters.length * count * 4);
      for (const [a, adapter] of adapters.entries()) {
        if (common !== null && a > 0) this.recorder.copy(common, all.hidden, bytes);
        for (let layer = shared; layer < numLayers - 1; layer += 1) {
          await this.decoder.layer(layer, numLayers, adapter, all, signal);
        }
        const last = await this.lastLayer(batch, adapter, all, signal);
        const one = this.pool.get('logits of one', count * 4);
        await this.runHead(adapter.head, last, rows.length, one);
        this.recorder.copy(one, logits, count * 4, a * count * 4);
      }
      return this.recorder.readBack(logits, adapters.length * count);
    });
  }

  /**
   * Submits all work for the hidden states of rows before layer `to`: float32 [tokens, hiddenSize] in the order of
   * `packBatch`.
   */
  submitHidden(
    rows: readonly Int32Array[],
    adapter: LayersOf,
    to: number,
    start?: Start,
    signal?: AbortSignal,
  ): Promise<Submitted> {
    return this.runPass(async () => {
      const { batch, all } = await this.begin(rows, [adapter], start, signal);
      await this.compile(adapter, start?.layer ?? 0, to, all);
      for (let layer = start?.layer ?? 0; layer < to; layer += 1) {
        await this.decoder.layer(layer, to, adapter, all, signal);
      }
      return this.recorder.readBack(all.hidden, batch.tokens * this.parts.pkg.config.hiddenSize);
    });
  }

  /** Outputs of a head, [outputs], for a row's embedding, without any layers. */
  headOf(row: Int32Array, head: DeviceHead): Promise<Float32Array<ArrayBuffer>> {
    return this.runPass(async () => {
      const { batch, all } = await this.begin([row], [], undefined, undefined);
      const picked = await this.decoder.pick(batch, all);
      const logits = this.pool.get('logits', head.outputs * 4);
      await this.runHead(head, picked, 1, logits);
      return this.recorder.read(logits, head.outputs);
    });
  }

  /** Records final norm and head for the hidden states of `rows` tokens. @param into float32 [rows, outputs]. */
  private async runHead(
    { form, layers, activation, outputs }: DeviceHead,
    hidden: GPUBuffer,
    rows: number,
    into: GPUBuffer,
  ): Promise<void> {
    const { hiddenSize: H, norm } = this.parts.pkg.config;
    if (form === 'narrow') {
      await this.recorder.run(
        headKernel(H, norm.epsilon, outputs),
        [hidden, this.finalNorm, bufferOf(layers[0]!.weight), into],
        [rows],
        rows,
        rows * H,
      );
      return;
    }
    let input = hidden;
    for (const [i, { weight, bias }] of layers.entries()) {
      const [N, K] = weight.shape as [number, number];
      const isLast = i === layers.length - 1;
      const output = isLast ? into : this.pool.get('head', rows * N * 4);
      await this.recorder.run(
        headLayerKernel({
          K,
          N,
          epsilon: i === 0 ? norm.epsilon : null,
          hasBias: bias !== null,
          activation: isLast ? null : activation,
        }),
        [
          input,
          ...(i === 0 ? [this.finalNorm] : []),
          bufferOf(weight),
          ...(bias === null ? [] : [bufferOf(bias)]),
          output,
        ],
        [rows * N],
        rows * N,
        2 * rows * N * K,
      );
      input = output;
    }
  }

  /** Frees everything that the model owns. */
  dispose(): void {
    this.pool.dispose();
    this.staging.dispose();
    this.recorder.dispose();
    this.tensors.release();
  }

  /** Runs a pass. If it fails, drops recorded work and waits for submitted work. */
  private async runPass<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      await this.recorder.abandon();
      throw thrown;
    } finally {
      await this.parts.layers.settle();
    }
  }

  /** Writes a batch and its first hidden states to the device. */
  private async begin(
    rows: readonly Int32Array[],
    adapters: readonly LayersOf[],
    start: Start | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ batch: PackedBatch; all: Rows }> {
    const { queriesPerBlock, queriesPerTile } = this.decoder;
    const share = this.parts.sharePrefixes;
    const batch = packBatch(rows, { queriesPerBlock, queriesPerTile, share });
    const { embedding, pkg } = this.parts;
    const rowBytes = start === undefined ? embedding.halfBytes : null;
    const values =
      start?.hidden ??
      (rowBytes === null ? await embedding.gather([batch.ids], batch.tokens) : null);
    const bytes = batch.tokens * (rowBytes ?? 0);
    const staged =
      rowBytes === null
        ? null
        : await this.staging.fill(bytes, (into) => embedding.halves(batch.ids, into));
    throwIfAborted(signal);
    const all = this.decoder.begin(batch, largestRank(adapters));
    if (values !== null) this.recorder.device.queue.writeBuffer(all.hidden, 0, values);
    if (staged !== null) {
      const { hiddenSize: H, embeddingScale } = pkg.config;
      const embedded = this.pool.get('embedding', bytes);
      this.recorder.copy(staged, embedded, bytes);
      await this.recorder.run(
        embedKernel(H, embeddingScale),
        [embedded, all.hidden],
        [batch.tokens],
        embedGroups(H, batch.tokens),
        batch.tokens * H,
      );
      await this.recorder.submit();
      this.staging.submitted();
    }
    return { batch, all };
  }

  /** Records the last layer. Returns the hidden states of the rows' last tokens, float32 [rows, H]. */
  private async lastLayer(
    batch: PackedBatch,
    adapter: LayersOf,
    all: Rows,
    signal: AbortSignal | undefined,
  ): Promise<GPUBuffer> {
    const { poolLastLayer = true, pkg } = this.parts;
    if (poolLastLayer) return this.decoder.lastLayer(batch, adapter, all, signal);
    const { numLayers } = pkg.config;
    await this.decoder.layer(numLayers - 1, numLayers, adapter, all, signal);
    return this.decoder.pick(batch, all);
  }

  /**
   * Compiles the kernels that layers `from` to `to` (exclusive) need with an adapter, in parallel.
   * @param batch if the pass includes the last layer, whose kernels differ.
   */
  private async compile(
    adapter: LayersOf,
    from: number,
    to: number,
    all: Rows,
    batch?: PackedBatch,
  ): Promise<void> {
    const softCap = this.parts.pkg.softCap(adapter.name);
    const fresh = new Map<string, number>();
    for (let layer = from; layer < to; layer += 1) {
      const pooled = batch !== undefined && layer === to - 1;
      const key = `${softCap} ${pooled} ${[...adapter.layers[layer]!.keys()].join()}`;
      if (!this.compiled.has(key)) fresh.set(key, layer);
    }
    if (fresh.size === 0) return;
    await this.recorder.compile(async () => {
      for (const layer of fresh.values()) {
        if (batch !== undefined && layer === to - 1) {
          await this.lastLayer(batch, adapter, all, undefined);
        } else await this.decoder.layer(layer, to, adapter, all, undefined);
      }
    });
    for (const key of fresh.keys()) this.compiled.add(key);
  }

  /** Number of layers, from the first on, that compute the same with every adapter; at most all but the last. */
  private sharedLayers(adapters: readonly WgslAdapter[]): number {
    const { pkg } = this.parts;
    const most = pkg.config.numLayers - 1;
    if (adapters.length === 1) return most;
    if (new Set(adapters.map(({ name }) => pkg.softCap(name))).size > 1) return 0;
    const first = adapters.map(({ layers }) => layers.findIndex((lora) => lora.size > 0));
    return Math.min(most, ...first.map((layer) => (layer < 0 ? most : layer)));
  }
}

/** Reads the facts of an open GPU that decide which variants it can run. */
export function factsOf({ gpuDevice }: OpenGpu) {
  const { features, limits, adapterInfo } = gpuDevice;
  const { subgroupMinSize = 0, subgroupMaxSize = 0 } = adapterInfo ?? {};
  return {
    features,
    // Some browsers do not have `wgslLanguageFeatures` yet.
    languageFeatures: navigator.gpu.wgslLanguageFeatures ?? new Set<string>(),
    limits,
    subgroupSizes: [subgroupMinSize, subgroupMaxSize] as const,
  };
}
