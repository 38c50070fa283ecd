import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { TiebreakError, throwIfAborted } from '../../domain/errors.ts';
import { type RotaryConfig, rotaryOf } from '../../model/decoder.ts';
import type { EmbeddingTable } from '../../model/embedding-table.ts';
import type { Precision } from '../../model/formats/quantization.ts';
import { type LinearName, tensorName } from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';
import { attentionMask, rotaryCaches } from '../../model/positions.ts';
import { type Backend, guarded } from '../device/backend.ts';
import { type DeviceTensor, DeviceTensors } from '../device/tensors.ts';
import type { DeviceLayers } from '../executor/device-layers.ts';
import { AdapterSet, type Executor, type Submitted } from '../executor/executor.ts';
import { type DeviceHead, placeHead } from '../executor/head-weights.ts';
import { placeNorm } from '../executor/weights.ts';
import { headGroupChoices, headGroups } from '../planning/attention-shape.ts';
import { padLength } from '../planning/batches.ts';
import type { BatchBounds } from '../planning/bounds.ts';
import { CPU_SCORE_BYTES } from '../planning/cpu-memory.ts';
import { balanceOf } from '../planning/flops.ts';
import { maxBatchTokens, planMemory } from '../planning/gpu-memory.ts';
import { type LoadedAdapter, type LoraInputs, loadAdapter, placeLora } from './adapter.ts';
import { headGraph, headInput, layerGraph, wideHeadGraph } from './onnx/graphs.ts';
import type { Ort } from './ort.ts';
import { type Feeds, TensorViews } from './tensors.ts';

// On a GPU few different padded lengths let ONNX Runtime reuse buffers; on the CPU padding costs time and saves
// nothing.
const PAD_MULTIPLE = { webgpu: 32, wasm: 1 } as const;
// Bytes of an attention score, which is float32 in every precision.
const SCORE_BYTES = 4;

/** The parts of an executor, which owns the layers from then on. */
export interface OrtExecutorParts {
  ort: Ort;
  pkg: ModelPackage;
  backend: Backend;
  precision: Precision;
  embedding: EmbeddingTable;
  layers: DeviceLayers;
  /** Replaces the device's own {@link BatchBounds.maxScoreBytes}, for tests. */
  maxScoreBytes?: number;
}

/**
 * Computes with ONNX Runtime on WebGPU or WebAssembly. Decoder layers with LoRA on the same linear layers share one
 * session, whose inputs are their weights.
 */
export class OrtExecutor implements Executor {
  readonly executor = 'ort';
  readonly variant = null;
  readonly kernels = null;
  readonly parts = null;
  readonly precision: Precision;
  readonly bounds: BatchBounds;
  readonly layers: DeviceLayers;
  private readonly pkg: ModelPackage;
  private readonly backend: Backend;
  private readonly embedding: EmbeddingTable;
  private readonly ort: Ort;
  private readonly views: TensorViews;
  private readonly tensors: DeviceTensors;
  private readonly norm: DeviceTensor;
  private readonly sessions = new Map<string, InferenceSession>();
  private readonly masks = new Map<string, { mask: DeviceTensor; tensors: DeviceTensors }>();
  private readonly rotaries = new Map<RotaryConfig, RotaryTables>();
  private readonly adapterSet = new AdapterSet<LoadedAdapter>();

