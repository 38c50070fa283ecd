import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDemoAdapter, writeDemoBase } from '../../scripts/demo-checkpoint.ts';
import { openNodeBackend } from '../../src/engine/backend-node.ts';
import { Engine } from '../../src/engine/engine.ts';
import { buildPackage } from '../../src/model/build.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import { MemorySink } from '../../src/storage/sink.ts';
import { rowsOf, tokenRows } from '../engine/rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-demo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const sha256 = (...path: string[]) =>
  createHash('sha256')
    .update(readFileSync(at(join(...path))))
    .digest('hex');

// Enough tokens for these tests; the shipped model has 256,000 and is otherwise the same.
const VOCAB = 2000;

beforeAll(async () => {
  await writeDemoBase(at('base'), 1, VOCAB);
  await writeDemoAdapter(at('demo'), 2);
  await writeDemoAdapter(at('demo-b'), 3);
});

describe('the demo checkpoint', () => {
  test('has the same bytes on every machine', () => {
    expect(sha256('base', 'model.safetensors')).toBe(
      '12eed3cb690955a320761fabc38f688d06f1291d2f00eba1cc2d7e138c96fd20',
    );
    expect(sha256('demo', 'adapter_model.safetensors')).toBe(
      'f7d0fec0a195b1e269770ec3b6fed4e223378aafdf927b163b30d59428199a1b',
    );
  });

  test('has the same bytes every time, and others from another seed', async () => {
    await writeDemoAdapter(at('again'), 2);
    expect(sha256('again', 'adapter_model.safetensors')).toBe(
      sha256('demo', 'adapter_model.safetensors'),
    );
    expect(sha256('demo-b', 'adapter_model.safetensors')).not.toBe(
      sha256('demo', 'adapter_model.safetensors'),
    );
  });
});

test('the demo model gives logits of size 1 that differ by text and by adapter', async () => {
  const sink = new MemorySink();
  await buildPackage(
    {
      base: new NodeDirectory(at('base')),
      adapters: ['demo', 'demo-b'].map((name) => ({ name, files: new NodeDirectory(at(name)) })),
      quant: 'nf4',
      embedding: 'int8',
      name: 'demo',
    },
    sink,
  );
  const pkg = await ModelPackage.open(sink.files);
  const engine = await Engine.load(pkg, await openNodeBackend('wasm'));
  const texts = Array.from({ length: 20 }, (_, text) => [
    2,
    ...Array.from({ length: 30 + text }, (_, i) => 3 + ((text * 131 + i * i * 17) % 1900)),
    1,
  ]);
  const logits = [];
  for (const name of pkg.adapterNames) {
    await engine.setAdapter(name);
    logits.push(rowsOf(await engine.logits(tokenRows(texts))));
  }
  const [demo, other] = logits.map((rows) => rows.flat()) as [number[], number[]];
  const size = Math.sqrt(demo.reduce((sum, x) => sum + x * x, 0) / demo.length);
  expect(size).toBeGreaterThan(0.3);
  expect(size).toBeLessThan(3);
  const spread = (values: number[]) => Math.max(...values) - Math.min(...values);
  for (const c of [0, 1, 2])
    expect(spread(demo.filter((_, i) => i % 3 === c))).toBeGreaterThan(0.5);
  expect(Math.max(...demo.map((x, i) => Math.abs(x - other[i]!)))).toBeGreaterThan(0.3);
});
