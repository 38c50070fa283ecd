import { describe, expect, test } from 'vitest';
import { Engine, type LoadOptions } from '../../src/engine/engine.ts';
import type { ModelPackage } from '../../src/model/package.ts';
import { CpuReferences } from '../../testing/cpu-reference.ts';
import { gptqPackage } from '../../testing/gptq.ts';
import { gptqCases, largestDifference, referenceCases } from '../../testing/reference-cases.ts';
import { stockLogits } from '../../testing/stock-adapter.ts';
import { rowsOf, tokenRows } from '../../testing/token-rows.ts';

const references = new CpuReferences();
const cases = [...gptqCases('keep'), ...gptqCases('none')];

describe.each(cases)('$name on the CPU', (reference) => {
  const loaded = references.load(reference);
  const [[, expected]] = reference.expected as [[null, number[][]]];

  test('logits are the reference, as those of the ONNX files', async () => {
    const { engine, pkg } = loaded;
    await engine.setAdapter(null);
    const logits = rowsOf(await engine.logits(tokenRows(reference.tokens)), engine.labels);
    const difference = largestDifference(logits, expected);
    const stock = await stockLogits(references.backend, pkg, reference.tokens, null);
    references.report(
      `${reference.name}: ${difference.toExponential(1)}, ONNX: ${largestDifference(stock, expected).toExponential(1)}`,
    );
    expect(Math.max(difference, largestDifference(stock, expected))).toBeLessThan(1e-4);
  });

  test('passes the self-test', async () => {
    await loaded.engine.selfTest();
    expect(loaded.engine.info.selfTest).toBeLessThan(1e-3);
  });
});

// Features that share a scale in the package, by the group of the checkpoint: inputs are 64 and 128 features.
const BLOCKS = { 16: 16, 32: 32, 64: 64, [-1]: 64 } as const;

describe('codes of a random model are kept', () => {
  const groups = [16, 32, 64, -1] as const;
  const forms = groups.flatMap((group, i) =>
    ([4, 8] as const).map((bits, j) => {
      const actOrder = (i + j) % 2 === 0;
      return { bits, group, actOrder, storesOneLess: i % 2 === 0 };
    }),
  );
  const [, reference] = referenceCases();
  const rows = tokenRows(reference!.tokens);

  async function logits(pkg: ModelPackage, options: LoadOptions = {}): Promise<number[][]> {
    const engine = await Engine.load(pkg, references.backend, options);
    await engine.setAdapters([null, 'adapter']);
    const out = rowsOf(await engine.logits(rows));
    await engine.dispose();
    return out;
  }

  test.each(forms)('$bits bits, groups of $group, act-order $actOrder', async (form) => {
    const pkg = await gptqPackage('tiny-a', form, 'keep');
    const name = `gptq${form.bits}-${BLOCKS[form.group]}${form.actOrder && form.group !== -1 ? '-act-order' : ''}`;
    expect(pkg.manifest.quantization).toBe(name);
    // The exact weights, with LoRA and without.
    const dense = await logits(await gptqPackage('tiny-a', form, 'none'));
    expect(
      largestDifference(dense.slice(0, rows.length), dense.slice(rows.length)),
    ).toBeGreaterThan(0.01);
    const kept = await logits(pkg);
    expect(largestDifference(kept, dense)).toBeLessThan(2e-4);
    expect(await logits(pkg, { resident: 1 })).toEqual(kept);
  });
});
