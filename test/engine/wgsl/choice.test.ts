import { afterAll, describe, expect, test, vi } from 'vitest';
import type { GpuLimits } from '../../../src/engine/device/gpus.ts';
import type { KernelCache } from '../../../src/engine/device/kernel-cache.ts';
import { ALL_VARIANTS } from '../../../src/engine/executor/variants.ts';
import { BLOCK_WORDS, packBatch } from '../../../src/engine/wgsl/batch.ts';
import { candidates, chooseKernels, defaultChoice } from '../../../src/engine/wgsl/choice.ts';
import { attentionKernel, queriesPerBlock } from '../../../src/engine/wgsl/kernels/attention.ts';
import { INT8_BLOCK } from '../../../src/engine/wgsl/kernels/int8.ts';
import { int8ProductKernel } from '../../../src/engine/wgsl/kernels/int8-product.ts';
import {
  type ProductTile,
  productGroups,
  productKernel,
} from '../../../src/engine/wgsl/kernels/product.ts';
import { SOFTWARE_TILE } from '../../../src/engine/wgsl/variant.ts';
import { parseConfig } from '../../../src/model/config.ts';
import { encodeFloat16 } from '../../../src/model/dtype.ts';
import { config9b, random } from '../../../testing/synthetic.ts';
import { withoutHalves } from '../../../testing/wgsl/emulate.ts';
import { sharedTestGpu } from '../../../testing/wgsl/gpu.ts';
import { openNullDevice } from '../../../testing/wgsl/null-device.ts';
import { lay, runKernel } from '../../../testing/wgsl/run-kernel.ts';

const TIMEOUT = 120_000; // software devices compile slowly
const config = parseConfig(config9b(2, 512));
const LIMITS = {
  maxComputeWorkgroupStorageSize: 32 * 1024,
  maxComputeInvocationsPerWorkgroup: 256,
} as GpuLimits;

describe('candidates', () => {
  test.each(ALL_VARIANTS)('%s: the order of sums is the same in all of them', (variant) => {
    for (const storage of [16, 32, 48, 100]) {
      const limits = { ...LIMITS, maxComputeWorkgroupStorageSize: storage * 1024 };
      const { products, attention } = candidates(config, variant, limits);
      expect(products.length).toBeGreaterThan(0);
      // float16 sums are rounded within a step, so all candidates have the same steps.
      if (variant === 'float16') expect(new Set(products.map(({ stepK }) => stepK)).size).toBe(1);
      // Attention rescales its sums after every tile of keys, so all candidates have the same tiles.
      expect(new Set(attention.map(({ keys }) => keys)).size).toBe(1);
    }
  });

  test('a software device takes one small tile', () => {
    const { products, attention } = candidates(config, 'float32', LIMITS, true);
    expect([products.length, attention.length]).toEqual([1, 1]);
    expect(products[0]).toEqual(SOFTWARE_TILE);
  });
});

const device = await openNullDevice();
afterAll(() => device?.destroy());

describe.skipIf(device === null)('choosing on a device that computes nothing', () => {
  const request = (cache: KernelCache | null, software = false) =>
    chooseKernels({
      device: device!,
      gpu: { vendor: 'v', architecture: 'a', description: 'd', fallback: software },
      config,
      quantization: 'nf4',
      variant: 'int8',
      cache,
    });
  const remembering = () => {
    const known = new Map<string, string>();
    const memory = {
      get: async (key: string) => known.get(key) ?? null,
      set: async (key: string, value: string) => void known.set(key, value),
    };
    return { known, memory };
  };

  test('timed choices are remembered, and not timed again', async () => {
    const { known, memory } = remembering();
    const first = await request(memory);
    expect(first.report).toMatchObject({ how: 'timed', note: null });
    expect([...known.keys()]).toEqual([expect.stringContaining('"nf4","int8"')]);
    const second = await request(memory);
    expect(second.report.how).toBe('remembered');
    expect(second.choice).toEqual(first.choice);
    // Choices stored by another version, and numbers that name no candidate, are ignored.
    for (const wrong of ['0', '0,9', 'x,0']) {
      for (const key of known.keys()) known.set(key, wrong);
      expect((await request(memory)).report.how).toBe('timed');
    }
  }, 60_000);

  test('a memory that fails does not stop a model, and is named', async () => {
    const fail = () => Promise.reject(new Error('no room'));
    const { report } = await request({ get: fail, set: fail });
    expect(report).toMatchObject({ how: 'timed', note: 'it could not be remembered: no room' });
  });

  test('software devices are not timed', async () => {
    const get = vi.fn();
    const { choice, report } = await request({ get, set: get }, true);
    expect(report).toMatchObject({ how: 'defaults', note: 'a software GPU' });
    expect(choice).toEqual(defaultChoice(config, 'int8', device!.limits, true));
    expect(get).not.toHaveBeenCalled();
  });
});

