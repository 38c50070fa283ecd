import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { adaptersLabel } from '../core/adapters.ts';
import { headGroupChoices, headGroups } from '../core/attention.ts';
import { TiebreakError, throwIfAborted } from '../core/errors.ts';
import { padLength } from '../core/plan.ts';
import type { LinearName } from '../model/config.ts';
import { headGraph, layerGraph } from '../model/onnx/graphs.ts';
import type { Precision, Quantization } from '../model/onnx/layer.ts';
import { type ModelPackage, tensorName } from '../model/package.ts';
import { attentionMask, rotaryCaches } from '../model/positions.ts';
import {
  headDifference,
  layerDifference,
  readSelfTest,
  SELF_TEST_TOLERANCE,
  type SelfTest,
} from '../model/selftest.ts';
import {
  type Backend,
  choosePrecision,
  type Device,
  describeBackend,
  type GpuInfo,
  guarded,
} from './backend.ts';
import { EmbeddingTable } from './embedding.ts';
import { LayerStore, type Resident } from './layer-store.ts';
import {
  createSession,
  type LoadedAdapter,
  loadAdapter,
  loadAdapterLayer,
  loadNorm,
  loadScore,
} from './load.ts';
import { checkWeights, maxBatchTokens, planMemory } from './memory.ts';
import { place, type ResidentTensor } from './weights.ts';

/** What produced a number: shown to the user beside it. */
export interface EngineInfo {
  model: string;
  /** Name of the adapter; null for the base model alone, `mean of a, b` for several. */
  adapter: string | null;
  device: Device;
  /** For example `NVIDIA H100 (WebGPU)`. */
  computesOn: string;
  gpu: GpuInfo | null;
  precision: Precision;
  quantization: Quantization;
  softCap: number | null;
  layers: number;
  /** Decoder layers that stay on the device; the others are read again for every batch. */
  residentLayers: number;
  /** Bytes that are read again for every batch and adapter. */
  streamedBytes: number;
  /** Bytes of weights held on the device, the adapter included. */
  weightBytes: number;
  /** Bytes of the adapters among them, score heads included. */
  adapterBytes: number;
  /**
   * The most memory that a run takes on the GPU, an estimate: rows of {@link TYPICAL_LENGTH} tokens in batches of
   * {@link TYPICAL_BATCH}. Null on the CPU, and where such rows do not fit.
   */
  peakBytes: number | null;
  /** Largest difference in the package's self-test, relative; null when it has none, or it was not run. */
  selfTest: number | null;
  notice: string | null;
}

/** Bounds of a batch on this device, as numbers that can cross to another thread. */
export interface BatchBounds {
  /** Rows are padded to a multiple of this many tokens. */
  padMultiple: number;
  /** Bytes that the attention scores of one batch may take in one buffer. */
  maxScoreBytes: number;
  /** Bytes of the scores of all heads of a row padded to one token; they grow with the square of the length. */
  scoreBytesOfOne: number;
  /** Into how many groups the heads can be split, so that each has a buffer of its own. */
  headGroups: number[];
  /** Tokens of a batch that the device's buffers allow, padding included; left out: any number. */
  maxTokens?: number;
}

export interface LoadOptions {
  precision?: Precision | 'auto';
  /** Default: all layers stay on the device. */
  resident?: Resident;
  signal?: AbortSignal;
  /** For tests: in place of the device's own limit of {@link BatchBounds.maxScoreBytes}. */
  maxScoreBytes?: number;
  /** Called with decoder layers loaded and in all. */
  onProgress?: (layers: number, total: number) => void;
}

// On a GPU a few padded lengths let buffers be used again; on the CPU padding costs time and saves nothing.
const PAD_MULTIPLE = { webgpu: 32, wasm: 1 } as const;
// Attention is float32 whatever the precision.
const SCORE_BYTES = 4;
/** What the estimate of {@link EngineInfo.peakBytes} is for: the notebook's rows and batches. */
export const TYPICAL_LENGTH = 2048;
export const TYPICAL_BATCH = 8192;
// A CPU has no binding limit; this bounds the memory of a batch's scores in the 32-bit wasm heap.
const WASM_SCORE_BYTES = 256 * 2 ** 20;

