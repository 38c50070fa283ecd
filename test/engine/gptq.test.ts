import { describe, expect, test } from 'vitest';
import { CpuReferences } from '../../testing/cpu-reference.ts';
import { gptqCases, largestDifference } from '../../testing/reference-cases.ts';
import { rowsOf, tokenRows } from '../../testing/token-rows.ts';

const references = new CpuReferences();

describe.each(gptqCases())('$name on the CPU', (reference) => {
  const loaded = references.load(reference);

  test('logits of its weights taken exactly', async () => {
    const { engine } = loaded;
    await engine.setAdapter(null);
    const logits = rowsOf(await engine.logits(tokenRows(reference.tokens)), engine.labels);
    const difference = largestDifference(logits, reference.expected[0]![1]);
    references.report(`${reference.name}: ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(1e-4);
  });
});