const backend = await sharedTestGpu();
const next = random(9);
const noise = (count: number) =>
  encodable(Float32Array.from({ length: count }, () => next() * 2 - 1));

/** Rounds values so that float16 holds them exactly, with enough digits for sums to be rounded. */
function encodable(values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  return values.map((value) => Math.round(value * 1024) / 1024);
}

// Small tiles that divide the work like the real ones; bench/wgsl compares the real ones on a GPU.
const TILES: Record<'f32' | 'f16' | 'i8', ProductTile[]> = {
  f32: [{ tileM: 32, tileN: 32, stepK: 32, rows: 2, columns: 2 }, SOFTWARE_TILE],
  f16: [
    { tileM: 32, tileN: 32, stepK: 64, rows: 2, columns: 2 },
    { tileM: 16, tileN: 32, stepK: 64, rows: 1, columns: 4 },
  ],
  i8: [
    { tileM: 32, tileN: 32, stepK: 64, rows: 2, columns: 2 },
    { tileM: 32, tileN: 16, stepK: 32, rows: 4, columns: 1 },
  ],
};

describe.skipIf(backend === null)('the same bits, however the work is divided', () => {
  const gpu = backend!;

  test.each(['f32', 'f16', 'i8'] as const)(
    'product, %s',
    async (arithmetic) => {
      const [M, K, N, padded] = [33, 160, 40, 64];
      const x = new Float32Array(padded * K);
      x.set(noise(M * K));
      const codes = Uint8Array.from({ length: N * K }, () => next() * 256);
      const scales = noise((N * K) / 64);
      const inputScales = noise((padded * K) / INT8_BLOCK);
      const outputs: Float32Array[] = [];
      for (const tile of TILES[arithmetic]) {
        const shape = { K, N, weights: 'nf4', lora: false, tile } as const;
        const kernel =
          arithmetic === 'i8'
            ? int8ProductKernel(shape, padded)
            : withoutHalves(productKernel({ ...shape, input: arithmetic, arithmetic }));
        const inputs =
          arithmetic === 'i8'
            ? [new Uint8Array(x.buffer, 0, padded * K), inputScales, codes, scales]
            : [
                lay(arithmetic, x, padded, K, encodeFloat16),
                codes.subarray(0, (N * K) / 2),
                scales,
              ];
        const groups = productGroups(shape, M);
        const at = inputs.length;
        const out = await runKernel(gpu, kernel, [...inputs, padded * N * 4], [M], groups, at);
        outputs.push(out.slice(0, M * N));
      }
      expect(new Set(outputs[0]).size).toBeGreaterThan(M);
      expect(outputs[1]).toEqual(outputs[0]);
    },
    TIMEOUT,
  );

  test(
    'attention',
    async () => {
      const [heads, keyValueHeads, headDim, window] = [4, 2, 32, 20];
      const rows = [new Int32Array(45), new Int32Array(7)];
      const T = 52;
      const q = noise(T * heads * headDim);
      const [k, v] = [noise(T * keyValueHeads * headDim), noise(T * keyValueHeads * headDim)];
      const outputs: Float32Array[] = [];
      for (const tile of [
        { rows: 16, keys: 16, stepD: 8, stepKeys: 4 },
        { rows: 32, keys: 16, stepD: 16, stepKeys: 8 },
      ]) {
        const shape = { heads, keyValueHeads, headDim, scale: 0.5, softCap: 5, tile } as const;
        const of = { ...shape, output: 'f32' } as const;
        const batch = packBatch(rows, { queriesPerBlock: queriesPerBlock(of), share: false });
        const blocks = batch.blocks.length / BLOCK_WORDS;
        outputs.push(
          await runKernel(
            gpu,
            attentionKernel(of),
            [q, k, v, batch.blocks, T * heads * headDim * 4],
            [blocks, window],
            blocks * keyValueHeads,
            4,
          ),
        );
      }
      expect(outputs[1]).toEqual(outputs[0]);
    },
    TIMEOUT,
  );
});
