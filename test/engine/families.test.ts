import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/engine/device/backend.ts';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { Engine } from '../../src/engine/engine.ts';
import { pooledLength } from '../../src/model/head.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import {
  buildCase,
  familyCases,
  largestDifference,
  TOLERANCE,
} from '../../testing/reference-cases.ts';
import { stockLogits } from '../../testing/stock-adapter.ts';
import { rowsOf, tokenRows } from '../../testing/token-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-families-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const report: string[] = [];
afterAll(() => console.warn(`largest differences from the reference\n${report.join('\n')}`));

let backend: Backend;
beforeAll(async () => {
  backend = await openNodeBackend('wasm');
});

describe.each(familyCases())('$name on the CPU', (reference) => {
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

  test('the head reads the tokens of the reference', () => {
    expect(rows.map((ids) => pooledLength(ids, pkg.config) - 1)).toEqual(reference.pooled);
  });

  test.each(reference.expected)('logits, adapter %s', async (adapter, expected) => {
    await engine.setAdapter(adapter);
    expect(engine.labels).toBe(expected[0]!.length);
    const logits = rowsOf(await engine.logits(rows), engine.labels);
    const difference = largestDifference(logits, expected);
    const stock = largestDifference(
      await stockLogits(backend, pkg, reference.tokens, adapter),
      expected,
    );
    report.push(
      `${reference.name}, adapter ${adapter}: ${difference.toExponential(1)}, ONNX: ${stock.toExponential(1)}`,
    );
    expect(Math.max(difference, stock)).toBeLessThan(TOLERANCE);
  });

  test('passes the self-test, which is computed from the description alone', async () => {
    await engine.selfTest();
    expect(engine.info.selfTest).toBeLessThan(1e-3);
  });
});
