import type { DecoderConfig } from '../../model/decoder.ts';
import type { Quantization } from '../../model/formats/quantization.ts';
import { type LinearName, linearShape, linearTensors, type TensorSpec } from '../../model/layer.ts';
import { tensorSize } from '../../model/safetensors.ts';
import { crc32 } from '../../storage/crc32.ts';
import type { GpuInfo } from '../device/backend.ts';
import type { GpuLimits } from '../device/gpus.ts';
import type { KernelCache, KernelReport } from '../device/kernel-cache.ts';
import type { Variant } from '../executor/variants.ts';
import { BLOCK_WORDS, packBatch } from './batch.ts';
import { BufferPool } from './buffers.ts';
import { activationBytes } from './kernels/activations.ts';
import {
  type AttentionShape,
  attentionKernel,
  attentionTiles,
  queriesPerBlock,
} from './kernels/attention.ts';
import type { Kernel } from './kernels/kernel.ts';
import type { ProductTile } from './kernels/product.ts';
import {
  arrangedBytes,
  queriesPerTile,
  type SubgroupAttentionWay,
  subgroupAttentionKernel,
  subgroupAttentionWays,
  tilesFit,
} from './kernels/subgroup-attention.ts';
import { Products } from './products.ts';
import { Recorder } from './recorder.ts';
import { fastest, type Question } from './timing.ts';
import {
  ARITHMETIC,
  LAYOUT,
  NARROW_TILE,
  productTiles,
  roundUpRows,
  SOFTWARE_TILE,
} from './variant.ts';

/**
 * A choice among kernels that give the same bits. They differ in the division of work, never in the order of a sum
 * (`test/engine/wgsl/choice.test.ts`), so the choice affects speed alone and journals need not contain it.
 */
export interface KernelChoice {
  /** Tile of products with the hidden size along K. */
  hidden: ProductTile;
  /** Tile of all other products. */
  wide: ProductTile;
  /** Tile of products with few columns, which are not timed. */
  narrow: ProductTile;
  attention: AttentionShape['tile'];
  /** Way of subgroup attention; null if that is not used. */
  matrices: SubgroupAttentionWay | null;
}

/** The model and the device for which kernels are chosen. */
interface ChoiceRequest {
  device: GPUDevice;
  /** Facts about the device. A software GPU is not timed and uses tiles that compile quickly. */
  gpu: Pick<GpuInfo, 'vendor' | 'architecture' | 'description' | 'fallback'>;
  config: DecoderConfig;
  quantization: Quantization;
  variant: Variant;
  cache: KernelCache | null;
}

/**
 * Tokens of a timing, about as many as a batch has: with fewer, other tiles would be the fastest. A device with the
 * smallest limits can bind that many rows of the MLP.
 */
const TOKENS = 2048;
// Milliseconds for timing and for compiling candidates. Together they delay loading by less than a second and a half.
const TIMING_MS = 500;
const COMPILING_MS = 900;
/** Milliseconds that one timing should take: far longer than submitting the work. */
const SAMPLE_MS = 6;

/** The candidates for a model on a device; the first of each is the default. */
export function candidates(
  config: DecoderConfig,
  variant: Variant,
  limits: GpuLimits,
  software = false,
) {
  const { numHeads: heads, numKeyValueHeads: keyValueHeads, headDim } = config;
  const matrices =
    variant === 'subgroup-matrix' && tilesFit({ heads, keyValueHeads, headDim })
      ? subgroupAttentionWays(headDim, limits)
      : [];
  const attention = attentionTiles(headDim, limits, software);
  const tiles = productTiles(ARITHMETIC[variant], limits, software);
  return {
    products: variant === 'subgroup-matrix' ? tiles.slice(0, 1) : tiles,
    // Beside subgroup attention this kernel runs only for the last tokens, so timing it would not pay.
    attention: matrices.length > 0 ? attention.slice(0, 1) : attention,
    matrices,
  };
}

