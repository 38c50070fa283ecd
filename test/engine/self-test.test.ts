import { expect, test } from 'vitest';
import type { Backend } from '../../src/engine/device/backend.ts';
import type { Executor } from '../../src/engine/executor/executor.ts';
import type { EnginePrecision } from '../../src/engine/executor/variants.ts';
import { passSelfTest } from '../../src/engine/self-test.ts';
import type { ModelPackage } from '../../src/model/package.ts';
import type { SelfTest } from '../../src/model/selftest.ts';
import { random } from '../../testing/synthetic.ts';

const HIDDEN = 64;
const next = random(3);
const change = Float32Array.from({ length: HIDDEN }, () => next() * 2 - 1);
const rms = Math.sqrt(change.reduce((sum, value) => sum + value * value, 0) / HIDDEN);
const expected: SelfTest = {
  version: 1,
  tokens: [3],
  layers: [{ layer: 0, adapter: null, rms, at: [...change.keys()], values: [...change] }],
  head: null,
};

/** Runs the self-test on a device whose layer changes its input by this. */
function tested(precision: EnginePrecision, computed: Float32Array): Promise<number> {
  const input = new Float32Array(HIDDEN).fill(0.5);
  const executor = {
    executor: 'wgsl',
    variant: precision,
    precision,
    testLayer: async () => ({ input, output: input.map((value, i) => value + computed[i]!) }),
  } as unknown as Executor;
  const config = { hiddenSize: HIDDEN, vocabSize: 100, maxPositions: 100 };
  const backend = { device: 'wasm', threads: 1 } as Backend;
  return passSelfTest({ config } as ModelPackage, backend, executor, expected);
}

const off = (by: number) => change.map((value, i) => value + (i === 7 ? by * rms : 0));

test('each precision allows what its rounding makes, and no more', async () => {
  for (const [precision, allowed] of [
    ['float32', 1e-3],
    ['float16', 2e-2],
    ['int8', 0.3],
  ] as const) {
    expect(await tested(precision, off(allowed * 0.9))).toBeCloseTo(allowed * 0.9, 4);
    await expect(tested(precision, off(allowed * 1.1))).rejects.toMatchObject({
      code: 'engine/self-test',
      message: expect.stringContaining(`computes this model wrongly in ${precision}`),
    });
  }
});

test.each([
  ['nothing', change.map(() => 0)],
  ['another sign', change.map((value) => -value)],
  ['twice as much', change.map((value) => 2 * value)],
  ['another order', Float32Array.from(change, (_, i) => change[(i + 8) % HIDDEN]!)],
  ['no number', change.map((value, i) => (i === 60 ? Number.NaN : value))],
])('int8 that computes %s is refused', async (_, computed) => {
  await expect(tested('int8', computed)).rejects.toMatchObject({ code: 'engine/self-test' });
});
