import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { TiebreakError, throwIfAborted } from '../../domain/errors.ts';
import type { EmbeddingTable } from '../../model/embedding-table.ts';
import { type LinearName, tensorName } from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';
import { attentionMask, rotaryCaches } from '../../model/positions.ts';
import type { Precision } from '../../model/quantization.ts';
import { type Backend, guarded } from '../device/backend.ts';
import { AdapterSet, type Executor, type Submitted } from '../executor.ts';
import type { LayerStore } from '../layer-store.ts';
import { headGroupChoices, headGroups } from '../planning/attention-shape.ts';
import { padLength } from '../planning/batches.ts';
import type { BatchBounds } from '../planning/bounds.ts';
import { CPU_SCORE_BYTES } from '../planning/cpu-memory.ts';
import { balanceOf } from '../planning/flops.ts';
import { maxBatchTokens, planMemory } from '../planning/gpu-memory.ts';
import {
  createSession,
  type LoadedAdapter,
  loadAdapter,
  loadAdapterLayer,
  loadNorm,
  loadScore,
} from './load.ts';
import { headGraph, layerGraph } from './onnx/graphs.ts';
import { place, type ResidentTensor } from './weights.ts';

// On a GPU a few padded lengths let buffers be used again; on the CPU padding costs time and saves nothing.
const PAD_MULTIPLE = { webgpu: 32, wasm: 1 } as const;
// Attention is float32 whatever the precision.
const SCORE_BYTES = 4;

/** What an executor is made from; it owns the layers from then on. */
export interface OrtExecutorParts {
  pkg: ModelPackage;
  backend: Backend;
  precision: Precision;
  embedding: EmbeddingTable;
  layers: LayerStore;
  /** For tests: in place of the device's own limit of {@link BatchBounds.maxScoreBytes}. */
  maxScoreBytes?: number;
}

/** ONNX Runtime on WebGPU or WebAssembly: all decoder layers share one session, whose inputs are their weights. */
export class OrtExecutor implements Executor {
  readonly executor = 'ort';
  readonly variant = null;
  readonly kernels = null;
  readonly parts = null;
  readonly precision: Precision;
  readonly bounds: BatchBounds;
  readonly layers: LayerStore;
  private readonly pkg: ModelPackage;
  private readonly backend: Backend;
  private readonly embedding: EmbeddingTable;
  private readonly norm: ResidentTensor;
  private readonly head: InferenceSession;
  private readonly sessions = new Map<string, InferenceSession>();
  private readonly masks = new Map<string, ResidentTensor>();
  private rotary: { positions: number; cos: ResidentTensor; sin: ResidentTensor } | undefined;
  private readonly adapterSet = new AdapterSet<LoadedAdapter>();

  private constructor(parts: OrtExecutorParts, norm: ResidentTensor, head: InferenceSession) {
    const { pkg, backend } = parts;
    this.pkg = pkg;
    this.backend = backend;
    this.precision = parts.precision;
    this.embedding = parts.embedding;
    this.layers = parts.layers;
    this.norm = norm;
    this.head = head;
    this.bounds = {
      padMultiple: PAD_MULTIPLE[backend.device],
      maxScoreBytes:
        parts.maxScoreBytes ??
        (backend.device === 'webgpu' ? backend.gpu.maxStorageBufferBindingSize : CPU_SCORE_BYTES),
      scoreBytesOfOne: pkg.config.numHeads * SCORE_BYTES,
      headGroups: headGroupChoices(pkg.config),
      balance: balanceOf(pkg.config),
      ...(backend.device === 'webgpu' && { maxTokens: maxBatchTokens(pkg.config, backend.gpu) }),
    };
  }

  /** @throws TiebreakError when the package lacks something or the device fails. */
  static create(parts: OrtExecutorParts): Promise<OrtExecutor> {
    const { pkg, backend } = parts;
    return guarded(backend, async () => {
      const norm = await loadNorm(pkg, backend, tensorName.finalNorm);
      return new OrtExecutor(
        parts,
        norm,
        await createSession(backend, headGraph(pkg.config), 'cpu'),
      );
    });
  }

  get adapters(): readonly LoadedAdapter[] {
    return this.adapterSet.current;
  }

  peakBytes(maxLength: number, batchTokens: number): number {
    const { config, manifest } = this.pkg;
    if (this.backend.device === 'wasm') return 0;
    const held = this.adapters.flatMap((adapter) => adapter.held);
    return planMemory({
      config,
      quantization: manifest.quantization,
      precision: this.precision,
      adapterBytes: held.reduce((sum, { bytes }) => sum + bytes, 0),
      loraTargets: this.loraTargets,
      resident: this.layers.resident === config.numLayers ? 'all' : this.layers.resident,
      maxLength,
      batchTokens,
      limits: this.backend.gpu,
    }).peakBytes;
  }