/** The kernels that run if nothing has been timed. */
export function defaultChoice(
  config: DecoderConfig,
  variant: Variant,
  limits: GpuLimits,
  software = false,
): KernelChoice {
  const { products, attention, matrices } = candidates(config, variant, limits, software);
  return {
    hidden: products[0]!,
    wide: products[0]!,
    narrow: software ? SOFTWARE_TILE : NARROW_TILE,
    attention: attention[0]!,
    matrices: matrices[0] ?? null,
  };
}

/**
 * Times each candidate kernel on the model's shapes for a moment and chooses the fastest. If this has been done before
 * on the same kind of device with the very same kernels, uses the remembered choice. Temporary buffers of a few hundred
 * megabytes are freed again.
 */
export async function chooseKernels(
  request: ChoiceRequest,
): Promise<{ choice: KernelChoice; report: KernelReport }> {
  const { device, gpu, config, variant, cache } = request;
  const began = performance.now();
  const took = () => Math.round(performance.now() - began);
  const standard = defaultChoice(config, variant, device.limits, gpu.fallback);
  if (gpu.fallback) {
    const note = 'a software GPU';
    return { choice: standard, report: { how: 'defaults', note, milliseconds: 0 } };
  }
  const bench = new Bench(request);
  try {
    const questions = await bench.questions();
    if (questions.length === 0) {
      const note = 'only one kernel of each kind fits this device';
      return { choice: standard, report: { how: 'defaults', note, milliseconds: took() } };
    }
    const key = keyOf(
      request,
      questions.flatMap(({ kernels }) => kernels),
    );
    const remembered = await recall(cache, key, questions);
    if (remembered !== null) {
      const report = { how: 'remembered', note: null, milliseconds: took() } as const;
      return { choice: choiceOf(standard, questions, remembered), report };
    }
    const late = await bench.compile(questions);
    const { answers, complete } = await fastest(await bench.ready(questions, late), TIMING_MS);
    // Answers are indices among the candidates that were compiled in time; these become indices among all.
    const chosen = answers.map((answer, q) => {
      const there = questions[q]!.kernels.flatMap((_, w) => (late[q]!.has(w) ? [] : [w]));
      return there[answer] ?? 0;
    });
    const all = late.every(({ size }) => size === 0);
    let note = all ? null : 'some kernels took too long to compile';
    if (!complete) note = 'the GPU is too slow to time them quickly';
    if (all && complete) note = await remember(cache, key, chosen);
    const report = { how: 'timed', note, milliseconds: took() } as const;
    return { choice: choiceOf(standard, questions, chosen), report };
  } finally {
    bench.dispose();
  }
}

/** One part of the choice: its candidates, and for each a kernel and a function that runs it on a number of tokens. */
interface KernelQuestion {
  part: keyof KernelChoice;
  candidates: readonly KernelChoice[keyof KernelChoice][];
  kernels: Kernel[];
  run: ((tokens: number) => Promise<void>)[];
}

/** Runs candidates on buffers of their own. */
class Bench {
  private readonly request: ChoiceRequest;
  private readonly recorder: Recorder;
  private readonly pool: BufferPool;

  constructor(request: ChoiceRequest) {
    this.request = request;
    this.recorder = new Recorder(request.device);
    this.pool = new BufferPool(request.device);
  }

  async questions(): Promise<KernelQuestion[]> {
    const { config, variant, device } = this.request;
    const { products, attention, matrices } = candidates(config, variant, device.limits);
    const found: KernelQuestion[] = [];
    const ask = async <P extends keyof KernelChoice>(
      part: P,
      ways: readonly KernelChoice[P][],
      run: (way: KernelChoice[P]) => (tokens: number) => Promise<void>,
    ) => {
      if (ways.length < 2) return;
      const runs = ways.map(run);
      const kernels: Kernel[] = [];
      for (const one of runs) {
        // The product or attention itself is the last kernel; those before it are the same for all candidates.
        kernels.push((await this.recorder.needed(() => one(TOKENS))).at(-1)!);
      }
      found.push({ part, candidates: ways, kernels, run: runs });
    };
    await ask('hidden', products, (tile) => this.product('gate_proj', tile));
    await ask('wide', products, (tile) => this.product('down_proj', tile));
    await ask('attention', attention, (tile) => this.attention(tile));
    await ask('matrices', matrices, (way) => this.subgroupAttention(way!));
    return found;
  }

