import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/engine/device/backend.ts';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { Engine } from '../../src/engine/engine.ts';
import { plannedModel } from '../../src/engine/planning/planned-model.ts';
import { fixtureFiles, fixtureJson, memory, safetensors } from '../../testing/checkpoints.ts';
import {
  headOutputs,
  headTensors,
  hiddenStates,
  logitsOf,
  packageOf,
  ROWS,
  type TwoLayerHead,
  withTensors,
} from '../../testing/heads.ts';
import { largestDifference } from '../../testing/reference-cases.ts';
import { stockLogits } from '../../testing/stock-adapter.ts';
import { rowsOf, tokenRows } from '../../testing/token-rows.ts';

const TOLERANCE = 1e-4;
let backend: Backend;
let hidden: number[][];
beforeAll(async () => {
  backend = await openNodeBackend('wasm');
  hidden = await hiddenStates(backend);
});

describe('two layers', () => {
  const grm: TwoLayerHead = { inner: 96, labels: 1, hasBias: true, activation: 'relu' };
  const cases: [string, TwoLayerHead, [string, string]][] = [
    ['v_head.summary, ReLU by its name', grm, ['v_head.summary.0', 'v_head.summary.2']],
    [
      'a Sequential with dropout, exact GELU',
      { inner: 32, labels: 3, hasBias: true, activation: 'gelu' },
      ['score.1', 'score.4'],
    ],
    [
      'no biases, GELU of tanh',
      { inner: 48, labels: 2, hasBias: false, activation: 'gelu-tanh' },
      ['score.0', 'score.2'],
    ],
  ];
  test.each(cases)('%s', async (_, head, names) => {
    const isKnown = names[0].startsWith('v_head');
    const config = isKnown ? { architectures: ['GRewardModel'] } : {};
    const base = await withTensors(headTensors(head, names), config);
    const pkg = await packageOf(base, isKnown ? {} : { headActivation: head.activation });
    expect(pkg.manifest.head).toEqual({
      kind: 'two-layer',
      activation: head.activation,
      ...(isKnown ? { readsLast: true } : {}),
    });
    const expected = headOutputs(head, hidden);
    expect(largestDifference(await logitsOf(pkg, backend), expected)).toBeLessThan(TOLERANCE);
    const stock = await stockLogits(backend, pkg, ROWS, null);
    expect(largestDifference(stock, expected)).toBeLessThan(TOLERANCE);
  });

  test('in an adapter, whose bytes are planned', async () => {
    const head: TwoLayerHead = { inner: 40, labels: 3, hasBias: true, activation: 'gelu' };
    const files = memory({
      'adapter_config.json': JSON.stringify({
        peft_type: 'LORA',
        r: 4,
        lora_alpha: 8,
        target_modules: ['q_proj'],
        modules_to_save: ['score'],
      }),
      'adapter_model.safetensors': safetensors(
        headTensors(head, ['base_model.model.score.1', 'base_model.model.score.4']),
      ),
    });
    const pkg = await packageOf(await withTensors([]), {
      adapters: [{ name: 'mine', files }],
      headActivation: 'gelu',
    });
    const expected = headOutputs(head, hidden);
    expect(largestDifference(await logitsOf(pkg, backend), expected)).toBeLessThan(TOLERANCE);
    const stock = await stockLogits(backend, pkg, ROWS, 'mine');
    expect(largestDifference(stock, expected)).toBeLessThan(TOLERANCE);
    const { adapters } = await plannedModel(pkg, ['mine']);
    expect(adapters[0]!.scoreBytes).toBe(4 * (40 * 64 + 40 + 3 * 40 + 3));
  });
});

test('a linear head with a bias', async () => {
  const weight = Float32Array.from({ length: 2 * 64 }, (_, i) => Math.sin(i));
  const base = await withTensors([
    { name: 'score.weight', dtype: 'F32', shape: [2, 64], data: weight },
    { name: 'score.bias', dtype: 'F32', shape: [2], data: Float32Array.of(3, -5) },
  ]);
  const pkg = await packageOf(base);
  expect(pkg.manifest.head).toBeUndefined();
  const expected = hidden.map((row) =>
    [3, -5].map((bias, n) =>
      row.reduce((sum, x, k) => sum + x * Math.fround(Math.sin(n * 64 + k)), bias),
    ),
  );
  expect(largestDifference(await logitsOf(pkg, backend), expected)).toBeLessThan(TOLERANCE);
});

test.each([
  ['two of one verdict', [[11, 301], [57]]],
  ['more tokens than a narrow head has', [[11, 57], [301], [58]]],
])('verdicts of several tokens, %s', async (_, verdicts) => {
  const { input_ids: tokens, logits } = fixtureJson('lm-gemma2-a/expected.json') as {
    input_ids: number[][];
    logits: number[][];
  };
  const pkg = await packageOf(fixtureFiles('lm-gemma2-a/base'), { verdicts });
  const engine = await Engine.load(pkg, backend);
  await engine.setAdapter(null);
  await engine.selfTest();
  const actual = rowsOf(await engine.logits(tokenRows(tokens)), verdicts.length);
  // The reference has no token 58, so its column is left out.
  const known = [11, 57, 301];
  const expected = logits.map((row) =>
    verdicts
      .filter((ids) => ids.every((id) => known.includes(id)))
      .map((ids) => Math.log(ids.reduce((sum, id) => sum + Math.exp(row[known.indexOf(id)]!), 0))),
  );
  expect(largestDifference(actual, expected)).toBeLessThan(TOLERANCE);
  const stock = await stockLogits(backend, pkg, tokens, null);
  expect(largestDifference(stock, expected)).toBeLessThan(TOLERANCE);
  expect(largestDifference(stock, actual)).toBeLessThan(TOLERANCE);
  await engine.dispose();
});