  setAdapters(names: readonly (string | null)[]): Promise<void> {
    return this.adapterSet.change(names, (name) => loadAdapter(this.pkg, this.backend, name));
  }

  /** ONNX Runtime runs one session at a time, so everything is done when this settles. */
  async submit(rows: readonly Int32Array[], signal?: AbortSignal): Promise<Submitted> {
    return { logits: Promise.resolve(await this.forward(rows, signal)) };
  }

  private async forward(
    rows: readonly Int32Array[],
    signal?: AbortSignal,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { adapters } = this;
    const { hiddenSize, numLayers } = this.pkg.config;
    const longest = Math.max(...rows.map((row) => row.length));
    const S = padLength(longest, this.bounds.padMultiple);
    const { Tensor } = this.backend.ort;
    const embedded = await this.embedding.gather(rows, S);
    const values = new Float32Array(adapters.length * rows.length * 3);
    const live = new LiveTensors();
    try {
      const input = live.add(new Tensor('float32', embedded, [rows.length, S, hiddenSize]));
      // Up to the first layer that any of them changes, all adapters compute the same.
      const shared = this.sharedLayers();
      const common = await this.pass(input, 0, shared, adapters[0]!, live, signal);
      for (const [a, adapter] of adapters.entries()) {
        if (a < adapters.length - 1) live.keep(common);
        else live.release(common);
        const hidden = await this.pass(common, shared, numLayers, adapter, live, signal);
        values.set(await this.pool(hidden, rows, adapter.score), a * rows.length * 3);
        live.drop(hidden);
      }
      return values;
    } catch (cause) {
      if (cause instanceof TiebreakError) throw cause;
      throw new TiebreakError(
        'engine/failed',
        `ONNX Runtime failed: ${(cause as Error).message ?? cause}`,
        {
          action: 'Choose a smaller max_length or another device.',
          cause,
        },
      );
    } finally {
      live.dropAll();
      await this.layers.settle();
    }
  }

  async testLayer(row: Int32Array, layer: number, adapter: string | null) {
    const { input, tensor } = await this.embedded(row);
    const lora = await loadAdapterLayer(this.pkg, this.backend, adapter, layer);
    const live = new LiveTensors();
    try {
      const cap = this.pkg.softCap(adapter);
      const out = live.add(await this.layer(tensor, layer, layer + 1, lora, cap));
      return { input, output: (await out.getData()) as Float32Array };
    } finally {
      live.dropAll();
      await this.layers.settle();
      for (const held of lora.held) held.release();
    }
  }

  async testHead(row: Int32Array, adapter: string | null): Promise<Float32Array> {
    const { tensor } = await this.embedded(row);
    const score = await loadScore(this.pkg, this.backend, adapter);
    try {
      return await this.pool(tensor, [row], score);
    } finally {
      score.release();
    }
  }

  async dispose(): Promise<void> {
    for (const session of [...this.sessions.values(), this.head]) await session.release();
    this.adapterSet.dispose();
    const held = [
      ...this.layers.held,
      ...this.masks.values(),
      ...(this.rotary ? [this.rotary.cos, this.rotary.sin] : []),
      this.norm,
    ];
    for (const tensor of held) tensor.release();
  }

  private async embedded(row: Int32Array): Promise<{ input: Float32Array; tensor: Tensor }> {
    const S = padLength(row.length, this.bounds.padMultiple);
    const input = await this.embedding.gather([row], S);
    const dims = [1, S, this.pkg.config.hiddenSize];
    return { input, tensor: new this.backend.ort.Tensor('float32', input, dims) };
  }

  /** Decoder layers from the first on that are the same under every adapter in use. */
  private sharedLayers(): number {
    const { numLayers } = this.pkg.config;
    const { adapters } = this;
    if (adapters.length === 1) return numLayers;
    const caps = new Set(adapters.map(({ name }) => this.pkg.softCap(name)));
    if (caps.size > 1) return 0;
    const first = adapters.map(({ layers }) => layers.findIndex(({ targets }) => targets.size > 0));
    return Math.min(...first.map((layer) => (layer < 0 ? numLayers : layer)));
  }

  /** Runs decoder layers `from` to `to` (exclusive) under an adapter; drops the input and every result in between. */
  private async pass(
    input: Tensor,
    from: number,
    to: number,
    adapter: LoadedAdapter,
    live: LiveTensors,
    signal: AbortSignal | undefined,
  ): Promise<Tensor> {
    const softCap = this.pkg.softCap(adapter.name);
    let hidden = input;
    for (let layer = from; layer < to; layer += 1) {
      const output = await this.layer(hidden, layer, to, adapter.layers[layer]!, softCap);
      live.drop(hidden);
      hidden = live.add(output);
      await nextTask();
      throwIfAborted(signal);
    }
    return hidden;
  }