  /**
   * Compiles the candidates. Waits for the default of each question, and for the others only for a moment.
   * @returns for each question the candidates that were refused or not compiled in time.
   */
  async compile(questions: readonly KernelQuestion[]): Promise<Set<number>[]> {
    const { pipelines } = this.recorder;
    await Promise.all(questions.map(({ run }) => this.recorder.compile(() => run[0]!(TOKENS))));
    const others = questions.flatMap(({ kernels }) =>
      kernels.map((kernel) => pipelines.get(kernel)),
    );
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, COMPILING_MS);
    });
    // A candidate that the device refuses is left out, like one that is compiled too late.
    await Promise.race([Promise.allSettled(others), late]);
    clearTimeout(timer);
    return questions.map(
      ({ kernels }) =>
        new Set(
          kernels.flatMap((kernel, w) => (pipelines.compiled(kernel) === undefined ? [w] : [])),
        ),
    );
  }

  /** Runs the default of each question to decide how many tokens and repetitions a timing has. */
  async ready(
    questions: readonly KernelQuestion[],
    late: readonly Set<number>[],
  ): Promise<Question[]> {
    const ready: Question[] = [];
    for (const [q, { part, kernels, run }] of questions.entries()) {
      // The first run is slower and does not count. On a slow device an eighth of the tokens must do.
      await this.time(kernels[0]!, run[0]!, TOKENS / 8, 1);
      const eighth = await this.time(kernels[0]!, run[0]!, TOKENS / 8, 1);
      const tokens = eighth * 8 > 4 * SAMPLE_MS ? TOKENS / 8 : TOKENS;
      const ms = Math.max(0.01, await this.time(kernels[0]!, run[0]!, tokens, 1));
      const times = Math.max(1, Math.min(16, Math.round(SAMPLE_MS / ms)));
      const ways = run.flatMap((way, w) =>
        late[q]!.has(w) ? [] : [() => this.time(kernels[w]!, way, tokens, times)],
      );
      ready.push({ name: part, ways });
    }
    return ready;
  }

  /** Milliseconds of a kernel by the device's clock; without one, of all work by the clock of the CPU. */
  private async time(
    kernel: Kernel,
    run: (tokens: number) => Promise<void>,
    tokens: number,
    times: number,
  ): Promise<number> {
    const from = performance.now();
    const work = async () => {
      for (let i = 0; i < times; i += 1) await run(tokens);
    };
    const measured = await this.recorder.timed(work);
    if (measured !== null) return measured.get(kernel.label)!.milliseconds / times;
    await work();
    await this.recorder.submit();
    await this.request.device.queue.onSubmittedWorkDone();
    return (performance.now() - from) / times;
  }

  dispose(): void {
    this.pool.dispose();
    this.recorder.dispose();
  }

  private product(name: LinearName, tile: ProductTile) {
    const { config, quantization, variant } = this.request;
    const { K, N } = linearShape(config, name);
    const { recorder, pool } = this;
    const tiles = { hidden: tile, wide: tile, narrow: NARROW_TILE };
    const products = new Products({ config, quantization, variant, tiles, recorder, pool });
    return async (tokens: number) => {
      const M = roundUpRows(TOKENS);
      const { weight, scales, zeros, order } = linearTensors(config, name, quantization);
      const buffer = (part: string, { dtype, shape }: TensorSpec) =>
        pool.get(`${name} ${part}`, tensorSize({ name, dtype, shape }));
      const weights = {
        weight: buffer('weight', weight),
        scales: scales && buffer('scales', scales),
        zeros: zeros && buffer('zeros', zeros),
        order: order && buffer('order', order),
        // One addition a result does not decide between tiles.
        bias: null,
      };
      const input = pool.get(`${name} input`, activationBytes(LAYOUT[variant], M, K));
      const output = pool.get(`${name} output`, M * N * 4);
      const low = pool.get('low', 256);
      await products.run(name, weights, new Map(), input, low, output, tokens);
    };
  }

  private attention(tile: AttentionShape['tile']) {
    const shape = { ...this.attentionShape(), tile };
    return async (tokens: number) => {
      const batch = packBatch([new Int32Array(tokens)], {
        queriesPerBlock: queriesPerBlock(shape),
      });
      const blocks = this.pool.fill(`blocks of ${tile.rows} and ${tokens}`, batch.blocks);
      const count = batch.blocks.length / BLOCK_WORDS;
      const { q, k, v, out } = this.heads();
      await this.recorder.run(
        attentionKernel(shape),
        [q, k, v, blocks, out],
        [count, tokens],
        count * shape.keyValueHeads,
        2 * tokens * tokens * shape.heads * shape.headDim,
      );
    };
  }

  private subgroupAttention(way: SubgroupAttentionWay) {
    const shape = this.attentionShape();
    const { heads, keyValueHeads, headDim } = shape;
    return async (tokens: number) => {
      const { tiled } = packBatch([new Int32Array(tokens)], {
        queriesPerBlock: 1,
        queriesPerTile: queriesPerTile(shape),
      });
      const { source, blocks } = tiled!;
      const count = blocks.length / BLOCK_WORDS;
      const arranged = (name: string, of: number) =>
        this.pool.get(name, arrangedBytes(source.length, of, headDim));
      await this.recorder.run(
        subgroupAttentionKernel(shape, way),
        [
          arranged('aq', heads),
          arranged('ak', keyValueHeads),
          arranged('av', keyValueHeads),
          this.pool.fill(`tiles of ${tokens}`, blocks),
          this.heads().out,
        ],
        [count, tokens],
        count * keyValueHeads,
        2 * tokens * tokens * heads * headDim,
      );
    };
  }

  private attentionShape(): Omit<AttentionShape, 'tile'> {
    const { config, variant } = this.request;
    return {
      heads: config.numHeads,
      keyValueHeads: config.numKeyValueHeads,
      headDim: config.headDim,
      scale: config.attnScale,
      softCap: config.attnSoftCap,
      output: LAYOUT[variant],
    };
  }

  private heads() {
    const { heads, keyValueHeads, headDim } = this.attentionShape();
    const of = (name: string, count: number) => this.pool.get(name, TOKENS * count * headDim * 4);
    return {
      q: of('q', heads),
      k: of('k', keyValueHeads),
      v: of('v', keyValueHeads),
      out: of('out', heads),
    };
  }
}

