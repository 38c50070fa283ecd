import { describe, expect, test } from 'vitest';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { type CpuPlanRequest, planCpu } from '../../../src/engine/planning/cpu-memory.ts';
import { type PlannedModel, plannedModel } from '../../../src/engine/planning/planned-model.ts';
import { parseConfig } from '../../../src/model/config.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { builtPackage } from '../../../testing/checkpoints.ts';
import { config9b } from '../../../testing/synthetic.ts';

const nf4: PlannedModel = {
  config: parseConfig(config9b(42, 256_000)),
  quantization: 'nf4',
  adapters: [],
};
const plan = (request: Partial<CpuPlanRequest> = {}) =>
  planCpu({ model: nf4, maxLength: 2048, ...request });

describe('9B on the CPU', () => {
  test('fits in batches of the usual size, weights apart', () => {
    const { batchTokens, weightBytes, heapBytes, heapLimit } = plan();
    expect(batchTokens).toBe(4096);
    expect(weightBytes).toBeGreaterThan(4.6e9);
    expect(heapLimit).toBe(3 * 2 ** 30);
    expect(heapBytes).toBeGreaterThan(1e9);
    expect(heapBytes).toBeLessThan(2.5e9);
    expect(plan({ resident: 0 }).weightBytes).toBeLessThan(weightBytes / 20);
  });

  test('larger batches that are wanted become smaller until they fit', () => {
    const large = plan({ batchTokens: 1_000_000 });
    expect(large.batchTokens).toBeLessThan(20_000);
    expect(large.heapBytes).toBeLessThanOrEqual(large.heapLimit);
    expect(plan({ batchTokens: 2 * large.batchTokens }).batchTokens).toBe(large.batchTokens);
    // Always room for at least a row.
    expect(plan({ batchTokens: 16 }).batchTokens).toBe(2048);
  });

  test('scores are split over heads where they would be too large', () => {
    expect(plan({ maxLength: 512 }).headGroups).toBeLessThan(plan({ maxLength: 8192 }).headGroups);
    expect(plan({ maxLength: 8192 }).scoreBytes).toBeLessThanOrEqual(256 * 2 ** 20);
  });

  test('a model whose single row is too large is refused with the numbers', () => {
    const config = { ...nf4.config, hiddenSize: 4608, intermediateSize: 36_864 };
    const model = { ...nf4, config };
    expect(planCpu({ model, maxLength: 1024 }).batchTokens).toBe(2048);
    expect(() => planCpu({ model, maxLength: 8192 })).toThrow(
      expect.objectContaining({
        code: 'plan/cpu',
        message: expect.stringMatching(
          /^This model does not fit on the CPU: for a single row of 8192 tokens WebAssembly would need about \d+\.\d MB .* but only 3221\.2 MB of its 4 GiB may be used\.$/,
        ),
      }),
    );
  });
});

test('the heap of WebAssembly is about the planned one', { timeout: 60_000 }, async () => {
  const memories: WebAssembly.Memory[] = [];
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  const pkg = await ModelPackage.open(await builtPackage('tiny-d/base-bnb-4bit'));
  const engine = await Engine.load(pkg, await openNodeBackend('wasm'));
  await engine.setAdapter('adapter');
  const heap = () => Math.max(...memories.map(({ buffer }) => buffer.byteLength));
  const loaded = heap();
  const [rows, length] = [24, 256];
  await engine.logits(
    Array<Int32Array>(rows).fill(Int32Array.from({ length }, (_, i) => 3 + (i % 500))),
  );
  WebAssembly.Memory = Memory;
  const model = await plannedModel(pkg, ['adapter']);
  const { heapBytes } = planCpu({ model, maxLength: length, batchTokens: rows * length });
  console.warn(`heap ${loaded}, then ${heap()}, planned ${heapBytes} bytes`);
  expect(heap()).toBeGreaterThan(1.5 * loaded);
  // The placement of buffers is random.
  expect(heapBytes).toBeGreaterThan(heap() / 1.5);
  expect(heapBytes).toBeLessThan(1.6 * heap());
});
