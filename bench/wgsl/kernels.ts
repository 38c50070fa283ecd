import type { WebGpuBackend } from '../../src/engine/device/backend.ts';
import { SUBGROUP_MATRIX } from '../../src/engine/device/gpus.ts';
import type { Variant } from '../../src/engine/executor/variants.ts';
import { BLOCK_WORDS, packBatch } from '../../src/engine/wgsl/batch.ts';
import { BufferPool } from '../../src/engine/wgsl/buffers.ts';
import { candidates } from '../../src/engine/wgsl/choice.ts';
import { activationBytes } from '../../src/engine/wgsl/kernels/activations.ts';
import {
  attentionKernel,
  attentionTiles,
  queriesPerBlock,
} from '../../src/engine/wgsl/kernels/attention.ts';
import type { ProductTile } from '../../src/engine/wgsl/kernels/product.ts';
import {
  arrangedBytes,
  arrangeGroups,
  arrangeKernel,
  queriesPerTile,
  subgroupAttentionKernel,
  subgroupAttentionWays,
  tilesFit,
} from '../../src/engine/wgsl/kernels/subgroup-attention.ts';
import { factsOf } from '../../src/engine/wgsl/model.ts';
import { type LinearBuffers, Products } from '../../src/engine/wgsl/products.ts';
import { Recorder } from '../../src/engine/wgsl/recorder.ts';
import { LAYOUT, NARROW_TILE, refusal } from '../../src/engine/wgsl/variant.ts';
import { parseConfig } from '../../src/model/config.ts';
import { gptqLayout, isGptq, type Quantized } from '../../src/model/formats/quantization.ts';
import {
  type LinearName,
  linearShape,
  linearTensors,
  type TensorSpec,
} from '../../src/model/layer.ts';
import { tensorSize } from '../../src/model/safetensors.ts';
import { crc32 } from '../../src/storage/crc32.ts';
import { random } from '../../testing/synthetic.ts';
import {
  attempt,
  configOf,
  formats,
  onDevice,
  print,
  results,
  small,
  variants,
} from './context.ts';

const config = parseConfig(configOf(4));

/** Benches each product, with weights in each format and in each possible tile, and attention. */
export async function benchKernels(): Promise<void> {
  for (const variant of variants) {
    for (const format of formats) {
      await attempt('kernels', `products, ${variant}, ${format}`, () =>
        onDevice((gpu) => benchProducts(gpu, variant, format)),
      );
    }
  }
  await onDevice(benchAttention);
}

/**
 * Milliseconds of the last kernel of some work, and of all of its kernels, on the GPU's clock: the medians of many,
 * after the GPU has reached its clock rate.
 */
async function milliseconds(
  recorder: Recorder,
  run: () => Promise<void>,
): Promise<{ last: number; all: number }> {
  const { label } = (await recorder.needed(run)).at(-1)!;
  const time = async (repeats: number) => {
    const times = await recorder.timed(async () => {
      for (let i = 0; i < repeats; i += 1) await run();
    });
    if (times === null) throw new Error('the device has no timestamps');
    const all = [...times.values()].reduce((sum, kernel) => sum + kernel.milliseconds, 0);
    return { last: times.get(label)!.milliseconds / repeats, all: all / repeats };
  };
  // An idle GPU runs at a fraction of its clock rate.
  for (const until = performance.now() + (small ? 0 : 150); ; ) {
    await time(1);
    if (performance.now() >= until) break;
  }
  const repeats = small ? 1 : Math.max(1, Math.min(30, Math.round(20 / (await time(2)).last)));
  const times: Awaited<ReturnType<typeof time>>[] = [];
  for (let i = 0; i < 5; i += 1) times.push(await time(repeats));
  const median = (of: 'last' | 'all') => times.map((one) => one[of]).sort((a, b) => a - b)[2]!;
  return { last: median('last'), all: median('all') };
}

/** The seven products of a layer with the number of each shape. */
const COUNT: [LinearName, number][] = [
  ['q_proj', 1],
  ['k_proj', 2],
  ['o_proj', 1],
  ['gate_proj', 2],
  ['down_proj', 1],
];

