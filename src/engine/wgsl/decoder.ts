import { throwIfAborted } from '../../domain/errors.ts';
import {
  type DecoderConfig,
  type RotaryConfig,
  rotaryKinds,
  rotaryOf,
} from '../../model/decoder.ts';
import {
  blockNorms,
  INPUT_GROUPS,
  type LayerParts,
  layerOf,
  layerTensors,
  linearShape,
  mapLayer,
  type NormName,
} from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';
import { rotaryCaches } from '../../model/positions.ts';
import { bufferOf } from '../device/tensors.ts';
import type { DeviceLayers } from '../executor/device-layers.ts';
import type { Variant } from '../executor/variants.ts';
import type { LayersOf, LoraLayer } from './adapter.ts';
import { BLOCK_WORDS, type PackedBatch } from './batch.ts';
import type { BufferPool } from './buffers.ts';
import type { KernelChoice } from './choice.ts';
import { activationBytes } from './kernels/activations.ts';
import { type AttentionShape, attentionKernel, queriesPerBlock } from './kernels/attention.ts';
import { gatedKernel } from './kernels/gated.ts';
import { pickKernel } from './kernels/head.ts';
import { normKernel } from './kernels/norm.ts';
import {
  normedRotaryGroups,
  normedRotaryKernel,
  rotaryGroups,
  rotaryKernel,
} from './kernels/rotary.ts';
import {
  arrangedBytes,
  arrangeGroups,
  arrangeKernel,
  queriesPerTile,
  type SubgroupAttentionWay,
  subgroupAttentionKernel,
} from './kernels/subgroup-attention.ts';
import { rotaryPositions } from './memory.ts';
import { Products } from './products.ts';
import type { Binding, Recorder } from './recorder.ts';
import { LAYOUT, ROW_MULTIPLE, roundUpRows } from './variant.ts';

/** The weights of a decoder layer in buffers. */
type LayerBuffers = LayerParts<GPUBuffer>;

/** Stands for a buffer while kernels are only compiled, when bindings are not used. */
const UNBOUND = {} as GPUBuffer;

/** The buffers of one set of M tokens on its way through the layers. */
export interface Rows {
  M: number;
  /** Residual stream, float32 [M, H]. */
  hidden: GPUBuffer;
  /** Position of each token in its row, u32 [M]. */
  positions: GPUBuffer;
  /** Blocks of queries, see `BLOCK_WORDS`. */
  blocks: GPUBuffer;
  blockCount: number;
  /** Buffers for subgroup attention; null if that is not used. */
  tiled: { rows: number; source: GPUBuffer; blocks: GPUBuffer; blockCount: number } | null;
}

/** The parts with which layers are recorded. The caller owns all of them. */
interface DecoderParts {
  pkg: ModelPackage;
  layers: DeviceLayers;
  variant: Variant;
  choice: KernelChoice;
  recorder: Recorder;
  pool: BufferPool;
}

/**
 * Records the decoder layers. Only one pass may be recorded at a time, because its values lie in named buffers of the
 * pool.
 *
 * A layer of M tokens, with the buffers of the pool that it goes through (H hidden size, I width of the MLP):
 *
 *     hidden [M, H] --norm--> x --k, v products--> k_proj, v_proj --rotary--+
 *                             x --q product--> q_proj --rotary--> attention +--> mixed --o product--> y
 *     hidden += norm(y), x = norm(hidden)          (models that norm no outputs: hidden += y)
 *     x --gate, up products--> gate, up --activation--> act --down product--> y     (`mlpRows` rows at a time)
 *     hidden += norm(y)
 *
 * `hidden`, the residual stream, is float32 throughout, because Gemma's exceeds float16. `x`, `mixed` and `act` are
 * inputs of products, rounded to the variant's layout; outputs of products are float32. `low` has LoRA's first product
 * of a group of linear layers from {@link Products.ready} to the last of them.
 */
export class Decoder {
  /** Option of `packBatch`. */
  readonly queriesPerBlock: number;
  /** Option of `packBatch`; null if subgroup attention is not used. */
  readonly queriesPerTile: number | null;
  private readonly pkg: ModelPackage;
  private readonly config: DecoderConfig;
  private readonly layers: DeviceLayers;
  private readonly variant: Variant;
  private readonly recorder: Recorder;
  private readonly pool: BufferPool;
  private readonly products: Products;
  private readonly shape: Omit<AttentionShape, 'softCap'>;
  private readonly matrices: SubgroupAttentionWay | null;
  private readonly rotaries: readonly RotaryConfig[];
  private rotaryPositions = 0;
  /** Rows that the MLP computes at a time. Fixed for a pass, because buffers must not grow within one. */
  private mlpRows = ROW_MULTIPLE;

