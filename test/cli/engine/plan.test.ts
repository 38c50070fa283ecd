import { expect, test } from 'vitest';
import { planText } from '../../../src/cli/engine/plan.ts';
import { planModel } from '../../../src/engine/model-plan.ts';
import { planCpu } from '../../../src/engine/planning/cpu-memory.ts';
import { parseConfig } from '../../../src/model/config.ts';
import { FAST } from '../../../testing/gpu-facts.ts';
import { config9b } from '../../../testing/synthetic.ts';

const model = {
  config: parseConfig(config9b(42, 256_000)),
  quantization: 'nf4',
  adapters: [],
} as const;
const text = (budget: number | null, executor: 'wgsl' | 'ort') =>
  planText(
    planModel({
      model: { ...model, adapters: [] },
      gpus: [FAST],
      budgets: [budget],
      executor,
      maxLength: 2048,
    }),
  );

test('the plan of the CPU has everything that lies in its heap, and what that can be', () => {
  const text = planText(planCpu({ model: { ...model, adapters: [] }, maxLength: 2048 }));
  expect(text).toContain('rows of up to 2048 tokens in batches of 4096');
  expect(text).toMatch(/weights 4\d{3}\.\d MB and adapters 0 bytes in main memory/);
  expect(text).toMatch(/a layer \d+\.\d MB, activations .* in all about \d+\.\d MB of 3221\.2 MB/);
});

test('a plan says in words what a GPU holds, and what it costs where that is not all', () => {
  const whole = text(null, 'wgsl');
  expect(whole).toContain('rows of up to 2048 tokens in batches of 8192');
  expect(whole).toContain('fast: own kernels (float32), float32');
  expect(whole).toMatch(
    /weights 4\d{3}\.\d MB, .* no attention scores kept; in all about .* of an unknown amount/,
  );
  expect(whole).toContain('largest buffer 268.4 MB, of which a shader binds 134.2 MB');
  expect(whole).not.toContain('low-memory');
  const streamed = text(3e9, 'wgsl');
  expect(streamed).toMatch(/of 3000\.0 MB/);
  expect(streamed).toMatch(
    /low-memory mode: \d+ of 42 layers stay, \d+\.\d MB are read again for every batch: at least \d s per batch/,
  );
  expect(text(null, 'ort')).toMatch(/attention scores .*, heads in 2 groups/);
});
