import { TiebreakError, throwIfAborted } from '../../core/errors.ts';
import { linearShape } from '../../model/config.ts';
import { normInput } from '../../model/onnx/graphs.ts';
import { type ModelPackage, tensorName } from '../../model/package.ts';
import { rotaryCaches } from '../../model/positions.ts';
import type { Backend, OpenGpu } from '../backend.ts';
import type { EmbeddingTable } from '../embedding.ts';
import type { Start } from '../executor.ts';
import type { LayerStore } from '../layer-store.ts';
import { loadNorm } from '../load.ts';
import type { ResidentTensor } from '../weights.ts';
import { activationBytes } from './activations.ts';
import {
  INPUT_GROUPS,
  type LayersOf,
  type LoraLayer,
  largestRank,
  type WgslAdapter,
} from './adapter.ts';
import {
  type AttentionShape,
  attentionKernel,
  attentionTile,
  queriesPerBlock,
} from './attention.ts';
import { BLOCK_WORDS, type PackedBatch, packBatch } from './batch.ts';
import { BufferPool, Staging } from './buffers.ts';
import { embedGroups, embedKernel } from './embed.ts';
import { geluKernel } from './gelu.ts';
import { headKernel, pickKernel } from './head.ts';
import { normKernel } from './norm.ts';
import { type LayerBuffers, Products } from './products.ts';
import { type Binding, Recorder } from './recorder.ts';
import { rotaryGroups, rotaryKernel } from './rotary.ts';
import {
  arrangedBytes,
  arrangeGroups,
  arrangeKernel,
  queriesPerTile,
  subgroupAttentionKernel,
  tilesFit,
} from './subgroup-attention.ts';
import { LAYOUT, ROW_MULTIPLE, refusal, roundUpRows, type Variant } from './variant.ts';

/** A backend that computes on a GPU. */
export type WebGpuBackend = Extract<Backend, { device: 'webgpu' }>;

/** What a model is made from. Layers and embedding belong to the caller. */
export interface WgslModelParts {
  pkg: ModelPackage;
  backend: WebGpuBackend;
  layers: LayerStore;
  embedding: EmbeddingTable;
  variant: Variant;
  /** Default: what rows of a batch have in common at their beginning is computed once. */
  sharePrefixes?: boolean;
  /** Small tiles, which software devices compile quickly. */
  small?: boolean;
}

/** What belongs to one set of rows on its way through the layers. */
interface Rows {
  M: number;
  /** Residual stream, float32 [M, H]. */
  hidden: GPUBuffer;
  positions: GPUBuffer;
  blocks: GPUBuffer;
  blockCount: number;
  /** For subgroup attention; null where the other one is used. */
  tiled: { rows: number; source: GPUBuffer; blocks: GPUBuffer; blockCount: number } | null;
}

/**
 * The whole classifier in our own kernels: rows are concatenated without padding, and in the last layer only the pooled
 * tokens go on once its keys and values are there.
 *
 * Not reentrant: one pass at a time, in a scope of the backend's guard.
 */
export class WgslModel {
  readonly variant: Variant;
  /** Records and times kernels. */
  readonly recorder: Recorder;
  private readonly parts: WgslModelParts;
  private readonly pool: BufferPool;
  private readonly staging: Staging;
  private readonly products: Products;
  private readonly finalNorm: ResidentTensor;
  private readonly shape: Omit<AttentionShape, 'softCap'>;
  /** Queries of a tile of subgroup attention; null where it is not used. */
  private readonly queriesPerTile: number | null;
  private rotaryPositions = 0;
  /** Soft caps and LoRA targets whose kernels are compiled. */
  private readonly compiled = new Set<string>();
  /** Rows of the MLP at a time; fixed for a pass, because buffers may not change within one. */
  private mlpRows = ROW_MULTIPLE;

