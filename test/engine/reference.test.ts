import { describe, expect, test } from 'vitest';
import { CpuReferences } from '../../testing/cpu-reference.ts';
import { largestDifference, referenceCases, TOLERANCE } from '../../testing/reference-cases.ts';
import { stockLogits } from '../../testing/stock-adapter.ts';
import { rowsOf, tokenRows } from '../../testing/token-rows.ts';

const references = new CpuReferences();

describe.each(referenceCases())('$name', (reference) => {
  const rows = tokenRows(reference.tokens);
  const loaded = references.load(reference);

  test('the package on disk is as its manifest says', async () => {
    await expect(loaded.pkg.verify()).resolves.toBeUndefined();
  });

  test.each(['none', 'adapter'] as const)('engine, adapter %s', async (adapter) => {
    const { engine } = loaded;
    await engine.setAdapter(adapter === 'none' ? null : adapter);
    const difference = largestDifference(
      rowsOf(await engine.logits(rows)),
      reference.expected[adapter],
    );
    references.report(
      `${reference.name}, adapter ${adapter}, engine: ${difference.toExponential(1)}`,
    );
    expect(difference).toBeLessThan(TOLERANCE);
  });

  test.each(['none', 'adapter'] as const)(
    'standard ONNX in stock ONNX Runtime, adapter %s',
    async (adapter) => {
      const difference = largestDifference(
        await stockLogits(
          references.backend,
          loaded.pkg,
          reference.tokens,
          adapter === 'none' ? null : adapter,
        ),
        reference.expected[adapter],
      );
      references.report(
        `${reference.name}, adapter ${adapter}, ONNX: ${difference.toExponential(1)}`,
      );
      expect(difference).toBeLessThan(TOLERANCE);
    },
  );

  test('the same whatever the batch', async () => {
    const { engine } = loaded;
    await engine.setAdapter('adapter');
    const together = rowsOf(await engine.logits(rows));
    const alone: number[][] = [];
    for (const row of rows) alone.push(...rowsOf(await engine.logits([row])));
    const backwards = rowsOf(await engine.logits(rows.toReversed())).reverse();
    const difference = Math.max(
      largestDifference(alone, together),
      largestDifference(backwards, together),
    );
    references.report(`${reference.name}, batches: ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(1e-4);
  });

  test('switching adapters back and forth gives the same numbers', async () => {
    const { engine } = loaded;
    await engine.setAdapter('adapter');
    const first = await engine.logits(rows);
    await engine.setAdapter(null);
    const base = await engine.logits(rows);
    await engine.setAdapter('adapter');
    expect(await engine.logits(rows)).toEqual(first);
    expect(base).not.toEqual(first);
  });
});