async function benchProducts(
  gpu: WebGpuBackend,
  variant: Variant,
  quantization: Quantized,
): Promise<void> {
  const kind = `${variant} ${quantization}`;
  const why = refusal(variant, config, quantization, factsOf(gpu));
  if (why !== null) return print(`products, ${kind}: ${why.reason}`);
  const table: Record<string, unknown>[] = [];
  results[`products ${kind}`] = table;
  const device = gpu.gpuDevice;
  const recorder = new Recorder(device);
  const pool = new BufferPool(device);
  const next = random(3);
  const noise = new Uint32Array((config.hiddenSize * config.intermediateSize) / 2);
  for (let i = 0; i < noise.length; i += 1) noise[i] = next() * 4294967296;
  const weights = new Map<LinearName, LinearBuffers>();
  for (const [name] of COUNT) {
    const { K } = linearShape(config, name);
    const specs = linearTensors(config, name, quantization);
    const sized = (spec: TensorSpec) => tensorSize({ name, ...spec });
    const codes = pool.get(`${name} weight`, sized(specs.weight));
    device.queue.writeBuffer(codes, 0, noise, 0, sized(specs.weight) / 4);
    // Codes of GPTQ are whole numbers, those of NF4 at most 1.
    const size = isGptq(quantization) ? 2 ** -gptqLayout(quantization).bits : 1;
    const scales = Float32Array.from(
      { length: specs.scales!.shape[0]! },
      () => (0.03 + 0.02 * next()) * size,
    );
    const order = Uint32Array.from({ length: K }, (_, k) => (k * 4099) % K);
    weights.set(name, {
      weight: codes,
      scales: pool.fill(`${name} scales`, scales),
      zeros: specs.zeros && pool.get(`${name} zeros`, sized(specs.zeros)),
      order: specs.order && pool.fill(`${name} order`, order),
      bias: null,
    });
  }
  const M = small ? 128 : 4096;
  // Random signs and mantissas of magnitudes from 1/8 to 1/4.
  const pattern = LAYOUT[variant] === 'f32' ? [0x807fffff, 0x3e000000] : [0x83ff83ff, 0x30003000];
  const x = pool.get('x', activationBytes(LAYOUT[variant], M, config.intermediateSize));
  const input = new Uint32Array(x.size / 4).map(
    (_, i) => (noise[i % noise.length]! & pattern[0]!) | pattern[1]!,
  );
  device.queue.writeBuffer(x, 0, input);
  const best = new Map<LinearName, number>();
  const bits = new Map(COUNT.map(([name]) => [name, sameBits()]));
  for (const tile of candidates(config, variant, recorder.limits, small).products) {
    const tiles = { hidden: tile, wide: tile, narrow: NARROW_TILE };
    const products = new Products({ config, quantization, variant, tiles, recorder, pool });
    for (const [name] of COUNT) {
      const { K, N } = linearShape(config, name);
      const y = pool.get('y', M * config.intermediateSize * 4);
      const low = pool.get('low', 256);
      await products.ready([name], new Map(), x, low, M);
      const { last: ms, all } = await milliseconds(recorder, () =>
        products.run(name, weights.get(name)!, new Map(), x, low, y, M),
      );
      best.set(name, Math.min(all, best.get(name) ?? Number.POSITIVE_INFINITY));
      // Enough rows for many tiles.
      await bits.get(name)!.check(recorder, y, Math.min(M, 512) * N);
      const tflops = (2 * M * K * N) / ms / 1e9;
      const withAll = (2 * M * K * N) / all / 1e9;
      table.push({ variant, quantization, name, M, K, N, tile, ms, tflops, all, withAll });
      print(
        `${kind} ${name} ${M} x ${K} x ${N}, ${tileText(variant, tile)}: ${ms.toFixed(3)} ms, ${tflops.toFixed(1)} TFLOP/s; with unpacking and gathering ${all.toFixed(3)} ms, ${withAll.toFixed(1)} TFLOP/s`,
      );
    }
  }
  for (const [name, same] of bits) same.report(`${kind} ${name}`);
  let [total, operations] = [0, 0];
  for (const [name, count] of COUNT) {
    const { K, N } = linearShape(config, name);
    total += count * best.get(name)!;
    operations += count * 2 * M * K * N;
  }
  print(
    `${kind}, M ${M}: 7 products with unpacking and gathering, each in its best tile ${total.toFixed(2)} ms, ${(operations / total / 1e9).toFixed(1)} TFLOP/s, ${((M / total / 42) * 1000).toFixed(0)} tokens/s of 42 layers`,
  );
  pool.dispose();
  recorder.dispose();
}

function tileText(variant: Variant, { tileM, tileN, stepK, rows, columns }: ProductTile): string {
  if (variant === 'subgroup-matrix') return 'tile 128 x 128';
  return `tile ${tileM} x ${tileN}, step ${stepK}, ${rows} x ${columns} a thread`;
}