/**
 * Runs a model package layer by layer: all decoder layers share one session, whose inputs are their weights.
 *
 * Not reentrant: ONNX Runtime's WebGPU build crashes when two sessions run at once, so `logits` calls queue up.
 */
export class Engine {
  private readonly pkg: ModelPackage;
  private readonly backend: Backend;
  private readonly precision: Precision;
  private readonly embedding: EmbeddingTable;
  private readonly layerStore: LayerStore;
  private readonly norm: ResidentTensor;
  private readonly head: InferenceSession;
  /** What bounds a batch. */
  readonly bounds: BatchBounds;
  private readonly sessions = new Map<string, InferenceSession>();
  private readonly masks = new Map<string, ResidentTensor>();
  private rotary: { positions: number; cos: ResidentTensor; sin: ResidentTensor } | undefined;
  private adapters: LoadedAdapter[] = [];
  private selfTested: number | null = null;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(parts: {
    pkg: ModelPackage;
    backend: Backend;
    precision: Precision;
    embedding: EmbeddingTable;
    layerStore: LayerStore;
    norm: ResidentTensor;
    head: InferenceSession;
    bounds: BatchBounds;
  }) {
    this.pkg = parts.pkg;
    this.backend = parts.backend;
    this.precision = parts.precision;
    this.embedding = parts.embedding;
    this.layerStore = parts.layerStore;
    this.norm = parts.norm;
    this.head = parts.head;
    this.bounds = parts.bounds;
  }

  /**
   * Loads the base model onto the backend. {@link Engine.setAdapter} must follow before numbers can be had.
   * @throws TiebreakError when the package lacks something, the device is too small, or `signal` fires.
   */
  static async load(
    pkg: ModelPackage,
    backend: Backend,
    options: LoadOptions = {},
  ): Promise<Engine> {
    const precision = choosePrecision(
      backend,
      options.precision ?? 'auto',
      pkg.manifest.quantization,
    );
    const { config } = pkg;
    if (backend.device === 'webgpu') {
      checkWeights(config, pkg.manifest.quantization, precision, backend.gpu);
    }
    const embedding = EmbeddingTable.open(pkg);
    const layerStore = await LayerStore.load(pkg, backend, precision, options);
    const [norm, head] = await guarded(backend, async () => [
      await loadNorm(pkg, backend, tensorName.finalNorm),
      await createSession(backend, headGraph(config), 'cpu'),
    ]);
    const bounds: BatchBounds = {
      padMultiple: PAD_MULTIPLE[backend.device],
      maxScoreBytes:
        options.maxScoreBytes ??
        (backend.device === 'webgpu' ? backend.gpu.maxStorageBufferBindingSize : WASM_SCORE_BYTES),
      scoreBytesOfOne: config.numHeads * SCORE_BYTES,
      headGroups: headGroupChoices(config),
      ...(backend.device === 'webgpu' && { maxTokens: maxBatchTokens(config, backend.gpu) }),
    };
    return new Engine({ pkg, backend, precision, embedding, layerStore, norm, head, bounds });
  }

  /** What the numbers are computed with. */
  get info(): EngineInfo {
    const { manifest, config } = this.pkg;
    const names = this.adapters.map(({ name }) => name);
    const [first = null] = names;
    const bytesOf = (held: readonly ResidentTensor[]) =>
      held.reduce((sum, { bytes }) => sum + bytes, 0);
    const adapterBytes = bytesOf(this.adapters.flatMap((part) => part.held));
    const notices = this.adapters.map(
      ({ name }) => manifest.adapters.find((entry) => entry.name === name)?.notice,
    );
    return {
      model: manifest.name,
      adapter: names.length === 0 ? null : adaptersLabel(names),
      device: this.backend.device,
      computesOn: describeBackend(this.backend),
      gpu: this.backend.device === 'webgpu' ? this.backend.gpu : null,
      precision: this.precision,
      quantization: manifest.quantization,
      softCap: this.pkg.softCap(first),
      layers: config.numLayers,
      residentLayers: this.layerStore.resident,
      streamedBytes: this.layerStore.streamedBytes,
      weightBytes: bytesOf(this.layerStore.held) + adapterBytes,
      adapterBytes,
      peakBytes: this.peakBytes(adapterBytes),
      selfTest: this.selfTested,
      notice: [...new Set(notices)].filter(Boolean).join(' ') || (manifest.notice ?? null),
    };
  }