/** The key of a remembered choice. It distinguishes devices, models and versions of the kernels. */
function keyOf(request: ChoiceRequest, kernels: readonly Kernel[]): string {
  const { device, gpu, config, quantization, variant } = request;
  const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup } = device.limits;
  // The code of kernels contains their shapes and changes with their version.
  const code = crc32(new TextEncoder().encode(kernels.map((kernel) => kernel.code).join('\n')));
  return JSON.stringify([
    ...[gpu.vendor, gpu.architecture, gpu.description],
    ...[maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup],
    ...[config.hiddenSize, config.intermediateSize, quantization, variant, code],
  ]);
}

/** The remembered choice, an index per question; null if there is none or it does not fit the candidates. */
async function recall(
  cache: KernelCache | null,
  key: string,
  questions: readonly KernelQuestion[],
): Promise<number[] | null> {
  let text: string | null | undefined;
  try {
    text = await cache?.get(key);
  } catch {
    return null; // an unreadable choice is made again
  }
  const parts = (text ?? '').split(',');
  const known =
    parts.length === questions.length &&
    questions.every(
      ({ candidates: { length } }, q) => /^\d$/.test(parts[q]!) && Number(parts[q]) < length,
    );
  return known ? parts.map(Number) : null;
}

/** Remembers a choice. @returns the reason if that failed, else null. */
async function remember(
  cache: KernelCache | null,
  key: string,
  chosen: readonly number[],
): Promise<string | null> {
  try {
    await cache?.set(key, chosen.join());
    return null;
  } catch (thrown) {
    return `it could not be remembered: ${(thrown as Error).message}`;
  }
}

function choiceOf(
  standard: KernelChoice,
  questions: readonly KernelQuestion[],
  chosen: readonly number[],
): KernelChoice {
  const parts = questions.map(({ part, candidates: ways }, q) => [part, ways[chosen[q]!]]);
  return { ...standard, ...Object.fromEntries(parts) };
}