  private constructor(parts: OrtExecutorParts, tensors: DeviceTensors, norm: DeviceTensor) {
    const { pkg, backend } = parts;
    this.pkg = pkg;
    this.backend = backend;
    this.precision = parts.precision;
    this.embedding = parts.embedding;
    this.layers = parts.layers;
    this.ort = parts.ort;
    this.views = new TensorViews(parts.ort);
    this.tensors = tensors;
    this.norm = norm;
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

  /** Makes an executor. @throws TiebreakError if the package lacks a tensor or the device fails. */
  static create(parts: OrtExecutorParts): Promise<OrtExecutor> {
    const { pkg, backend } = parts;
    return guarded(backend, () =>
      DeviceTensors.kept(backend, async (tensors) => {
        const norm = await placeNorm(pkg, tensors, tensorName.finalNorm);
        return new OrtExecutor(parts, tensors, norm);
      }),
    );
  }

  get adapters(): readonly LoadedAdapter[] {
    return this.adapterSet.current;
  }

  peakBytes(maxLength: number, batchTokens: number): number {
    const { config, manifest } = this.pkg;
    if (this.backend.device === 'wasm') return 0;
    return planMemory({
      config,
      quantization: manifest.quantization,
      precision: this.precision,
      adapterBytes: this.adapters.reduce((sum, { tensors }) => sum + tensors.bytes, 0),
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

  /** ONNX Runtime runs one session at a time, so all work is finished when this settles. */
  async submit(rows: readonly Int32Array[], signal?: AbortSignal): Promise<Submitted> {
    return { values: Promise.resolve(await this.forward(rows, signal)) };
  }

  private async forward(
    rows: readonly Int32Array[],
    signal?: AbortSignal,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { adapters } = this;
    const { hiddenSize, numLayers } = this.pkg.config;
    const longest = Math.max(...rows.map((row) => row.length));
    const S = padLength(longest, this.bounds.padMultiple);
    const { Tensor } = this.ort;
    const embedded = await this.embedding.gather(rows, S);
    const size = rows.length * adapters[0]!.outputs;
    const values = new Float32Array(adapters.length * size);
    const live = new LiveTensors();
    try {
      const input = live.add(new Tensor('float32', embedded, [rows.length, S, hiddenSize]));
      // Layers below the first LoRA of any adapter give the same for all, so they run once.
      const shared = this.sharedLayers();
      const common = await this.pass(input, 0, shared, adapters[0]!, live, signal);
      for (const [a, adapter] of adapters.entries()) {
        if (a < adapters.length - 1) live.keep(common);
        else live.release(common);
        const hidden = await this.pass(common, shared, numLayers, adapter, live, signal);
        values.set(await this.pool(hidden, rows, adapter.head), a * size);
        live.drop(hidden);
      }
      return values;
    } catch (cause) {
      if (cause instanceof TiebreakError) throw cause;
      throw new TiebreakError('engine/failed:ort', {
        params: { reason: String((cause as Error).message ?? cause) },
        cause,
      });
    } finally {
      live.dropAll();
      await this.layers.settle();
    }
  }

  async testLayer(row: Int32Array, layer: number, adapter: string | null) {
    const { input, tensor } = await this.embedded(row);
    const from = adapter === null ? null : await this.pkg.adapter(adapter);
    return DeviceTensors.during(this.backend, async (tensors) => {
      const lora = await placeLora(this.pkg, tensors, from, layer);
      const live = new LiveTensors();
      try {
        const cap = this.pkg.softCap(adapter);
        const out = live.add(await this.layer(tensor, layer, layer + 1, lora, cap));
        return { input, output: (await out.getData()) as Float32Array };
      } finally {
        live.dropAll();
        await this.layers.settle();
      }
    });
  }

  async testHead(row: Int32Array, adapter: string | null): Promise<Float32Array> {
    const { tensor } = await this.embedded(row);
    const from = adapter === null ? null : await this.pkg.adapter(adapter);
    return DeviceTensors.during(this.backend, async (tensors) =>
      this.pool(tensor, [row], await placeHead(this.pkg, tensors, from)),
    );
  }

  async dispose(): Promise<void> {
    for (const session of this.sessions.values()) await session.release();
    this.adapterSet.dispose();
    this.layers.dispose();
    for (const { tensors } of this.masks.values()) tensors.release();
    for (const { tensors } of this.rotaries.values()) tensors.release();
    this.tensors.release();
  }

  private async embedded(row: Int32Array): Promise<{ input: Float32Array; tensor: Tensor }> {
    const S = padLength(row.length, this.bounds.padMultiple);
    const input = await this.embedding.gather([row], S);
    const dims = [1, S, this.pkg.config.hiddenSize];
    return { input, tensor: new this.ort.Tensor('float32', input, dims) };
  }

  /** Number of decoder layers, from the first on, that compute the same with every adapter in use. */
  private sharedLayers(): number {
    const { numLayers } = this.pkg.config;
    const { adapters } = this;
    if (adapters.length === 1) return numLayers;
    const caps = new Set(adapters.map(({ name }) => this.pkg.softCap(name)));
    if (caps.size > 1) return 0;
    const first = adapters.map(({ layers }) => layers.findIndex(({ targets }) => targets.size > 0));
    return Math.min(...first.map((layer) => (layer < 0 ? numLayers : layer)));
  }

  /** Runs decoder layers `from` to `to` (exclusive) with an adapter; drops the input and all intermediate results. */
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

  /** Runs one decoder layer. @param to end of this pass through the layers (exclusive). */
  private async layer(
    hidden: Tensor,
    layer: number,
    to: number,
    lora: LoraInputs,
    softCap: number | null,
  ): Promise<Tensor> {
    const { config } = this.pkg;
    const [B, S] = hidden.dims as [number, number];
    const session = await this.session(lora.targets, softCap, this.headGroups(B, S));
    const window = config.windows[layer] ?? S;
    const output = await session.run({
      hidden_states: hidden,
      ...this.positions(rotaryOf(config, layer), S),
      mask: this.mask(S, Math.min(window, S)),
      ...this.views.ofLayer(await this.layers.weights(layer, to)),
      ...this.viewsOf(lora.inputs),
    });
    return output.hidden_states_out!;
  }

  /** Applies pooling, final norm and head: [rows, outputs]. */
  private async pool(
    hidden: Tensor,
    rows: readonly Int32Array[],
    head: DeviceHead,
  ): Promise<Float32Array> {
    const { Tensor } = this.ort;
    const last = BigInt64Array.from(rows.flatMap((row, r) => [BigInt(r), BigInt(row.length - 1)]));
    const session = await this.headSession(head);
    const { logits } = await session.run({
      hidden_states: hidden,
      last: new Tensor('int64', last, [rows.length, 2]),
      norm: this.views.of(this.norm),
      ...this.viewsOf(headFeeds(head)),
    });
    return logits!.data as Float32Array;
  }

  /** The session for heads of this form, created at its first use. */
  private async headSession({ form, layers, activation }: DeviceHead): Promise<InferenceSession> {
    const biases = layers.map(({ bias }) => bias !== null);
    const key = `head:${form}:${biases.join()}`;
    let session = this.sessions.get(key);
    if (session === undefined) {
      const { config } = this.pkg;
      const graph =
        form === 'narrow' ? headGraph(config) : wideHeadGraph(config, biases, activation);
      session = await createSession(this.ort, this.backend, graph, 'cpu');
      this.sessions.set(key, session);
    }
    return session;
  }

  /** The session for layers with LoRA on these targets, created at its first use. */
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
      session = await createSession(this.ort, this.backend, graph, where);
      this.sessions.set(key, session);
    }
    return session;
  }

  /** Linear layers that have LoRA matrices in at least one layer of an adapter in use. */
  private get loraTargets(): Set<LinearName> {
    return new Set(
      this.adapters.flatMap(({ layers }) => layers.flatMap(({ targets }) => [...targets])),
    );
  }

  /** The smallest number of groups of heads such that the scores of each fit into a buffer. */
  private headGroups(rows: number, length: number): number {
    const { headGroups: choices, scoreBytesOfOne, maxScoreBytes } = this.bounds;
    return headGroups(choices, rows * scoreBytesOfOne * length * length, maxScoreBytes);
  }

  private viewsOf(inputs: Record<string, DeviceTensor>): Feeds {
    return Object.fromEntries(
      Object.entries(inputs).map(([name, tensor]) => [name, this.views.of(tensor)]),
    );
  }

  /** The attention mask for a length and a window. The latest few masks are kept. */
  private mask(S: number, window: number): Tensor {
    const key = `${S}:${window}`;
    let entry = this.masks.get(key);
    if (entry === undefined) {
      const tensors = new DeviceTensors(this.backend);
      const values = attentionMask(S, window);
      entry = { mask: tensors.place(`mask ${key}`, 'float32', [1, 1, S, S], values), tensors };
      // Batches are sorted by length, so an earlier length seldom recurs.
      if (this.masks.size >= 4) {
        const [oldest, { tensors: unused }] = this.masks.entries().next().value!;
        unused.release();
        this.masks.delete(oldest);
      }
      this.masks.set(key, entry);
    }
    return this.views.of(entry.mask);
  }

  /** Rotary caches for at least `S` positions; they grow by powers of two. */
  private positions(rotary: RotaryConfig, S: number): { cos: Tensor; sin: Tensor } {
    let tables = this.rotaries.get(rotary);
    if (tables === undefined || tables.positions < S) {
      tables?.tensors.release();
      const positions = 2 ** Math.ceil(Math.log2(Math.max(64, S)));
      const { headDim } = this.pkg.config;
      const caches = rotaryCaches(headDim, rotary, positions);
      const shape = [positions, headDim / 2];
      const tensors = new DeviceTensors(this.backend);
      const cos = tensors.place('rotary cos', 'float32', shape, caches.cos);
      const sin = tensors.place('rotary sin', 'float32', shape, caches.sin);
      tables = { positions, cos, sin, tensors };
      this.rotaries.set(rotary, tables);
    }
    return { cos: this.views.of(tables.cos), sin: this.views.of(tables.sin) };
  }
}

/** Cosines and sines of so many positions. */
interface RotaryTables {
  positions: number;
  cos: DeviceTensor;
  sin: DeviceTensor;
  tensors: DeviceTensors;
}

/** Creates a session for an encoded graph. @param output memory in which its outputs stay. */
function createSession(
  { InferenceSession }: Ort,
  backend: Backend,
  graph: Uint8Array,
  output: 'cpu' | 'gpu-buffer',
): Promise<InferenceSession> {
  if (backend.device === 'wasm') {
    return InferenceSession.create(graph, { executionProviders: ['wasm'] });
  }
  const webgpu = {
    name: 'webgpu' as const,
    device: backend.gpuDevice,
    enableMatmulFp32Accumulation: true,
  };
  return InferenceSession.create(graph, {
    executionProviders: [webgpu],
    preferredOutputLocation: output,
  });
}

/** The tensors of a forward pass, each of which must be disposed of exactly once, however the pass ends. */
class LiveTensors {
  private readonly live = new Set<Tensor>();
  private kept: Tensor | null = null;

  add(tensor: Tensor): Tensor {
    this.live.add(tensor);
    return tensor;
  }

  /** Protects a tensor that is used again from {@link LiveTensors.drop}. */
  keep(tensor: Tensor): void {
    this.kept = tensor;
  }

  /** Ends the protection of {@link LiveTensors.keep}. */
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

/** Waits for the next task, so that messages such as a cancellation arrive before the next layer blocks the thread. */
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

/** The inputs of a head's session for its weights. */
function headFeeds({ form, layers }: DeviceHead): Record<string, DeviceTensor> {
  if (form === 'narrow') return { score: layers[0]!.weight };
  const feeds: Record<string, DeviceTensor> = {};
  for (const [i, { weight, bias }] of layers.entries()) {
    feeds[headInput.weight(i)] = weight;
    if (bias !== null) feeds[headInput.bias(i)] = bias;
  }
  return feeds;
}
