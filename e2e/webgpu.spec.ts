import { expect, test } from '@playwright/test';
import { HARNESS_PORT } from '../testing/browser/settings.ts';
import type { Harness } from '../testing/harness/harness.ts';
import { referenceCases, TOLERANCE } from '../testing/reference-cases.ts';

declare const window: Window & { harness: Harness };

for (const device of ['webgpu', 'wasm'] as const) {
  for (const { name, quant, tokens, expected } of referenceCases()) {
    // Dense weights differ in one kernel, and take half a minute on a software GPU.
    const tag = device === 'webgpu' && quant === 'none' ? ['@slow'] : [];
    test(`${name} gives the reference logits on ${device} in Chromium`, { tag }, async ({
      page,
    }) => {
      await page.goto(`http://localhost:${HARNESS_PORT}/`);
      const { info, logits } = await page.evaluate(
        ([packageName, on, rows]) =>
          window.harness.logits(`${packageName}/`, on, [null, 'adapter', null], rows),
        [name, device, tokens] as const,
      );
      expect(info).toMatchObject({ device, precision: 'float32', adapter: null });
      const [base, adapter, again] = logits;
      const differences = [
        difference(base!, expected.none),
        difference(adapter!, expected.adapter),
      ];
      process.stdout.write(
        `  ${name} on ${info.computesOn}: largest difference ${differences.map((d) => d.toExponential(1)).join(' (base), ')} (adapter)\n`,
      );
      for (const d of differences) expect(d).toBeLessThan(TOLERANCE);
      expect(again).toEqual(base);
    });
  }
}

function difference(logits: number[], expected: number[][]): number {
  const flat = expected.flat();
  expect(logits).toHaveLength(flat.length);
  return Math.max(...flat.map((value, i) => Math.abs(value - logits[i]!)));
}
