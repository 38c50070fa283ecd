import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/engine/device/backend.ts';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { Engine } from '../../src/engine/engine.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import {
  buildCase,
  largestDifference,
  referenceCases,
  TOLERANCE,
} from '../../testing/reference-cases.ts';
import { stockLogits } from '../../testing/stock-adapter.ts';
import { rowsOf, tokenRows } from '../../testing/token-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-reference-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const report: string[] = [];
afterAll(() => console.warn(`largest differences from the reference\n${report.join('\n')}`));

let backend: Backend;
beforeAll(async () => {
  backend = await openNodeBackend('wasm');
});

describe.each(referenceCases())('$name', (reference) => {
  const directory = join(folder, reference.name);
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
    report.push(`${reference.name}, adapter ${adapter}, engine: ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(TOLERANCE);
  });

  test.each(['none', 'adapter'] as const)(
    'standard ONNX in stock ONNX Runtime, adapter %s',
    async (adapter) => {
      const difference = largestDifference(
        await stockLogits(backend, pkg, reference.tokens, adapter === 'none' ? null : adapter),
        reference.expected[adapter],
      );
      report.push(`${reference.name}, adapter ${adapter}, ONNX: ${difference.toExponential(1)}`);
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
    report.push(`${reference.name}, batches: ${difference.toExponential(1)}`);
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