async function benchAttention(gpu: WebGpuBackend): Promise<void> {
  const { numHeads: heads, numKeyValueHeads: keyValueHeads, headDim } = config;
  const table: Record<string, unknown>[] = [];
  results.attention = table;
  const tokens = small ? 128 : 4096;
  const next = random(5);
  const recorder = new Recorder(gpu.gpuDevice);
  const pool = new BufferPool(gpu.gpuDevice);
  const noise = (name: string, count: number) =>
    pool.fill(
      name,
      Float32Array.from({ length: count }, () => next() - 0.5),
    );
  const q = noise('q', tokens * heads * headDim);
  const k = noise('k', tokens * keyValueHeads * headDim);
  const v = noise('v', tokens * keyValueHeads * headDim);
  const cosines = pool.fill('cos', new Float32Array((tokens * headDim) / 2).fill(1));
  const sines = pool.fill('sin', new Float32Array((tokens * headDim) / 2));
  const out = pool.get('out', tokens * heads * headDim * 4);
  const shape = { heads, keyValueHeads, headDim, scale: 1 / 16, softCap: 50 };
  for (const length of small ? [64] : [512, 1024, 2048]) {
    const rows = Array.from({ length: tokens / length }, () => new Int32Array(length));
    const same = sameBits();
    const time = async (name: string, run: () => Promise<void>) => {
      const { last: ms } = await milliseconds(recorder, run);
      const tflops = (2 * tokens * length * heads * headDim) / ms / 1e9;
      table.push({ name, length, ms, tflops });
      print(`attention of ${length}, ${name}: ${ms.toFixed(3)} ms, ${tflops.toFixed(1)} TFLOP/s`);
    };
    for (const tile of attentionTiles(headDim, recorder.limits, small)) {
      const name = `rows ${tile.rows}, keys ${tile.keys}, steps ${tile.stepD} and ${tile.stepKeys}`;
      await attempt('kernels', name, async () => {
        const kernel = attentionKernel({ ...shape, output: 'f32', tile });
        const batch = packBatch(rows, {
          queriesPerBlock: queriesPerBlock({ ...shape, output: 'f32', tile }),
          share: false,
        });
        const blocks = pool.fill('blocks', batch.blocks);
        const count = batch.blocks.length / BLOCK_WORDS;
        await time(name, () =>
          recorder.run(
            kernel,
            [q, k, v, blocks, out],
            [count, 2 ** 30],
            count * keyValueHeads,
            1e10,
          ),
        );
        await same.check(recorder, out, tokens * heads * headDim);
      });
    }
    same.report(`attention of ${length}`);
    if (!tilesFit(shape) || !gpu.gpuDevice.features.has(SUBGROUP_MATRIX as GPUFeatureName))
      continue;
    const batch = packBatch(rows, {
      queriesPerBlock: 64,
      queriesPerTile: queriesPerTile(shape),
      share: false,
    });
    const { source, blocks } = batch.tiled!;
    const sources = pool.fill('source', source);
    const positions = pool.fill('positions', batch.positions);
    const tiled = pool.fill('tiled', blocks);
    const count = blocks.length / BLOCK_WORDS;
    const arrange = async (name: string, x: GPUBuffer, of: number) => {
      const to = pool.get(name, arrangedBytes(source.length, of, headDim));
      await recorder.run(
        arrangeKernel(of, headDim, true),
        [x, cosines, sines, sources, positions, to],
        [],
        arrangeGroups(source.length, of, headDim),
        1e8,
      );
      return to;
    };
    const matrices = sameBits();
    for (const way of subgroupAttentionWays(headDim, recorder.limits)) {
      await attempt('kernels', `subgroup attention, ${way}`, async () => {
        const kernel = subgroupAttentionKernel(shape, way);
        const arranged = [
          await arrange('aq', q, heads),
          await arrange('ak', k, keyValueHeads),
          await arrange('av', v, keyValueHeads),
        ];
        await time(`subgroup matrices, ${way}`, () =>
          recorder.run(
            kernel,
            [...arranged, tiled, out],
            [count, 2 ** 30],
            count * keyValueHeads,
            1e10,
          ),
        );
        await matrices.check(recorder, out, (tokens * heads * headDim) / 2);
      });
    }
    matrices.report(`subgroup attention of ${length}`);
    await time('arranging', async () => {
      await arrange('aq', q, heads);
      await arrange('ak', k, keyValueHeads);
      await arrange('av', v, keyValueHeads);
    });
  }
  pool.dispose();
  recorder.dispose();
}

/** Checks that the outputs of several kernels are equal, bit by bit. */
function sameBits() {
  const seen = new Set<number>();
  let compared = 0;
  return {
    check: async (recorder: Recorder, buffer: GPUBuffer, values: number) => {
      const output = await recorder.read(buffer, values);
      if (output.every((value) => value === 0)) throw new Error('nothing was computed');
      seen.add(crc32(new Uint8Array(output.buffer)));
      compared += 1;
    },
    report: (name: string) => {
      results[`bits of ${name}`] = { kernels: compared, outputs: seen.size };
      print(
        `${name}: ${compared} kernels gave ${seen.size === 1 ? 'the same bits' : `${seen.size} DIFFERENT outputs`}`,
      );
    },
  };
}
