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
import { type LinearName, linearShape } from '../../src/model/layer.ts';
import { crc32 } from '../../src/storage/crc32.ts';
import { random } from '../../testing/synthetic.ts';
import { attempt, configOf, onDevice, print, results, small, variants } from './context.ts';

const config = parseConfig(configOf(4));

/** Benches each product with NF4 weights, in each possible tile, and attention. */
export async function benchKernels(): Promise<void> {
  for (const variant of variants) {
    await attempt('kernels', `products, ${variant}`, () =>
      onDevice((gpu) => benchProducts(gpu, variant)),
    );
  }
  await onDevice(benchAttention);
}

/**
 * Milliseconds of the last kernel of some work on the GPU's clock: the median of many, after the GPU has reached its
 * clock rate.
 */
async function milliseconds(recorder: Recorder, run: () => Promise<void>): Promise<number> {
  const { label } = (await recorder.needed(run)).at(-1)!;
  const time = async (repeats: number) => {
    const times = await recorder.timed(async () => {
      for (let i = 0; i < repeats; i += 1) await run();
    });
    if (times === null) throw new Error('the device has no timestamps');
    return times.get(label)!.milliseconds / repeats;
  };
  // An idle GPU runs at a fraction of its clock rate.
  for (const until = performance.now() + (small ? 0 : 150); ; ) {
    await time(1);
    if (performance.now() >= until) break;
  }
  const repeats = small ? 1 : Math.max(1, Math.min(30, Math.round(20 / (await time(2)))));
  const times: number[] = [];
  for (let i = 0; i < 5; i += 1) times.push(await time(repeats));
  return times.sort((a, b) => a - b)[2]!;
}

/** The seven products of a layer with the number of each shape. */
const COUNT: [LinearName, number][] = [
  ['q_proj', 1],
  ['k_proj', 2],
  ['o_proj', 1],
  ['gate_proj', 2],
  ['down_proj', 1],
];

async function benchProducts(gpu: WebGpuBackend, variant: Variant): Promise<void> {
  const why = refusal(variant, config, 'nf4', factsOf(gpu));
  if (why !== null) return print(`products, ${variant}: ${why.reason}`);
  const table: Record<string, unknown>[] = [];
  results[`products ${variant}`] = table;
  const device = gpu.gpuDevice;
  const recorder = new Recorder(device);
  const pool = new BufferPool(device);
  const next = random(3);
  const noise = new Uint32Array((config.hiddenSize * config.intermediateSize) / 2);
  for (let i = 0; i < noise.length; i += 1) noise[i] = next() * 4294967296;
  const weights = new Map<LinearName, LinearBuffers>();
  for (const [name] of COUNT) {
    const { K, N } = linearShape(config, name);
    const codes = pool.get(`${name} weight`, (K * N) / 2);
    device.queue.writeBuffer(codes, 0, noise, 0, (K * N) / 8);
    const scales = Float32Array.from({ length: (K * N) / 64 }, () => 0.03 + 0.02 * next());
    weights.set(name, { weight: codes, scales: pool.fill(`${name} scales`, scales), bias: null });
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
    const products = new Products({ config, quantization: 'nf4', variant, tiles, recorder, pool });
    for (const [name] of COUNT) {
      const { K, N } = linearShape(config, name);
      const y = pool.get('y', M * config.intermediateSize * 4);
      const low = pool.get('low', 256);
      await products.ready([name], new Map(), x, low, M);
      const ms = await milliseconds(recorder, () =>
        products.run(name, weights.get(name)!, new Map(), x, low, y, M),
      );
      best.set(name, Math.min(ms, best.get(name) ?? Number.POSITIVE_INFINITY));
      // Enough rows for many tiles.
      await bits.get(name)!.check(recorder, y, Math.min(M, 512) * N);
      const tflops = (2 * M * K * N) / ms / 1e9;
      table.push({ variant, name, M, K, N, tile, ms, tflops });
      print(
        `${variant} ${name} ${M} x ${K} x ${N}, ${tileText(variant, tile)}: ${ms.toFixed(3)} ms, ${tflops.toFixed(1)} TFLOP/s`,
      );
    }
  }
  for (const [name, same] of bits) same.report(`${variant} ${name}`);
  let [total, operations] = [0, 0];
  for (const [name, count] of COUNT) {
    const { K, N } = linearShape(config, name);
    total += count * best.get(name)!;
    operations += count * 2 * M * K * N;
  }
  print(
    `${variant}, M ${M}: 7 products, each in its best tile ${total.toFixed(2)} ms, ${(operations / total / 1e9).toFixed(1)} TFLOP/s, ${((M / total / 42) * 1000).toFixed(0)} tokens/s of 42 layers`,
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
      const ms = await milliseconds(recorder, run);
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
