import { describe, expect, test } from 'vitest';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { fixtureFiles } from '../../../testing/checkpoints.ts';
import {
  headOutputs,
  headTensors,
  hiddenStates,
  logitsOf,
  packageOf,
  type TwoLayerHead,
  withTensors,
} from '../../../testing/heads.ts';
import { largestDifference, verdictCases } from '../../../testing/reference-cases.ts';
import { rowsOf, tokenRows } from '../../../testing/token-rows.ts';
import { openTestGpu } from '../../../testing/wgsl/gpu.ts';

const TIMEOUT = 600_000; // software devices compile slowly
const hasGpu = (await openTestGpu()) !== null;

// The quick test of heads on a GPU is that of the kernel. ONNX Runtime's graphs are those of the CPU.
describe.skipIf(!hasGpu).each([
  ['wgsl', ['lm-gemma2-a']],
  ['ort', []],
] as const)('heads in %s', { tags: ['slow'] }, (executor, names) => {
  const options = { executor, precision: 'float32' } as const;

  test('two layers', { timeout: TIMEOUT }, async () => {
    const head: TwoLayerHead = { inner: 96, labels: 2, hasBias: true, activation: 'gelu' };
    const base = await withTensors(headTensors(head, ['score.1', 'score.4']));
    const pkg = await packageOf(base, { headActivation: 'gelu' });
    const expected = headOutputs(head, await hiddenStates(await openNodeBackend('wasm')));
    const logits = await logitsOf(pkg, (await openTestGpu())!, options);
    const difference = largestDifference(logits, expected);
    console.warn(`two layers, ${executor}: ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(1e-4);
  });

  test.each(verdictCases().filter(({ name }) => names.some((one) => one === name)))(
    'verdict tokens of $name',
    { timeout: TIMEOUT },
    async ({ name, base, verdicts, tokens, expected }) => {
      // A fourth token makes the head a wide one.
      const [[a], [b], [c]] = verdicts as [[number], [number], [number]];
      const wide = [[a], [b], [c, 5]];
      const pkg = await packageOf(fixtureFiles(`${name}/base`), { verdicts: wide });
      const engine = await Engine.load(pkg, (await openTestGpu())!, options);
      await engine.setAdapter(null);
      const rows = rowsOf(await engine.logits(tokenRows(tokens)), 3);
      const known = expected[0]![1].map((row) => row.slice(0, 2));
      const difference = largestDifference(rows, known);
      console.warn(`${base.split('/').at(-2)}, ${executor}: ${difference.toExponential(1)}`);
      expect(difference).toBeLessThan(1e-4);
      await engine.dispose();
    },
  );
});
