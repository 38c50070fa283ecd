import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/engine/backend.ts';
import { openNodeBackend } from '../../src/engine/backend-node.ts';
import { Engine } from '../../src/engine/engine.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import { buildCase, largestDifference, referenceCases, TOLERANCE } from './reference-cases.ts';
import { rowsOf, tokenRows } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-reference-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const report: string[] = [];
afterAll(() => console.warn(`largest differences from the reference\n${report.join('\n')}`));

let backend: Backend;
beforeAll(async () => {
  backend = await openNodeBackend('wasm');
});

describe.each(referenceCases())('$title', (reference) => {
  const directory = join(folder, reference.title.replace(' ', '-'));
  const rows = tokenRows(reference.tokens);
  let pkg: ModelPackage;
  let engine: Engine;

  beforeAll(async () => {
    await buildCase(reference, directory);
    pkg = await ModelPackage.open(new NodeDirectory(directory));
    engine = await Engine.load(pkg, backend);
  });
  afterAll(() => engine.dispose());

  test('the package on disk is as its manifest says', async () => {
    await expect(pkg.verify()).resolves.toBeUndefined();
  });

  test.each(['none', 'adapter'] as const)('engine, adapter %s', async (adapter) => {
    await engine.setAdapter(adapter === 'none' ? null : adapter);
    const difference = largestDifference(
      rowsOf(await engine.logits(rows)),
      reference.expected[adapter],
    );
    report.push(`${reference.title}, adapter ${adapter}, engine: ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(TOLERANCE);
  });

  test.each(['none', 'adapter'] as const)(
    'standard ONNX in stock ONNX Runtime, adapter %s',
    async (adapter) => {
      const difference = largestDifference(
        await stockLogits(backend, directory, pkg, reference.tokens, adapter),
        reference.expected[adapter],
      );
      report.push(`${reference.title}, adapter ${adapter}, ONNX: ${difference.toExponential(1)}`);
      expect(difference).toBeLessThan(TOLERANCE);
    },
  );

  test('the same whatever the batch', async () => {
    await engine.setAdapter('adapter');
    const together = rowsOf(await engine.logits(rows));
    const alone: number[][] = [];
    for (const row of rows) alone.push(...rowsOf(await engine.logits([row])));
    const backwards = rowsOf(await engine.logits(rows.toReversed())).reverse();
    const difference = Math.max(
      largestDifference(alone, together),
      largestDifference(backwards, together),
    );
    report.push(`${reference.title}, batches: ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(1e-4);
  });

  test('switching adapters back and forth gives the same numbers', async () => {
    await engine.setAdapter('adapter');
    const first = await engine.logits(rows);
    await engine.setAdapter(null);
    const base = await engine.logits(rows);
    await engine.setAdapter('adapter');
    expect(await engine.logits(rows)).toEqual(first);
    expect(base).not.toEqual(first);
  });
});

/** The whole-classifier graph, run as any user of ONNX Runtime would: padded rows, mask, weights as external data. */
async function stockLogits(
  { ort }: Backend,
  directory: string,
  pkg: ModelPackage,
  tokens: number[][],
  adapter: 'none' | 'adapter',
): Promise<number[][]> {
  const external = [
    ...pkg.manifest.shards,
    ...(adapter === 'none' ? [] : [`adapters/${adapter}/adapter_model.safetensors`]),
  ];
  const session = await ort.InferenceSession.create(
    readFileSync(join(directory, adapter === 'none' ? 'model.onnx' : `model_${adapter}.onnx`)),
    {
      executionProviders: ['wasm'],
      externalData: external.map((path) => ({ path, data: readFileSync(join(directory, path)) })),
    },
  );
  const S = Math.max(...tokens.map((row) => row.length));
  const matrix = (value: (row: number[], i: number) => number) =>
    new ort.Tensor(
      'int64',
      BigInt64Array.from(
        tokens.flatMap((row) => Array.from({ length: S }, (_, i) => BigInt(value(row, i)))),
      ),
      [tokens.length, S],
    );
  const { logits } = await session.run({
    input_ids: matrix((row, i) => row[i] ?? 0),
    attention_mask: matrix((row, i) => (i < row.length ? 1 : 0)),
  });
  await session.release();
  return rowsOf(logits!.data as Float32Array);
}
