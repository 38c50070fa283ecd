import { afterAll, expect, test } from 'vitest';
import type { GpuLimits } from '../../../src/engine/device/gpus.ts';
import { ALL_VARIANTS } from '../../../src/engine/executor/variants.ts';
import { attentionKernel, attentionTiles } from '../../../src/engine/wgsl/kernels/attention.ts';
import { embedKernel } from '../../../src/engine/wgsl/kernels/embed.ts';
import { gatedKernel } from '../../../src/engine/wgsl/kernels/gated.ts';
import { headKernel } from '../../../src/engine/wgsl/kernels/head.ts';
import { quantizeKernel, unpackInt8Kernel } from '../../../src/engine/wgsl/kernels/int8.ts';
import { int8ProductKernel } from '../../../src/engine/wgsl/kernels/int8-product.ts';
import { type Kernel, Pipelines } from '../../../src/engine/wgsl/kernels/kernel.ts';
import { normKernel } from '../../../src/engine/wgsl/kernels/norm.ts';
import { productKernel } from '../../../src/engine/wgsl/kernels/product.ts';
import { normedRotaryKernel } from '../../../src/engine/wgsl/kernels/rotary.ts';
import {
  arrangeKernel,
  subgroupAttentionKernel,
} from '../../../src/engine/wgsl/kernels/subgroup-attention.ts';
import {
  subgroupProductKernel,
  unpackKernel,
} from '../../../src/engine/wgsl/kernels/subgroup-product.ts';
import {
  LAYOUT,
  NARROW_TILE,
  productTiles,
  ROW_MULTIPLE,
} from '../../../src/engine/wgsl/variant.ts';
import { openNullDevice } from '../../../testing/wgsl/null-device.ts';

const device = await openNullDevice();
afterAll(() => device?.destroy());

const LARGE = {
  maxComputeWorkgroupStorageSize: 48 * 1024,
  maxComputeInvocationsPerWorkgroup: 256,
} as GpuLimits;
const LEAST = {
  maxComputeWorkgroupStorageSize: 16 * 1024,
  maxComputeInvocationsPerWorkgroup: 256,
} as GpuLimits;

function kernels(limits: GpuLimits): Kernel[] {
  const [heads, keyValueHeads, headDim] = [16, 8, 256] as const;
  const tile = attentionTiles(headDim, limits)[0]!;
  const common = ALL_VARIANTS.flatMap((variant) => {
    const output = LAYOUT[variant];
    const scale = 1 / 16;
    return [
      normKernel({ H: 3584, epsilon: 1e-6, add: 'scaled', output }),
      normKernel({ H: 1024, epsilon: 1e-6, add: 'scaled', unnormed: true, output }),
      normKernel({ H: 1024, epsilon: 1e-6, add: 'plain', unnormed: true, output: null }),
      gatedKernel('gelu-tanh', 14336, output),
      gatedKernel('silu', 3072, output),
      attentionKernel({ heads, keyValueHeads, headDim, scale, softCap: 50, output, tile }),
      productKernel({
        K: 3584,
        N: 48,
        weights: 'none',
        input: output,
        lora: false,
        arithmetic: 'f32',
        tile: NARROW_TILE,
      }),
    ];
  });
  const products = (['f32', 'f16'] as const).flatMap((arithmetic) =>
    productTiles(arithmetic, limits).flatMap((tile) =>
      (['none', 'nf4', 'fp4', 'int4', 'f16-packed'] as const).map((weights) =>
        productKernel({
          K: 3584,
          N: 2048,
          weights,
          input: arithmetic,
          lora: true,
          bias: weights === 'nf4',
          arithmetic,
          tile,
        }),
      ),
    ),
  );
  const int8 = (['nf4', 'fp4', 'int4'] as const).flatMap((weights) => [
    unpackInt8Kernel(3584, 2048, weights),
    ...productTiles('i8', limits).flatMap((tile) =>
      [false, true].map((bias) =>
        int8ProductKernel({ K: 3584, N: 2048, weights, lora: true, bias, tile }, ROW_MULTIPLE),
      ),
    ),
  ]);
  const matrices = [true, false].flatMap((lora) => [
    subgroupProductKernel(3584, 4096, lora),
    subgroupProductKernel(64, 72, lora),
    subgroupProductKernel(1024, 2048, lora, true),
  ]);
  const attention = [
    ...(['direct', 'staged'] as const).flatMap((way) => [
      subgroupAttentionKernel({ heads, keyValueHeads, headDim, scale: 1 / 16, softCap: 50 }, way),
      subgroupAttentionKernel(
        { heads: 4, keyValueHeads: 4, headDim: 128, scale: 1, softCap: null },
        way,
      ),
    ]),
    arrangeKernel(heads, headDim, true),
    arrangeKernel(keyValueHeads, headDim, false),
    embedKernel(3584, Math.sqrt(3584)),
    normedRotaryKernel(16, 128, 1e-6),
    ...[1, 2, 3].map((labels) => headKernel(1024, 1e-6, labels)),
  ];
  const unpacking = (['nf4', 'fp4', 'int4'] as const).map((q) => unpackKernel(3584, 2048, q));
  return [
    ...common,
    ...products,
    ...int8,
    quantizeKernel(3584, ROW_MULTIPLE),
    ...matrices,
    ...attention,
    ...unpacking,
  ];
}

test.skipIf(device === null)(
  'shaders of all variants at the 9B shape are valid',
  async () => {
    expect(device!.features.has('shader-f16')).toBe(true);
    // This device has the minimum workgroup memory, so it cannot make pipelines of large tiles.
    for (const { label, code } of kernels(LARGE)) {
      device!.pushErrorScope('validation');
      const module = device!.createShaderModule({ label, code });
      const { messages } = await module.getCompilationInfo();
      expect([label, ...messages.map(({ message }) => message)]).toEqual([label]);
      expect(await device!.popErrorScope()).toBeNull();
    }
  },
  60_000,
);

test.skipIf(device === null)(
  'the least workgroup memory is enough without subgroup matrices',
  async () => {
    const pipelines = new Pipelines(device!);
    const plain = kernels(LEAST).filter(({ label }) => !label.startsWith('subgroup'));
    for (const kernel of plain) await pipelines.get(kernel);
  },
  60_000,
);