  /**
   * Switches to an adapter of the package, to the base model alone with null, or to several, each of which then gives
   * logits. The base stays where it is; an adapter that was in use before too is not loaded again.
   * @throws TiebreakError `package/adapter`, `adapter/…`, or `model/no-score` when no score head would be left; the
   *   adapters of before stay.
   */
  setAdapters(names: readonly (string | null)[]): Promise<void> {
    return this.enqueue(async () => {
      const next: LoadedAdapter[] = [];
      const kept = (adapter: LoadedAdapter) => this.adapters.includes(adapter);
      try {
        for (const name of new Set(names)) {
          const loaded = this.adapters.find((adapter) => adapter.name === name);
          const load = () => loadAdapter(this.pkg, this.backend, name);
          next.push(loaded ?? (await guarded(this.backend, load)));
        }
      } catch (thrown) {
        releaseAll(next.filter((adapter) => !kept(adapter)));
        throw thrown;
      }
      releaseAll(this.adapters.filter((adapter) => !next.includes(adapter)));
      this.adapters = next;
    });
  }

  /** {@link Engine.setAdapters} with one. */
  setAdapter(name: string | null): Promise<void> {
    return this.setAdapters([name]);
  }

  /**
   * Logits [adapters, rows, 3] of token rows, each from `<bos>` to `<eos>`. One batch: rows are padded to the longest.
   * @throws TiebreakError `engine/tokens` for ids outside the vocabulary or empty rows, `engine/not-finite` when the
   *   device returned NaN or infinity, `engine/failed` when ONNX Runtime failed, `gpu/lost`, `gpu/out-of-memory` and
   *   `gpu/error` when the device said so, `run/cancelled`.
   */
  logits(rows: readonly Int32Array[], signal?: AbortSignal): Promise<Float32Array<ArrayBuffer>> {
    return this.enqueue(() => guarded(this.backend, () => this.forward(rows, signal)));
  }

  /**
   * Computes the package's self-test on the device; does nothing when the package has none.
   * @throws TiebreakError `engine/self-test` when the device computes something else.
   */
  selfTest(): Promise<void> {
    return this.enqueue(async () => {
      const test = await readSelfTest(this.pkg);
      if (test === null) return;
      const worst = await guarded(this.backend, () => this.largestDifference(test));
      if (!(worst <= SELF_TEST_TOLERANCE[this.precision])) {
        throw selfTestError(describeBackend(this.backend), this.precision, worst);
      }
      this.selfTested = worst;
    });
  }

  /** Frees sessions and device memory. */
  async dispose(): Promise<void> {
    await this.enqueue(async () => {
      for (const session of [...this.sessions.values(), this.head]) await session.release();
      const held = [
        ...this.layerStore.held,
        ...this.adapters.flatMap((part) => part.held),
        ...this.masks.values(),
        ...(this.rotary ? [this.rotary.cos, this.rotary.sin] : []),
        this.norm,
      ];
      for (const tensor of held) tensor.release();
    });
    this.backend.close();
  }