  /** Runs one decoder layer. `to`: where this pass through the layers ends. */
  private async layer(
    hidden: Tensor,
    layer: number,
    to: number,
    lora: Pick<LoadedAdapter['layers'][number], 'targets' | 'feeds'>,
    softCap: number | null,
  ): Promise<Tensor> {
    const { config } = this.pkg;
    const [B, S] = hidden.dims as [number, number];
    const session = await this.session(lora.targets, softCap, this.headGroups(B, S));
    const window = config.windows[layer] ?? S;
    const output = await session.run({
      hidden_states: hidden,
      ...this.positions(S),
      mask: this.mask(S, Math.min(window, S)),
      ...(await this.layers.feeds(layer, to)),
      ...lora.feeds,
    });
    return output.hidden_states_out!;
  }

  /** Pooling, norm and score head: logits [rows, 3]. */
  private async pool(
    hidden: Tensor,
    rows: readonly Int32Array[],
    score: ResidentTensor,
  ): Promise<Float32Array> {
    const { Tensor } = this.backend.ort;
    const last = BigInt64Array.from(rows.flatMap((row, r) => [BigInt(r), BigInt(row.length - 1)]));
    const { logits } = await this.head.run({
      hidden_states: hidden,
      last: new Tensor('int64', last, [rows.length, 2]),
      norm: this.norm.tensor,
      score: score.tensor,
    });
    return logits!.data as Float32Array;
  }

  /** The session for layers with LoRA on these targets; layers with the same targets share it. */
  private async session(
    targets: ReadonlySet<LinearName>,
    softCap: number | null,
    groups: number,
  ): Promise<InferenceSession> {
    const { manifest, config } = this.pkg;
    const key = `${groups}:${softCap}:${[...targets].join()}`;
    let session = this.sessions.get(key);
    if (session === undefined) {
      const { quantization } = manifest;
      const options = { quantization, precision: this.precision, headGroups: groups };
      const graph = layerGraph({ ...config, attnSoftCap: softCap }, options, targets);
      const where = this.backend.device === 'webgpu' ? 'gpu-buffer' : 'cpu';
      session = await createSession(this.backend, graph, where);
      this.sessions.set(key, session);
    }
    return session;
  }

  /** Linear layers that have LoRA matrices in some layer of an adapter in use. */
  private get loraTargets(): Set<LinearName> {
    return new Set(
      this.adapters.flatMap(({ layers }) => layers.flatMap(({ targets }) => [...targets])),
    );
  }

  /** The fewest groups of heads whose scores fit into a buffer each. */
  private headGroups(rows: number, length: number): number {
    const { headGroups: choices, scoreBytesOfOne, maxScoreBytes } = this.bounds;
    return headGroups(choices, rows * scoreBytesOfOne * length * length, maxScoreBytes);
  }

  private mask(S: number, window: number): Tensor {
    const key = `${S}:${window}`;
    let mask = this.masks.get(key);
    if (mask === undefined) {
      mask = place(this.backend, `mask ${key}`, 'float32', [1, 1, S, S], attentionMask(S, window));
      // Batches come sorted by length, so an older length does not come back soon.
      if (this.masks.size >= 4) {
        const [oldest, tensor] = this.masks.entries().next().value!;
        tensor.release();
        this.masks.delete(oldest);
      }
      this.masks.set(key, mask);
    }
    return mask.tensor;
  }

  private positions(S: number): { cos: Tensor; sin: Tensor } {
    if (this.rotary === undefined || this.rotary.positions < S) {
      this.rotary?.cos.release();
      this.rotary?.sin.release();
      const positions = 2 ** Math.ceil(Math.log2(Math.max(64, S)));
      const { cos, sin } = rotaryCaches(this.pkg.config, positions);
      const dims = [positions, this.pkg.config.headDim / 2];
      this.rotary = {
        positions,
        cos: place(this.backend, 'rotary cos', 'float32', dims, cos),
        sin: place(this.backend, 'rotary sin', 'float32', dims, sin),
      };
    }
    return { cos: this.rotary.cos.tensor, sin: this.rotary.sin.tensor };
  }
}

/** The tensors of a forward pass that must be disposed of, once each, however it ends. */
class LiveTensors {
  private readonly live = new Set<Tensor>();
  private kept: Tensor | null = null;

  add(tensor: Tensor): Tensor {
    this.live.add(tensor);
    return tensor;
  }

  /** Makes {@link LiveTensors.drop} leave a tensor alone, because it is used again. */
  keep(tensor: Tensor): void {
    this.kept = tensor;
  }

  /** Ends {@link LiveTensors.keep}. */
  release(tensor: Tensor): void {
    if (this.kept === tensor) this.kept = null;
  }

  drop(tensor: Tensor): void {
    if (tensor !== this.kept && this.live.delete(tensor)) tensor.dispose();
  }

  dropAll(): void {
    this.kept = null;
    for (const tensor of this.live) this.drop(tensor);
  }
}

/** Lets messages in, an abort among them, before the next layer takes the thread. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