  private constructor(parts: WgslModelParts, finalNorm: ResidentTensor) {
    const { pkg, backend, variant, small = false } = parts;
    const { config } = pkg;
    this.parts = parts;
    this.variant = variant;
    this.recorder = new Recorder(backend.gpuDevice);
    this.pool = new BufferPool(backend.gpuDevice);
    this.staging = new Staging(backend.gpuDevice);
    this.products = new Products({
      config,
      quantization: pkg.manifest.quantization,
      variant,
      small,
      recorder: this.recorder,
      pool: this.pool,
    });
    this.finalNorm = finalNorm;
    this.shape = {
      heads: config.numHeads,
      keyValueHeads: config.numKeyValueHeads,
      headDim: config.headDim,
      scale: config.queryPreAttnScalar ** -0.5,
      output: LAYOUT[variant],
      tile: attentionTile(config.headDim, this.recorder.limits, small)!,
    };
    this.queriesPerTile =
      variant === 'subgroup-matrix' && tilesFit(this.shape) ? queriesPerTile(this.shape) : null;
  }

  /** @throws TiebreakError `gpu/kernels` when the device cannot run this variant of this model. */
  static async create(parts: WgslModelParts): Promise<WgslModel> {
    const { pkg, backend, variant } = parts;
    const facts = factsOf(backend);
    const why = refusal(variant, pkg.config, pkg.manifest.quantization, facts);
    if (why !== null) {
      throw new TiebreakError('gpu/kernels', `The ${variant} kernels cannot run: ${why}.`);
    }
    return new WgslModel(parts, await loadNorm(pkg, backend, tensorName.finalNorm));
  }

  /** Bytes of temporary buffers. */
  get temporaryBytes(): number {
    return this.pool.bytes;
  }

  /**
   * Logits [adapters, rows, 3] of token rows. Values are not checked.
   * @param start where the layers before are computed already; it must be below the last layer.
   * @throws TiebreakError `gpu/binding-size` when the batch is too large for the device, `run/cancelled`.
   */
  forward(
    rows: readonly Int32Array[],
    adapters: readonly WgslAdapter[],
    signal?: AbortSignal,
    start?: Start,
  ): Promise<Float32Array<ArrayBuffer>> {
    return this.passing(async () => {
      const { hiddenSize: H, numLayers, rmsNormEps } = this.parts.pkg.config;
      const { batch, all } = await this.begin(rows, adapters, start, signal);
      const first = start?.layer ?? 0;
      for (const adapter of adapters) await this.compile(adapter, first, numLayers, all, batch);
      const shared = Math.max(first, this.sharedLayers(adapters));
      for (let layer = first; layer < shared; layer += 1) {
        await this.layer(layer, numLayers, adapters[0]!, all, signal);
      }
      const bytes = batch.tokens * H * 4;
      const common = adapters.length > 1 ? this.pool.get('common', bytes) : null;
      if (common !== null) this.recorder.copy(all.hidden, common, bytes);
      const count = rows.length * 3;
      const logits = this.pool.get('logits', adapters.length * count * 4);
      for (const [a, adapter] of adapters.entries()) {
        if (common !== null && a > 0) this.recorder.copy(common, all.hidden, bytes);
        for (let layer = shared; layer < numLayers - 1; layer += 1) {
          await this.layer(layer, numLayers, adapter, all, signal);
        }
        const last = await this.lastLayer(batch, adapter, all, signal);
        const one = this.pool.get('logits of one', count * 4);
        await this.recorder.run(
          headKernel(H, rmsNormEps),
          [last.hidden, this.finalNorm.tensor.gpuBuffer, adapter.score, one],
          [rows.length],
          rows.length,
          rows.length * H,
        );
        this.recorder.copy(one, logits, count * 4, a * count * 4);
      }
      return this.recorder.read(logits, adapters.length * count);
    });
  }