  private enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.queue.then(task);
    this.queue = result.catch(() => {});
    return result;
  }

  private async forward(
    rows: readonly Int32Array[],
    signal: AbortSignal | undefined,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { adapters } = this;
    if (adapters.length === 0) throw new Error('setAdapters must be called before logits');
    this.checkTokens(rows);
    throwIfAborted(signal);
    const { hiddenSize, numLayers } = this.pkg.config;
    const { padMultiple } = this.bounds;
    const longest = Math.max(...rows.map((row) => row.length));
    const S = padLength(longest, padMultiple);
    const { Tensor } = this.backend.ort;
    const embedded = await this.embedding.gather(rows, S);
    const values = new Float32Array(adapters.length * rows.length * 3);
    const live = new LiveTensors();
    try {
      const input = live.add(new Tensor('float32', embedded, [rows.length, S, hiddenSize]));
      // Up to the first layer that any of them changes, all adapters compute the same.
      const shared = this.sharedLayers();
      const common = await this.layers(input, 0, shared, adapters[0]!, live, signal);
      for (const [a, adapter] of adapters.entries()) {
        if (a < adapters.length - 1) live.keep(common);
        else live.release(common);
        const hidden = await this.layers(common, shared, numLayers, adapter, live, signal);
        values.set(await this.pool(hidden, rows, adapter.score), a * rows.length * 3);
        live.drop(hidden);
      }
      if (!values.every(Number.isFinite)) {
        throw new TiebreakError(
          'engine/not-finite',
          'The device returned values that are not numbers.',
          {
            action: 'Try float32 precision, another device or an updated driver.',
          },
        );
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
      await this.layerStore.settle();
    }
  }

  /** The largest relative difference of what a self-test expects and what the device computes. */
  private async largestDifference({ tokens, layers, head }: SelfTest): Promise<number> {
    const { Tensor } = this.backend.ort;
    const row = Int32Array.from(tokens);
    this.checkTokens([row]);
    const S = padLength(row.length, this.bounds.padMultiple);
    const H = this.pkg.config.hiddenSize;
    const embedded = await this.embedding.gather([row], S);
    const input = () => new Tensor('float32', embedded, [1, S, H]);
    let worst = 0;
    for (const expected of layers) {
      const lora = await loadAdapterLayer(this.pkg, this.backend, expected.adapter, expected.layer);
      const live = new LiveTensors();
      try {
        const { layer, adapter } = expected;
        const cap = this.pkg.softCap(adapter);
        const out = live.add(await this.layer(input(), layer, layer + 1, lora, cap));
        const values = (await out.getData()) as Float32Array;
        worst = Math.max(worst, layerDifference(expected, embedded, values, row.length * H));
      } finally {
        live.dropAll();
        await this.layerStore.settle();
        for (const tensor of lora.held) tensor.release();
      }
    }
    if (head !== null) {
      const score = await loadScore(this.pkg, this.backend, head.adapter);
      try {
        worst = Math.max(worst, headDifference(head, await this.pool(input(), [row], score)));
      } finally {
        score.release();
      }
    }
    return worst;
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
  private async layers(
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
    const window = config.sliding[layer] ? config.slidingWindow : S;
    const output = await session.run({
      hidden_states: hidden,
      ...this.positions(S),
      mask: this.mask(S, Math.min(window, S)),
      ...(await this.layerStore.feeds(layer, to)),
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

  private checkTokens(rows: readonly Int32Array[]): void {
    const { vocabSize, maxPositions } = this.pkg.config;
    const refuse = (row: number, what: string): never => {
      throw new TiebreakError('engine/tokens', what, { place: { row: row + 1 } });
    };
    if (rows.length === 0) refuse(-1, 'There are no rows.');
    for (const [r, ids] of rows.entries()) {
      if (ids.length === 0) refuse(r, 'The row has no tokens.');
      if (ids.length > maxPositions) {
        refuse(r, `The row has ${ids.length} tokens; the model takes ${maxPositions}.`);
      }
      for (const id of ids) {
        if (id < 0 || id >= vocabSize)
          refuse(r, `Token id ${id} is outside the vocabulary of ${vocabSize}.`);
      }
    }
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

  private peakBytes(adapterBytes: number): number | null {
    if (this.backend.device === 'wasm') return null;
    const { config, manifest } = this.pkg;
    try {
      return planMemory({
        config,
        quantization: manifest.quantization,
        precision: this.precision,
        adapterBytes,
        resident: this.layerStore.resident === config.numLayers ? 'all' : this.layerStore.resident,
        maxLength: Math.min(TYPICAL_LENGTH, config.maxPositions),
        batchTokens: TYPICAL_BATCH,
        limits: this.backend.gpu,
      }).peakBytes;
    } catch {
      return null;
    }
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

function releaseAll(adapters: readonly LoadedAdapter[]): void {
  for (const tensor of adapters.flatMap(({ held }) => held)) tensor.release();
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

function selfTestError(device: string, precision: Precision, worst: number): TiebreakError {
  const off = Number.isFinite(worst)
    ? `by ${(100 * worst).toPrecision(2)} %, where ${100 * SELF_TEST_TOLERANCE[precision]} % are allowed`
    : 'with values that are not numbers';
  return new TiebreakError(
    'engine/self-test',
    `${device} computes this model wrongly in ${precision}: its self-test is off ${off}.`,
    {
      action:
        precision === 'float16'
          ? 'Choose float32, or the CPU. An updated graphics driver may help.'
          : 'Choose the CPU. An updated graphics driver may help.',
    },
  );
}