  constructor({ pkg, layers, variant, choice, recorder, pool }: DecoderParts) {
    const { config } = pkg;
    const { quantization } = pkg.manifest;
    this.pkg = pkg;
    this.config = config;
    this.rotaries = rotaryKinds(config);
    this.layers = layers;
    this.variant = variant;
    this.recorder = recorder;
    this.pool = pool;
    this.products = new Products({
      config,
      quantization,
      variant,
      tiles: choice,
      recorder,
      pool,
    });
    this.matrices = choice.matrices;
    this.shape = {
      heads: config.numHeads,
      keyValueHeads: config.numKeyValueHeads,
      headDim: config.headDim,
      scale: config.attnScale,
      output: LAYOUT[variant],
      tile: choice.attention,
    };
    this.queriesPerBlock = queriesPerBlock(this.shape);
    this.queriesPerTile = this.matrices && queriesPerTile(this.shape);
  }

  /** Writes a batch to the device, except its hidden states. @param rank largest rank of a LoRA product. */
  begin({ tokens, positions, lastPositions, blocks, tiled }: PackedBatch, rank: number): Rows {
    this.mlpRows = this.rowsAtOnce();
    // The last token of a row has its largest position.
    this.rotary(1 + lastPositions.reduce((most, position) => Math.max(most, position), 0));
    const { hiddenSize: H } = this.config;
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

  /** Records one decoder layer for all tokens. @param to end of this pass through the layers (exclusive). */
  async layer(
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
    if (!this.arrangesRotated(rows)) await this.rotate('k_proj', index, layer, rows);
    await this.fromQueries(index, layer, lora, adapter, rows, x);
    // The buffers of a streamed layer are overwritten next, so work that reads them must have been submitted.
    if (this.layers.streams(index)) await this.recorder.submit();
  }

  /**
   * Records the last decoder layer. Keys and values are computed for all tokens, everything else only for the last
   * token of each row, which alone is pooled. Returns their hidden states, float32 [rows, H].
   */
  async lastLayer(
    batch: PackedBatch,
    adapter: LayersOf,
    all: Rows,
    signal: AbortSignal | undefined,
  ): Promise<GPUBuffer> {
    throwIfAborted(signal);
    const { numLayers } = this.config;
    const index = numLayers - 1;
    const layer = await this.weights(index, numLayers);
    const lora = adapter.layers[index]!;
    await this.keysAndValues(layer, lora, all, await this.inputNorm(layer, all));
    await this.rotate('k_proj', index, layer, all);
    const R = batch.last.length;
    const rows: Rows = {
      M: R,
      hidden: await this.pick(batch, all),
      positions: this.pool.fill('last positions', batch.lastPositions),
      blocks: this.pool.fill('last blocks', batch.lastBlocks),
      blockCount: R,
      tiled: null,
    };
    const x = await this.inputNorm(layer, rows);
    await this.products.ready(INPUT_GROUPS[0], lora, x, this.low, R);
    await this.fromQueries(index, layer, lora, adapter, rows, x);
    if (this.layers.streams(index)) await this.recorder.submit();
    return rows.hidden;
  }

  /** Copies the hidden states of the rows' last tokens: float32 [rows, H]. */
  async pick(batch: PackedBatch, all: Rows): Promise<GPUBuffer> {
    const { hiddenSize: H } = this.config;
    const R = batch.last.length;
    const hidden = this.pool.get('last hidden', roundUpRows(R) * H * 4);
    const last = this.pool.fill('last', batch.last);
    await this.recorder.run(pickKernel(H), [all.hidden, last, hidden], [R], R, R * H);
    return hidden;
  }

  private async inputNorm(layer: LayerBuffers, { M, hidden }: Rows): Promise<GPUBuffer> {
    const { hiddenSize: H, norm } = this.config;
    const { epsilon } = norm;
    const output = LAYOUT[this.variant];
    const x = this.pool.get('x', activationBytes(output, roundUpRows(M), H));
    await this.recorder.run(
      normKernel({ H, epsilon, add: 'none', output }),
      [hidden, layer.norm.input_layernorm!, x],
      [M],
      M,
      10 * M * H,
    );
    return x;
  }

  /** Records keys and values of all tokens, and the first LoRA product of all three projections. */
  private async keysAndValues(
    layer: LayerBuffers,
    lora: LoraLayer,
    rows: Rows,
    x: GPUBuffer,
  ): Promise<void> {
    const { config } = this;
    await this.products.ready(INPUT_GROUPS[0], lora, x, this.low, rows.M);
    for (const name of ['k_proj', 'v_proj'] as const) {
      const { N } = linearShape(config, name);
      const output = this.pool.get(name, roundUpRows(rows.M) * N * 4);
      await this.products.run(name, layer.linear[name], lora, x, this.low, output, rows.M);
    }
  }

  /** Records a layer from the queries of `rows` on. Keys, values and `x` must have been recorded. */
  private async fromQueries(
    index: number,
    layer: LayerBuffers,
    lora: LoraLayer,
    adapter: LayersOf,
    rows: Rows,
    x: GPUBuffer,
  ): Promise<void> {
    const { config } = this;
    const { M, hidden } = rows;
    const { hiddenSize: H, norm, numHeads, headDim } = config;
    const { epsilon } = norm;
    const padded = roundUpRows(M);
    const output = LAYOUT[this.variant];
    const width = numHeads * headDim;

    const q = this.pool.get('q_proj', padded * width * 4);
    await this.products.run('q_proj', layer.linear.q_proj, lora, x, this.low, q, M);

    const mixed = this.pool.get('mixed', activationBytes(output, padded, width));
    await this.attend(index, layer, adapter, rows, q, mixed);
    const y = this.pool.get('y', padded * H * 4);
    await this.products.ready(INPUT_GROUPS[1], lora, mixed, this.low, M);
    await this.products.run('o_proj', layer.linear.o_proj, lora, mixed, this.low, y, M);

    const { afterAttention, beforeMlp } = blockNorms(config);
    await this.recorder.run(
      normKernel({ H, epsilon, add: 'plain', unnormed: afterAttention === null, output }),
      [hidden, y, ...weightOf(layer, afterAttention), ...weightOf(layer, beforeMlp), x],
      [M],
      M,
      20 * M * H,
    );
    await this.mlp(layer, lora, rows, x, y);
  }

  /**
   * Records attention. Queries are not rotated yet. Keys are rotated already, except for subgroup attention, which
   * rotates both while it arranges them.
   */
  private async attend(
    index: number,
    layer: LayerBuffers,
    adapter: LayersOf,
    rows: Rows,
    q: GPUBuffer,
    mixed: GPUBuffer,
  ): Promise<void> {
    const { pkg } = this;
    const { windows, numKeyValueHeads, numHeads, headDim } = this.config;
    const window = windows[index] ?? NO_WINDOW;
    const { M, blocks, blockCount, tiled } = rows;
    if (tiled === null || !this.arrangesRotated(rows)) {
      await this.rotate('q_proj', index, layer, rows);
    }
    if (tiled !== null) {
      await this.recorder.run(
        subgroupAttentionKernel(
          { ...this.shape, softCap: pkg.softCap(adapter.name) },
          this.matrices!,
        ),
        [
          await this.arrange('q_proj', index, rows, tiled),
          await this.arrange('k_proj', index, rows, tiled),
          await this.arrange('v_proj', index, rows, tiled),
          tiled.blocks,
          mixed,
        ],
        [tiled.blockCount, window],
        tiled.blockCount * numKeyValueHeads,
        2 * M * M * numHeads * headDim,
      );
      return;
    }
    await this.recorder.run(
      attentionKernel({ ...this.shape, softCap: pkg.softCap(adapter.name) }),
      [q, this.pool.get('k_proj', 0), this.pool.get('v_proj', 0), blocks, mixed],
      [blockCount, window],
      blockCount * numKeyValueHeads,
      // A query sees half of the keys on average, which is exact for a batch of one row.
      2 * M * M * numHeads * headDim,
    );
  }

  /** Records the arrangement of heads as the matrices of subgroup attention. */
  private async arrange(
    name: 'q_proj' | 'k_proj' | 'v_proj',
    index: number,
    all: Rows,
    { rows, source }: NonNullable<Rows['tiled']>,
  ): Promise<GPUBuffer> {
    const { headDim } = this.shape;
    const rotated = name !== 'v_proj' && this.arrangesRotated(all);
    const heads = name === 'q_proj' ? this.shape.heads : this.shape.keyValueHeads;
    const out = this.pool.get(`arranged ${name}`, arrangedBytes(rows, heads, headDim));
    await this.recorder.run(
      arrangeKernel(heads, headDim, rotated),
      [this.pool.get(name, 0), ...this.rotaryTables(index), source, all.positions, out],
      [],
      arrangeGroups(rows, heads, headDim),
      6 * rows * heads * headDim,
    );
    return out;
  }

  /** Records the MLP, some rows at a time if gate and up of all rows would be too large or take too long. */
  private async mlp(
    layer: LayerBuffers,
    lora: LoraLayer,
    { M, hidden }: Rows,
    x: GPUBuffer,
    y: GPUBuffer,
  ): Promise<void> {
    const { hiddenSize: H, intermediateSize: I, norm } = this.config;
    const { epsilon } = norm;
    const layout = LAYOUT[this.variant];
    const step = Math.min(roundUpRows(M), this.mlpRows);
    const gate = this.pool.get('gate', step * I * 4);
    const up = this.pool.get('up', step * I * 4);
    const act = this.pool.get('act', activationBytes(layout, step, I));
    const scale = layout === 'f32' ? [] : [this.pool.get('scale', step * 4)];
    const { afterMlp } = blockNorms(this.config);
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
      await this.products.run(
        'gate_proj',
        layer.linear.gate_proj,
        lora,
        input,
        this.low,
        gate,
        rows,
      );
      await this.products.run('up_proj', layer.linear.up_proj, lora, input, this.low, up, rows);
      await this.recorder.run(
        gatedKernel(this.config.activation, I, layout),
        [gate, up, act, ...scale],
        [rows],
        rows,
        20 * rows * I,
      );
      await this.products.ready(INPUT_GROUPS[3], lora, act, this.low, rows);
      await this.products.run('down_proj', layer.linear.down_proj, lora, act, this.low, out, rows);
      await this.recorder.run(
        normKernel({
          H,
          epsilon,
          add: layout === 'f32' ? 'plain' : 'scaled',
          unnormed: afterMlp === null,
          output: null,
        }),
        [part(hidden, H * 4), out, ...weightOf(layer, afterMlp), ...scale],
        [rows],
        rows,
        10 * rows * H,
      );
    }
  }