  /** Hidden states of rows before layer `to`, float32 [tokens, hiddenSize] in the order of `packBatch`. */
  hiddenAfter(
    rows: readonly Int32Array[],
    adapter: LayersOf,
    to: number,
    start?: Start,
    signal?: AbortSignal,
  ): Promise<Float32Array<ArrayBuffer>> {
    return this.passing(async () => {
      const { batch, all } = await this.begin(rows, [adapter], start, signal);
      await this.compile(adapter, start?.layer ?? 0, to, all);
      for (let layer = start?.layer ?? 0; layer < to; layer += 1) {
        await this.layer(layer, to, adapter, all, signal);
      }
      return this.recorder.read(all.hidden, batch.tokens * this.parts.pkg.config.hiddenSize);
    });
  }

  /** Logits [3] of a row's embedding as it is, without the layers. */
  headOf(row: Int32Array, score: GPUBuffer): Promise<Float32Array<ArrayBuffer>> {
    return this.passing(async () => {
      const { hiddenSize: H, rmsNormEps } = this.parts.pkg.config;
      const { batch, all } = await this.begin([row], [], undefined, undefined);
      const picked = this.pool.get('last hidden', ROW_MULTIPLE * H * 4);
      const last = this.pool.fill('last', batch.last);
      await this.recorder.run(pickKernel(H), [all.hidden, last, picked], [1], 1, H);
      const logits = this.pool.get('logits', 12);
      await this.recorder.run(
        headKernel(H, rmsNormEps),
        [picked, this.finalNorm.tensor.gpuBuffer, score, logits],
        [1],
        1,
        H,
      );
      return this.recorder.read(logits, 3);
    });
  }

  /** Frees everything that is not the caller's. */
  dispose(): void {
    this.pool.dispose();
    this.staging.dispose();
    this.recorder.dispose();
    this.finalNorm.release();
  }

