import { describe, expect, test } from 'vitest';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import type { GpuFacts } from '../../../src/engine/device/gpus.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { type ModelPlan, type PlanRequest, planModel } from '../../../src/engine/model-plan.ts';
import { type PlannedModel, plannedModel } from '../../../src/engine/planning/planned-model.ts';
import { parseConfig } from '../../../src/model/config.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { builtPackage } from '../../../testing/checkpoints.ts';
import { CORE_FACTS, FAST, SLOW } from '../../../testing/gpu-facts.ts';
import { config9b } from '../../../testing/synthetic.ts';

const GB = 1e9;
const LAYERS = 42;
const model: PlannedModel = {
  config: parseConfig(config9b(LAYERS, 256_000)),
  quantization: 'nf4',
  adapters: [
    {
      targets: new Set(['q_proj', 'k_proj', 'v_proj']),
      // r 16 on q, k and v of layers 16 to 41.
      layerBytes: Array.from({ length: LAYERS }, (_, i) => (i < 16 ? 0 : 64 * (3 * 3584 + 8192))),
      scoreBytes: 12 * 3584,
      rank: 48,
    },
  ],
};
/** A card like those for games: large buffers, shader-f16. */
const large: GpuFacts = {
  ...CORE_FACTS,
  features: ['shader-f16'],
  limits: { ...CORE_FACTS.limits, maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 },
};
const two = [
  { ...FAST, facts: large },
  { ...SLOW, facts: large },
];
const plan = (more: Partial<PlanRequest> = {}): ModelPlan =>
  planModel({ model, gpus: two, maxLength: 2048, ...more });