  /** Norms the heads of queries or keys where the model does, and rotates them, in place. */
  private async rotate(
    name: 'q_proj' | 'k_proj',
    index: number,
    { norm }: LayerBuffers,
    { M, positions }: Rows,
  ): Promise<void> {
    const { headDim, norm: settings, numHeads, numKeyValueHeads } = this.config;
    const heads = name === 'q_proj' ? numHeads : numKeyValueHeads;
    const values = this.pool.get(name, 0);
    const tables = this.rotaryTables(index);
    if (settings.ofHeads) {
      await this.recorder.run(
        normedRotaryKernel(heads, headDim, settings.epsilon),
        [values, (name === 'q_proj' ? norm.q_norm : norm.k_norm)!, ...tables, positions],
        [M],
        normedRotaryGroups(heads, M),
        10 * M * heads * headDim,
      );
      return;
    }
    await this.recorder.run(
      rotaryKernel(heads, headDim),
      [values, ...tables, positions],
      [M],
      rotaryGroups(heads, headDim, M),
      6 * M * heads * headDim,
    );
  }

  /** True if heads are rotated where they are arranged as matrices; heads that are normed first are not. */
  private arrangesRotated({ tiled }: Rows): boolean {
    return tiled !== null && !this.config.norm.ofHeads;
  }

