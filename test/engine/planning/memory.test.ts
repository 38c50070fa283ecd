import { describe, expect, test } from 'vitest';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { type MemoryRequest, planMemory } from '../../../src/engine/planning/gpu-memory.ts';
import { parseConfig } from '../../../src/model/config.ts';
import { LINEAR_NAMES, linearShape } from '../../../src/model/layer.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { builtPackage } from '../../../testing/checkpoints.ts';
import { config9b } from '../../../testing/synthetic.ts';

const MiB = 2 ** 20;
const nineB = (more: Partial<MemoryRequest> = {}) =>
  planMemory({
    config: parseConfig(config9b(42, 256_000)),
    quantization: 'nf4',
    precision: 'float16',
    adapterBytes: 50e6,
    loraTargets: new Set(['q_proj']),
    resident: 'all',
    maxLength: 2048,
    batchTokens: 8192,
    limits: { maxBufferSize: 4096 * MiB, maxStorageBufferBindingSize: 2048 * MiB },
    ...more,
  });
const small = { maxBufferSize: 256 * MiB, maxStorageBufferBindingSize: 128 * MiB };

describe('a 9B model', () => {
  test('on a large GPU', () => {
    const plan = nineB();
    expect(plan.weightBytes / 1e9).toBeCloseTo(4.42, 2);
    // The batch fits in buffers that are reused; a larger one would not be faster.
    expect(plan).toMatchObject({ batchTokens: 2925, headGroups: 2 });
    expect(plan.batchBytes / 1e9).toBeLessThan(1.2);
  });

  test('in GPTQ of 8 bits: little more than a byte a weight', () => {
    const config = parseConfig(config9b(42, 256_000));
    const weights = LINEAR_NAMES.reduce((sum, name) => {
      const { K, N } = linearShape(config, name);
      return sum + 42 * K * N;
    }, 0);
    for (const quantization of ['gptq8-128', 'gptq8-128-act-order'] as const) {
      const { weightBytes } = nineB({ quantization, precision: 'float32' });
      expect(weightBytes / weights).toBeGreaterThan(1.039);
      expect(weightBytes / weights).toBeLessThan(1.041);
    }
  });

  test('with the limits that every WebGPU device has: smaller batches, heads in two groups', () => {
    const plan = nineB({ limits: small });
    expect(plan).toMatchObject({ batchTokens: 2340, headGroups: 2 });
    expect(plan.peakBytes).toBeLessThan(nineB().peakBytes);
  });

  test('with layers that are streamed takes the memory of a few', () => {
    const plan = nineB({ resident: 4 });
    expect(plan.weightBytes / nineB().weightBytes).toBeCloseTo(6 / 42, 2);
  });

  test('with rows that are too long is refused with the numbers and what would fit', () => {
    expect(() => nineB({ limits: small, maxLength: 8192 })).toThrow(
      expect.objectContaining({
        code: 'plan/too-large',
        message: expect.stringMatching(/8192 tokens would take 469\.8 MB .* allows 134\.2 MB/),
        action: expect.stringMatching(/max_length to 2340 or less/),
      }),
    );
  });

  test('with dense weights that no buffer can hold is refused', () => {
    expect(() => nineB({ limits: small, quantization: 'none' })).toThrow(
      /The weights of gate_proj|up_proj|down_proj/,
    );
  });
});

test.each(['tiny-a', 'tiny-d'])(
  'weights and adapter of %s are planned to the byte',
  async (model) => {
    const pkg = await ModelPackage.open(await builtPackage(`${model}/base-bnb-4bit`));
    const engine = await Engine.load(pkg, await openNodeBackend('wasm'));
    await engine.setAdapter('adapter');
    const { weightBytes, adapterBytes } = engine.info;
    const plan = planMemory({
      config: pkg.config,
      quantization: pkg.manifest.quantization,
      precision: 'float32',
      adapterBytes,
      loraTargets: new Set(),
      resident: 'all',
      maxLength: 64,
      batchTokens: 256,
      limits: small,
    });
    // The engine's weights do not include the final norm.
    const finalNorm = 4 * pkg.config.hiddenSize;
    expect(plan.weightBytes + plan.adapterBytes).toBe(weightBytes + finalNorm);
  },
);
