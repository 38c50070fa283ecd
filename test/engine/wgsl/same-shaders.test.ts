import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { GpuLimits } from '../../../src/engine/device/gpus.ts';
import type { DeviceLayers } from '../../../src/engine/executor/device-layers.ts';
import { ALL_VARIANTS, type Variant } from '../../../src/engine/executor/variants.ts';
import type { LayersOf } from '../../../src/engine/wgsl/adapter.ts';
import { packBatch } from '../../../src/engine/wgsl/batch.ts';
import { BufferPool } from '../../../src/engine/wgsl/buffers.ts';
import { defaultChoice } from '../../../src/engine/wgsl/choice.ts';
import { Decoder } from '../../../src/engine/wgsl/decoder.ts';
import { headKernel } from '../../../src/engine/wgsl/kernels/head.ts';
import type { Kernel } from '../../../src/engine/wgsl/kernels/kernel.ts';
import { Recorder } from '../../../src/engine/wgsl/recorder.ts';
import { parseConfig } from '../../../src/model/config.ts';
import type { Quantization } from '../../../src/model/formats/quantization.ts';
import { LINEAR_NAMES } from '../../../src/model/layer.ts';
import type { ModelPackage } from '../../../src/model/package.ts';
import { config9b } from '../../../testing/synthetic.ts';

// A family that is added must not change what Gemma-2 runs: speed and bits of the shape that most is measured for
// depend on these texts. Where a kernel is changed on purpose, the failed test prints the new hash.
const HASHES: Record<string, string> = {
  'nf4 subgroup-matrix': '8b49a88dd1f4a0fa',
  'nf4 float16': '828a7b11fddf223a',
  'nf4 float32': '180e89f466bf5414',
  'nf4 int8': 'a4569f5f12e48820',
  'none float32': '3fb59837ce72a80f',
  'int4 float32': 'fb9c72081f688dd0',
};

const config = parseConfig(config9b(2, 512));

test.each(ALL_VARIANTS)('Gemma-2 9B in NF4, %s', async (variant) => {
  expect(await hashOf(variant, 'nf4')).toBe(HASHES[`nf4 ${variant}`]);
});

test.each(['none', 'int4'] as const)('Gemma-2 9B, %s in float32', async (quantization) => {
  expect(await hashOf('float32', quantization)).toBe(HASHES[`${quantization} float32`]);
});

async function hashOf(variant: Variant, quantization: Quantization): Promise<string> {
  const kernels = [
    ...(await layerKernels(variant, quantization)),
    headKernel(config.hiddenSize, config.norm.epsilon, 3),
  ];
  const hash = createHash('sha256');
  for (const { label, code, bindings } of kernels) hash.update(`${label}\n${bindings}\n${code}\n`);
  return hash.digest('hex').slice(0, 16);
}

/**
 * The kernels of layers with a window, without and of the last, with LoRA and without, on a device that is not there.
 */
async function layerKernels(variant: Variant, quantization: Quantization): Promise<Kernel[]> {
  vi.stubGlobal('GPUBufferUsage', {});
  const limits = {
    maxComputeWorkgroupStorageSize: 48 * 1024,
    maxComputeInvocationsPerWorkgroup: 1024,
    maxStorageBufferBindingSize: 2 ** 31,
    maxBufferSize: 2 ** 31,
  } as GpuLimits & GPUSupportedLimits;
  const device = {
    limits,
    createBuffer: ({ size }: GPUBufferDescriptor) => ({ size, destroy() {} }),
    queue: { writeBuffer() {} },
  } as unknown as GPUDevice;
  const recorder = new Recorder(device);
  const decoder = new Decoder({
    pkg: { config, manifest: { quantization }, softCap: () => 50 } as unknown as ModelPackage,
    layers: { streams: () => false } as unknown as DeviceLayers,
    variant,
    choice: defaultChoice(config, variant, limits),
    recorder,
    pool: new BufferPool(device),
  });
  const buffer = {} as GPUBuffer;
  const part = { A: buffer, groupRank: 16, start: 0, rank: 16, B: buffer };
  const withLora = new Map(LINEAR_NAMES.map((name) => [name, part]));
  const { queriesPerBlock, queriesPerTile } = decoder;
  const batch = packBatch([new Int32Array(64)], { queriesPerBlock, queriesPerTile });
  const rows = decoder.begin(batch, 16);
  return recorder.needed(async () => {
    for (const lora of [new Map(), withLora]) {
      const adapter: LayersOf = { name: null, layers: [lora, lora] };
      await decoder.layer(0, 2, adapter, rows, undefined);
      await decoder.layer(1, 2, adapter, rows, undefined);
      await decoder.lastLayer(batch, adapter, rows, undefined);
    }
  });
}