  /** Rows of the MLP that fit into a binding and whose products do not take the device too long at once. */
  private rowsAtOnce(): number {
    const { hiddenSize: H, intermediateSize: I } = this.config;
    const { maxStorageBufferBindingSize: most } = this.recorder.limits;
    const fit = Math.min(most / (I * 4), this.recorder.operationsAtOnce / (2 * H * I));
    return Math.max(1, Math.floor(fit / ROW_MULTIPLE)) * ROW_MULTIPLE;
  }

  private get low(): GPUBuffer {
    return this.pool.get('low', 0);
  }

  /** Writes the tables of cosines and sines for positions below `longest`, unless they are long enough. */
  private rotary(longest: number): void {
    if (longest <= this.rotaryPositions) return;
    this.rotaryPositions = rotaryPositions(longest);
    for (const [kind, rotary] of this.rotaries.entries()) {
      const { cos, sin } = rotaryCaches(this.config.headDim, rotary, this.rotaryPositions);
      this.pool.fill(`cosines ${kind}`, cos);
      this.pool.fill(`sines ${kind}`, sin);
    }
  }

  /** Cosines and sines of a layer's positions. */
  private rotaryTables(index: number): GPUBuffer[] {
    const kind = this.rotaries.indexOf(rotaryOf(this.config, index));
    return [this.pool.get(`cosines ${kind}`, 0), this.pool.get(`sines ${kind}`, 0)];
  }

  /**
   * The buffers of a layer's weights; stand-ins while kernels are only compiled, so that no layer is streamed for it.
   */
  private async weights(index: number, to: number): Promise<LayerBuffers> {
    if (this.recorder.compiling) {
      const { config, manifest } = this.pkg;
      return layerOf(layerTensors(config, manifest.quantization, index), () => UNBOUND);
    }
    return mapLayer(await this.layers.weights(index, to), bufferOf);
  }
}

const NO_WINDOW = 2 ** 30;

/** A norm's weight as a binding; none for no norm. */
function weightOf({ norm }: LayerBuffers, name: NormName | null): GPUBuffer[] {
  return name === null ? [] : [norm[name]!];
}
