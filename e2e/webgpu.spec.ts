import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { Harness } from './harness/harness.ts';
import { HARNESS_PORT, REFERENCE_PACKAGES } from './settings.ts';

declare const window: Window & { harness: Harness };

interface Expected {
  input_ids: number[][];
  base_logits: number[][];
  adapter_logits: number[][];
}

for (const device of ['webgpu', 'wasm'] as const) {
  for (const { name, model, expected: file } of REFERENCE_PACKAGES) {
    test(`${name} gives the reference logits on ${device} in Chromium`, async ({ page }) => {
      const path = new URL(`../test/fixtures/${model}/${file}`, import.meta.url);
      const expected = JSON.parse(readFileSync(path, 'utf8')) as Expected;
      await page.goto(`http://localhost:${HARNESS_PORT}/`);
      const { info, logits } = await page.evaluate(
        ([packageName, on, rows]) =>
          window.harness.logits(`${packageName}/`, on, [null, 'ref', null], rows),
        [name, device, expected.input_ids] as const,
      );
      expect(info).toMatchObject({ device, precision: 'float32', adapter: null });
      const [base, adapter, again] = logits;
      const differences = [
        difference(base!, expected.base_logits),
        difference(adapter!, expected.adapter_logits),
      ];
      process.stdout.write(
        `  ${name} on ${info.computesOn}: largest difference ${differences.map((d) => d.toExponential(1)).join(' (base), ')} (adapter)\n`,
      );
      for (const d of differences) expect(d).toBeLessThan(2e-3);
      expect(again).toEqual(base);
    });
  }
}

function difference(logits: number[], expected: number[][]): number {
  const flat = expected.flat();
  expect(logits).toHaveLength(flat.length);
  return Math.max(...flat.map((value, i) => Math.abs(value - logits[i]!)));
}