  /** Does a pass; leaves nothing under way on the device when it fails. */
  private async passing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      await this.recorder.abandon();
      throw thrown;
    } finally {
      await this.parts.layers.settle();
    }
  }

  /** Puts rows on the device. */
  private async begin(
    rows: readonly Int32Array[],
    adapters: readonly LayersOf[],
    start: Start | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ batch: PackedBatch; all: Rows }> {
    const batch = packBatch(rows, {
      queriesPerBlock: queriesPerBlock(this.shape),
      queriesPerTile: this.queriesPerTile,
      share: this.parts.sharePrefixes,
    });
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
    this.mlpRows = this.rowsAtOnce();
    this.rotary(Math.max(...rows.map((row) => row.length)));
    const all = this.rows(batch, largestRank(adapters));
    if (values !== null) this.recorder.device.queue.writeBuffer(all.hidden, 0, values);
    if (staged !== null) {
      const { hiddenSize: H } = pkg.config;
      const embedded = this.pool.get('embedding', bytes);
      this.recorder.copy(staged, embedded, bytes);
      await this.recorder.run(
        embedKernel(H),
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

  /** Compiles what layers `from` to `to` need under an adapter, side by side. @param batch where the last layer is pooled. */
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
        } else await this.layer(layer, to, adapter, all, undefined);
      }
    });
    for (const key of fresh.keys()) this.compiled.add(key);
  }

  /** Layers from the first on that are the same under every adapter; the last layer is never among them. */
  private sharedLayers(adapters: readonly WgslAdapter[]): number {
    const { pkg } = this.parts;
    const most = pkg.config.numLayers - 1;
    if (adapters.length === 1) return most;
    if (new Set(adapters.map(({ name }) => pkg.softCap(name))).size > 1) return 0;
    const first = adapters.map(({ layers }) => layers.findIndex((lora) => lora.size > 0));
    return Math.min(most, ...first.map((layer) => (layer < 0 ? most : layer)));
  }

  private rows({ tokens, positions, blocks, tiled }: PackedBatch, rank: number): Rows {
    const { hiddenSize: H } = this.parts.pkg.config;
    const padded = roundUpRows(tokens);
    this.pool.get('low', padded * rank * 4);
    return {
      M: tokens,
      hidden: this.pool.get('hidden', padded * H * 4),
      positions: this.pool.fill('positions', positions),
      blocks: this.pool.fill('blocks', blocks),
      blockCount: blocks.length / BLOCK_WORDS,
      tiled: tiled && {
        rows: tiled.source.length,
        source: this.pool.fill('source', tiled.source),
        blocks: this.pool.fill('tiled blocks', tiled.blocks),
        blockCount: tiled.blocks.length / BLOCK_WORDS,
      },
    };
  }

  /** One decoder layer over all tokens. */
  private async layer(
    index: number,
    to: number,
    adapter: LayersOf,
    rows: Rows,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    throwIfAborted(signal);
    const layer = await this.weights(index, to);
    const lora = adapter.layers[index]!;
    const x = await this.inputNorm(layer, rows);
    await this.keysAndValues(layer, lora, rows, x);
    if (rows.tiled === null) await this.rotate('k_proj', this.shape.keyValueHeads, rows);
    await this.fromQueries(index, layer, lora, adapter, rows, x);
    // A streamed layer's buffers are written again after this.
    if (index >= this.parts.layers.resident) await this.recorder.submit();
  }

  /** The last decoder layer, of whose results only those of the last tokens are computed. */
  private async lastLayer(
    batch: PackedBatch,
    adapter: LayersOf,
    all: Rows,
    signal: AbortSignal | undefined,
  ): Promise<Rows> {
    throwIfAborted(signal);
    const { numLayers, hiddenSize: H } = this.parts.pkg.config;
    const index = numLayers - 1;
    const layer = await this.weights(index, numLayers);
    const lora = adapter.layers[index]!;
    await this.keysAndValues(layer, lora, all, await this.inputNorm(layer, all));
    await this.rotate('k_proj', this.shape.keyValueHeads, all);
    const R = batch.last.length;
    const rows: Rows = {
      M: R,
      hidden: this.pool.get('last hidden', roundUpRows(R) * H * 4),
      positions: this.pool.fill('last positions', batch.lastPositions),
      blocks: this.pool.fill('last blocks', batch.lastBlocks),
      blockCount: R,
      tiled: null,
    };
    const last = this.pool.fill('last', batch.last);
    await this.recorder.run(pickKernel(H), [all.hidden, last, rows.hidden], [R], R, R * H);
    const x = await this.inputNorm(layer, rows);
    await this.products.ready(INPUT_GROUPS[0], lora, x, this.low, R);
    await this.fromQueries(index, layer, lora, adapter, rows, x);
    if (index >= this.parts.layers.resident) await this.recorder.submit();
    return rows;
  }

  private async inputNorm(layer: LayerBuffers, { M, hidden }: Rows): Promise<GPUBuffer> {
    const { hiddenSize: H, rmsNormEps: epsilon } = this.parts.pkg.config;
    const output = LAYOUT[this.variant];
    const x = this.pool.get('x', activationBytes(output, roundUpRows(M), H));
    await this.recorder.run(
      normKernel({ H, epsilon, add: 'none', output }),
      [hidden, layer[normInput('input_layernorm')]!, x],
      [M],
      M,
      10 * M * H,
    );
    return x;
  }

  /** Keys and values of all tokens, and the first LoRA product of all three projections. */
  private async keysAndValues(
    layer: LayerBuffers,
    lora: LoraLayer,
    rows: Rows,
    x: GPUBuffer,
  ): Promise<void> {
    const { config } = this.parts.pkg;
    await this.products.ready(INPUT_GROUPS[0], lora, x, this.low, rows.M);
    for (const name of ['k_proj', 'v_proj'] as const) {
      const { N } = linearShape(config, name);
      const output = this.pool.get(name, roundUpRows(rows.M) * N * 4);
      await this.products.run(name, layer, lora, x, this.low, output, rows.M);
    }
  }

  /** Everything of a layer from the queries of `rows` on; keys, values and `x` are there. */
  private async fromQueries(
    index: number,
    layer: LayerBuffers,
    lora: LoraLayer,
    adapter: LayersOf,
    rows: Rows,
    x: GPUBuffer,
  ): Promise<void> {
    const { config } = this.parts.pkg;
    const { M, hidden } = rows;
    const { hiddenSize: H, rmsNormEps: epsilon, numHeads, headDim } = config;
    const padded = roundUpRows(M);
    const output = LAYOUT[this.variant];
    const width = numHeads * headDim;

    const q = this.pool.get('q_proj', padded * width * 4);
    await this.products.run('q_proj', layer, lora, x, this.low, q, M);

    const mixed = this.pool.get('mixed', activationBytes(output, padded, width));
    await this.attend(index, adapter, rows, q, mixed);
    const y = this.pool.get('y', padded * H * 4);
    await this.products.ready(INPUT_GROUPS[1], lora, mixed, this.low, M);
    await this.products.run('o_proj', layer, lora, mixed, this.low, y, M);

    await this.recorder.run(
      normKernel({ H, epsilon, add: 'plain', output }),
      [
        hidden,
        y,
        layer[normInput('post_attention_layernorm')]!,
        layer[normInput('pre_feedforward_layernorm')]!,
        x,
      ],
      [M],
      M,
      20 * M * H,
    );
    await this.mlp(layer, lora, rows, x, y);
  }

  /** Attention of the queries, which are not rotated yet. Keys are: in the last layer, whose rows are not all tokens. */
  private async attend(
    index: number,
    adapter: LayersOf,
    rows: Rows,
    q: GPUBuffer,
    mixed: GPUBuffer,
  ): Promise<void> {
    const { pkg } = this.parts;
    const { sliding, slidingWindow, numKeyValueHeads, numHeads, headDim } = pkg.config;
    const window = sliding[index] ? slidingWindow : NO_WINDOW;
    const { M, blocks, blockCount, tiled } = rows;
    if (tiled !== null) {
      await this.recorder.run(
        subgroupAttentionKernel({ ...this.shape, softCap: pkg.softCap(adapter.name) }),
        [
          await this.arrange('q_proj', rows, tiled, true),
          await this.arrange('k_proj', rows, tiled, true),
          await this.arrange('v_proj', rows, tiled, false),
          tiled.blocks,
          mixed,
        ],
        [tiled.blockCount, window],
        tiled.blockCount * numKeyValueHeads,
        2 * M * M * numHeads * headDim,
      );
      return;
    }
    await this.rotate('q_proj', numHeads, rows);
    await this.recorder.run(
      attentionKernel({ ...this.shape, softCap: pkg.softCap(adapter.name) }),
      [q, this.pool.get('k_proj', 0), this.pool.get('v_proj', 0), blocks, mixed],
      [blockCount, window],
      blockCount * numKeyValueHeads,
      // Half of the keys on average; exact for one row.
      2 * M * M * numHeads * headDim,
    );
  }

  /** Heads as the matrices of subgroup attention. */
  private async arrange(
    name: 'q_proj' | 'k_proj' | 'v_proj',
    { positions }: Rows,
    { rows, source }: NonNullable<Rows['tiled']>,
    rotated: boolean,
  ): Promise<GPUBuffer> {
    const { headDim } = this.shape;
    const heads = name === 'q_proj' ? this.shape.heads : this.shape.keyValueHeads;
    const out = this.pool.get(`arranged ${name}`, arrangedBytes(rows, heads, headDim));
    await this.recorder.run(
      arrangeKernel(heads, headDim, rotated),
      [
        this.pool.get(name, 0),
        this.pool.get('cosines', 0),
        this.pool.get('sines', 0),
        source,
        positions,
        out,
      ],
      [],
      arrangeGroups(rows, heads, headDim),
      6 * rows * heads * headDim,
    );
    return out;
  }

  /** The MLP, a number of rows at a time where gate and up of all rows would be too large or take too long. */
  private async mlp(
    layer: LayerBuffers,
    lora: LoraLayer,
    { M, hidden }: Rows,
    x: GPUBuffer,
    y: GPUBuffer,
  ): Promise<void> {
    const { hiddenSize: H, intermediateSize: I, rmsNormEps: epsilon } = this.parts.pkg.config;
    const layout = LAYOUT[this.variant];
    const step = Math.min(roundUpRows(M), this.mlpRows);
    const gate = this.pool.get('gate', step * I * 4);
    const up = this.pool.get('up', step * I * 4);
    const act = this.pool.get('act', activationBytes(layout, step, I));
    const scale = layout === 'f32' ? [] : [this.pool.get('scale', step * 4)];
    for (let first = 0; first < M; first += step) {
      const rows = Math.min(step, M - first);
      const part = (buffer: GPUBuffer, rowBytes: number): Binding => ({
        buffer,
        offset: first * rowBytes,
        size: roundUpRows(rows) * rowBytes,
      });
      const input = part(x, activationBytes(layout, 1, H));
      const out = part(y, H * 4);
      await this.products.ready(INPUT_GROUPS[2], lora, input, this.low, rows);
      await this.products.run('gate_proj', layer, lora, input, this.low, gate, rows);
      await this.products.run('up_proj', layer, lora, input, this.low, up, rows);
      await this.recorder.run(
        geluKernel(I, layout),
        [gate, up, act, ...scale],
        [rows],
        rows,
        20 * rows * I,
      );
      await this.products.ready(INPUT_GROUPS[3], lora, act, this.low, rows);
      await this.products.run('down_proj', layer, lora, act, this.low, out, rows);
      await this.recorder.run(
        normKernel({ H, epsilon, add: layout === 'f32' ? 'plain' : 'scaled', output: null }),
        [part(hidden, H * 4), out, layer[normInput('post_feedforward_layernorm')]!, ...scale],
        [rows],
        rows,
        10 * rows * H,
      );
    }
  }

  private async rotate(name: 'q_proj' | 'k_proj', heads: number, rows: Rows): Promise<void> {
    const { headDim } = this.parts.pkg.config;
    const { M, positions } = rows;
    await this.recorder.run(
      rotaryKernel(heads, headDim),
      [this.pool.get(name, 0), this.pool.get('cosines', 0), this.pool.get('sines', 0), positions],
      [M],
      rotaryGroups(heads, headDim, M),
      6 * M * heads * headDim,
    );
  }

  private rowsAtOnce(): number {
    const { hiddenSize: H, intermediateSize: I } = this.parts.pkg.config;
    const { maxStorageBufferBindingSize: most } = this.recorder.limits;
    const fit = Math.min(most / (I * 4), this.recorder.operationsAtOnce / (2 * H * I));
    return Math.max(1, Math.floor(fit / ROW_MULTIPLE)) * ROW_MULTIPLE;
  }

  private get low(): GPUBuffer {
    return this.pool.get('low', 0);
  }

  private rotary(longest: number): void {
    if (longest <= this.rotaryPositions) return;
    this.rotaryPositions = 2 ** Math.ceil(Math.log2(Math.max(64, longest)));
    const { cos, sin } = rotaryCaches(this.parts.pkg.config, this.rotaryPositions);
    this.pool.fill('cosines', cos);
    this.pool.fill('sines', sin);
  }

  private async weights(index: number, to: number): Promise<LayerBuffers> {
    if (this.recorder.compiling) return {};
    const feeds = await this.parts.layers.feeds(index, to);
    return Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => [name, tensor.gpuBuffer]),
    );
  }
}

const NO_WINDOW = 2 ** 30;

/** What of an open GPU decides on the variants. */
export function factsOf({ gpuDevice }: OpenGpu) {
  const { features, limits, adapterInfo } = gpuDevice;
  const { subgroupMinSize = 0, subgroupMaxSize = 0 } = adapterInfo ?? {};
  return {
    features,
    languageFeatures: navigator.gpu.wgslLanguageFeatures,
    limits,
    subgroupSizes: [subgroupMinSize, subgroupMaxSize] as const,
  };
}
