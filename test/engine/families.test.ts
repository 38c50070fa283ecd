import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { buildPackage } from '../../src/import/build.ts';
import { parseConfig } from '../../src/model/config.ts';
import { pooledLength } from '../../src/model/heads/head.ts';
import { LINEAR_NAMES, linearShape, tensorName } from '../../src/model/layer.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { readSafetensors, tensorBytes } from '../../src/model/safetensors.ts';
import { MemorySink } from '../../src/storage/sink.ts';
import { fixtureFiles, fixtureJson, memory, safetensors } from '../../testing/checkpoints.ts';
import { CpuReferences } from '../../testing/cpu-reference.ts';
import {
  type FamilyCase,
  familyCases,
  largestDifference,
  TOLERANCE,
  verdictCases,
} from '../../testing/reference-cases.ts';
import { stockLogits } from '../../testing/stock-adapter.ts';
import { random } from '../../testing/synthetic.ts';
import { rowsOf, tokenRows } from '../../testing/token-rows.ts';

const references = new CpuReferences();

// Dense weights differ in one product only, which the models of reference.test.ts have too.
const dense = familyCases().filter(({ quant }) => quant === 'none');
const quantized = familyCases().filter(({ quant }) => quant !== 'none');
describe.each(quantized)('$name on the CPU', (reference) => onCpu(reference));
describe.each(verdictCases())('$name on the CPU', (reference) => onCpu(reference));
describe.each(dense)('$name on the CPU', { tags: ['slow'] }, (reference) => onCpu(reference));

function onCpu(reference: FamilyCase) {
  const rows = tokenRows(reference.tokens);
  const loaded = references.load(reference);

  test('the head reads the tokens of the reference', () => {
    expect(rows.map((ids) => pooledLength(ids, loaded.pkg.config, loaded.pkg.head) - 1)).toEqual(
      reference.pooled,
    );
  });

  test.each(reference.expected)('logits, adapter %s', async (adapter, expected) => {
    const { pkg, engine } = loaded;
    await engine.setAdapter(adapter);
    expect(engine.labels).toBe(expected[0]!.length);
    const logits = rowsOf(await engine.logits(rows), engine.labels);
    const difference = largestDifference(logits, expected);
    const stock = largestDifference(
      await stockLogits(references.backend, pkg, reference.tokens, adapter),
      expected,
    );
    references.report(
      `${reference.name}, adapter ${adapter}: ${difference.toExponential(1)}, ONNX: ${stock.toExponential(1)}`,
    );
    expect(Math.max(difference, stock)).toBeLessThan(TOLERANCE);
  });

  test('passes the self-test, which is computed from the description alone', async () => {
    await loaded.engine.selfTest();
    expect(loaded.engine.info.selfTest).toBeLessThan(1e-3);
  });
}

test('biases of all linear layers are added, as the self-test computes them', async () => {
  const files = fixtureFiles('llama-a/base');
  const config = {
    ...fixtureJson('llama-a/base/config.json'),
    attention_bias: true,
    mlp_bias: true,
  };
  const model = parseConfig(JSON.stringify(config));
  const tensors: Parameters<typeof safetensors>[0] = [];
  for (const entry of (await readSafetensors(await files.open('model.safetensors'))).values()) {
    const { name, dtype, shape } = entry;
    tensors.push({ name, dtype, shape, data: await tensorBytes(entry) });
  }
  const next = random(7);
  for (let layer = 0; layer < model.numLayers; layer += 1) {
    for (const linear of LINEAR_NAMES) {
      const { N } = linearShape(model, linear);
      const data = Float32Array.from({ length: N }, () => 2 * next() - 1);
      tensors.push({ name: tensorName.bias(layer, linear), dtype: 'F32', shape: [N], data });
    }
  }
  const base = memory({
    'config.json': JSON.stringify(config),
    'model.safetensors': safetensors(tensors),
  });
  const sink = new MemorySink();
  await buildPackage({ base, adapters: [], quant: 'none', name: 'biased' }, sink);
  const pkg = await ModelPackage.open(sink.files);
  const engine = await Engine.load(pkg, references.backend);
  await engine.setAdapter(null);
  await engine.selfTest();
  expect(engine.info.selfTest).toBeLessThan(1e-3);
  const tokens = [[2, 9, 4, 5]];
  const logits = rowsOf(await engine.logits(tokenRows(tokens)), 1);
  expect(
    largestDifference(await stockLogits(references.backend, pkg, tokens, null), logits),
  ).toBeLessThan(TOLERANCE);
  await engine.dispose();
});