describe('a 9B model', () => {
  test('without a bound stays on the fast GPU whole, in the fastest kernels that it can run', () => {
    const { lanes, gpus, batchTokens } = plan();
    expect(lanes).toBe('one');
    expect(gpus).toMatchObject([
      { gpu: 'fast', executor: 'wgsl', variant: 'float16', precision: 'float16', scoreBytes: null },
    ]);
    expect(gpus[0]).toMatchObject({ residentLayers: LAYERS, streamedBytes: 0, budgetBytes: null });
    expect(batchTokens).toBe(8192);
    const { weightBytes, adapterBytes, activationBytes, totalBytes } = gpus[0]!;
    // 4.42 GB of weights with scales in float16 (test/engine/planning/memory.test.ts); our kernels store scales in
    // float32.
    expect(weightBytes / GB).toBeCloseTo(4.68, 1);
    expect(totalBytes).toBe(weightBytes + adapterBytes + activationBytes);
  });

  test('has smaller batches before anything is read again', () => {
    const whole = plan().gpus[0]!.totalBytes;
    const { gpus, lanes } = plan({ budgets: [whole - 1, null] });
    expect(lanes).toBe('one');
    expect(gpus[0]).toMatchObject({ batchTokens: 4096, streamedBytes: 0 });
    expect(gpus[0]!.totalBytes).toBeLessThan(whole);
  });

  test('is shared by two GPUs that are too small alone, each as much as it has room for', () => {
    const { lanes, gpus, streamedInstead, batchTokens } = plan({ budgets: [4 * GB, 3 * GB] });
    expect(lanes).toBe('split');
    const [first, second] = gpus;
    expect(first!.range).toEqual({ from: 0, to: second!.range.from });
    expect(second!.range.to).toBe(LAYERS);
    expect(first!.range.to).toBeGreaterThan(LAYERS / 2);
    for (const { totalBytes, budgetBytes, streamedBytes, range, residentLayers } of gpus) {
      expect(totalBytes).toBeLessThanOrEqual(budgetBytes!);
      expect([streamedBytes, residentLayers]).toEqual([0, range.to - range.from]);
    }
    expect(streamedInstead).toBeGreaterThan(0.1 * GB);
    // Batches are large, so that the GPUs rarely wait for each other; each computes one part at a time.
    expect([batchTokens, first!.batchTokens]).toEqual([16_384, 2048]);
  });

  test('is read layer by layer on one GPU where the user wants one', () => {
    const { lanes, gpus } = plan({ lanes: 'one', budgets: [4 * GB] });
    expect(lanes).toBe('one');
    const { residentLayers, streamedBytes, weightBytes, totalBytes } = gpus[0]!;
    const layer = plan().gpus[0]!.weightBytes / LAYERS;
    expect(residentLayers).toBeGreaterThan(10);
    expect(streamedBytes / layer).toBeCloseTo(LAYERS - residentLayers, 2);
    expect(weightBytes / layer).toBeCloseTo(residentLayers + 2, 2);
    expect(totalBytes).toBeLessThanOrEqual(4 * GB);
  });

  test('is read again less by two that are too small together than by one', () => {
    const { lanes, gpus, streamedInstead } = plan({ budgets: [2 * GB, 2 * GB] });
    expect(lanes).toBe('split');
    const streamed = gpus.reduce((sum, { streamedBytes }) => sum + streamedBytes, 0);
    expect(streamed).toBeGreaterThan(0);
    expect(streamed).toBeLessThan(streamedInstead!);
    for (const { totalBytes } of gpus) expect(totalBytes).toBeLessThanOrEqual(2 * GB);
  });

  test('that fits nowhere is refused with the numbers', () => {
    expect(() => plan({ budgets: [0.3 * GB, 0.3 * GB] })).toThrow(
      expect.objectContaining({
        code: 'plan/no-room',
        message: expect.stringMatching(
          /row of 2048 tokens it takes [\d.]+ MB of fast \(weights [\d.]+ MB, .* 300\.0 MB may be used/,
        ),
        action: expect.stringMatching(/smaller max_length/),
      }),
    );
  });

  test('with rows that no buffer can hold is refused with the numbers', () => {
    expect(() => plan({ gpus: [FAST], maxLength: 8193 })).toThrow(
      /8193 tokens would take 134\.2 MB in one buffer; this device allows 134\.2 MB/,
    );
  });

  test('on every GPU leaves out one that is too small, and says why', () => {
    const { lanes, gpus, refused } = plan({ lanes: 'all', budgets: [null, 0.3 * GB] });
    expect(lanes).toBe('all');
    expect(gpus.map(({ gpu, index }) => [gpu, index])).toEqual([['fast', 0]]);
    expect(refused).toMatchObject([{ gpu: 'slow', error: { code: 'plan/no-room' } }]);
  });

  test('with ONNX Runtime counts attention scores and cannot be split', () => {
    const { gpus } = plan({ executor: 'ort' });
    expect(gpus[0]).toMatchObject({ executor: 'ort', variant: null, precision: 'float16' });
    expect(gpus[0]!.scoreBytes).not.toBeNull();
    expect(gpus[0]!.headGroups).toBeGreaterThan(1);
    expect(() => plan({ executor: 'ort', lanes: 'split' })).toThrow(/only our own kernels can/);
    expect(plan({ executor: 'ort', budgets: [3 * GB, 3 * GB] })).toMatchObject({ lanes: 'one' });
    expect(() => plan({ gpus: two.slice(0, 1), lanes: 'split' })).toThrow(/offers only one GPU/);
  });

  test('is split in halves if the memory is unknown', () => {
    const { gpus } = plan({ lanes: 'split' });
    expect(gpus.map(({ range }) => range)).toEqual([
      { from: 0, to: 21 },
      { from: 21, to: 42 },
    ]);
  });

  test('takes float32 kernels where the GPU has no float16, and float16 only where it is wanted', () => {
    expect(plan({ gpus: [FAST] }).gpus[0]).toMatchObject({ variant: 'float32' });
    expect(plan({ precision: 'float32' }).gpus[0]).toMatchObject({ variant: 'float32' });
    expect(plan({ precision: 'float16' }).gpus[0]).toMatchObject({ variant: 'float16' });
  });
});

test('weights that are not quantised are computed in float32 unless float16 is asked for, as when loading', () => {
  const small = parseConfig(config9b(2, 256));
  const dense: PlannedModel = { config: small, quantization: 'none', adapters: [] };
  expect(plan({ model: dense }).gpus[0]).toMatchObject({ executor: 'wgsl', variant: 'float32' });
  const asked = plan({ model: dense, precision: 'float16' });
  expect(asked.gpus[0]).toMatchObject({ executor: 'wgsl', variant: 'float16' });
  const ort = plan({ model: dense, executor: 'ort' });
  expect(ort.gpus[0]).toMatchObject({ executor: 'ort', precision: 'float32' });
});

test.each(['tiny-a', 'tiny-d'])('adapters of %s are planned to the byte', async (name) => {
  const pkg = await ModelPackage.open(await builtPackage(`${name}/base-bnb-4bit`));
  const engine = await Engine.load(pkg, await openNodeBackend('wasm'));
  await engine.setAdapters([null, 'adapter']);
  const planned = await plannedModel(pkg, [null, 'adapter']);
  const { gpus } = planModel({ model: planned, gpus: [FAST], maxLength: 64 });
  expect(gpus[0]!.adapterBytes).toBe(engine.info.adapterBytes);
});
