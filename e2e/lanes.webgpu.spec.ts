import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { planModel } from '../src/engine/model-plan.ts';
import { plannedModel } from '../src/engine/planning/planned-model.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { largestDifference, scoreInNode } from '../testing/browser/compare.ts';
import {
  chooseCsv,
  download,
  expect,
  modelReady,
  openOnGpu,
  test,
} from '../testing/browser/page.ts';
import { FAST } from '../testing/gpu-facts.ts';
import { makeRows } from '../testing/runs.ts';

// Short rows, since SwiftShader computes some tens of tokens per second.
const csv = toKaggleCsv(makeRows(5, 9, 6));

/**
 * Scores the file in the page. @returns the lines of the submission.
 * @param again true if the page has scored it before, and therefore asks.
 */
async function score(page: Page, again = false): Promise<string[]> {
  await chooseCsv(page, { name: 'test.csv', content: csv });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  if (again) {
    await page.getByRole('alertdialog').getByRole('button', { name: 'Start again' }).click();
  }
  await expect(page.getByText(/^5 rows scored in/).first()).toBeVisible({ timeout: 170_000 });
  return (await download(page, 'Download submission.csv')).lines;
}

test('two GPUs give the results of one, and show what each did', { tag: '@slow' }, async ({
  app,
}) => {
  test.setTimeout(600_000);
  await openOnGpu(app, './with-options.html?batch-tokens=128');
  await modelReady(app);
  await expect(app.getByRole('button', { name: 'GPUs' })).toHaveCount(0);
  const one = await score(app);

  await app.goto('./with-options.html?two-gpus&batch-tokens=128');
  await modelReady(app);
  await app.getByRole('button', { name: 'GPUs' }).click();
  await app.getByRole('option', { name: /All 2/ }).click();
  await expect(app.getByText('Runs on', { exact: true })).toBeVisible({ timeout: 120_000 });
  const two = await score(app, true);
  const table = app.getByRole('table', { name: 'Work of each GPU' });
  await expect(table.getByRole('row')).toHaveCount(3);
  const shares = (await table.getByRole('row').allInnerTexts())
    .slice(1)
    .map((row) => Number(/(\d+) %/.exec(row)![1]));
  process.stdout.write(
    `  shares ${shares.join(' and ')} %; largest difference to one GPU ${largestDifference(two, one).toExponential(1)}\n`,
  );
  expect(Math.abs(shares[0]! + shares[1]! - 100)).toBeLessThanOrEqual(1);
  expect(Math.min(...shares)).toBeGreaterThan(0);
  expect(largestDifference(two, one)).toBeLessThan(1e-6);
});

/**
 * The largest budget, in bytes, with which one GPU cannot hold the demo model and a row of 2,048 tokens, even if layers
 * are read one by one.
 */
async function tooLittleForOne(): Promise<number> {
  const folder = fileURLToPath(new URL('../public/models/demo', import.meta.url));
  const model = await plannedModel(await ModelPackage.open(new NodeDirectory(folder)), ['demo']);
  const { gpus } = planModel({
    model,
    gpus: [FAST],
    maxLength: 2048,
    batchTokens: 2048,
    resident: 0,
  });
  return gpus[0]!.totalBytes - 1;
}

test('a model too large for one GPU is shared by two, and the results are those of the CPU', {
  tag: '@slow',
}, async ({ app }) => {
  test.setTimeout(600_000);
  const csv = toKaggleCsv(makeRows(3, 9, 6));
  const budget = await tooLittleForOne();
  await openOnGpu(app, `./with-options.html?two-gpus&batch-tokens=256&gpu-bytes=${budget}`);
  // The plan appears before the model is loaded.
  await expect(app.getByText('Two GPUs share the layers.')).toBeVisible({ timeout: 60_000 });
  await expect(app.getByText(/^Memory plan: .*, about .* MB \+ .*, about .* MB$/)).toBeVisible();
  await expect(
    app.getByText(/^layers 1 to 3 on .*swiftshader.* and layers 4 to 6 on .*swiftshader/i).first(),
  ).toBeVisible({ timeout: 240_000 });
  await chooseCsv(app, { name: 'test.csv', content: csv });
  await app.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(app.getByText(/^3 rows scored in/).first()).toBeVisible({ timeout: 240_000 });
  const { lines } = await download(app, 'Download submission.csv');
  const difference = largestDifference(lines, scoreInNode(csv));
  process.stdout.write(
    `  layers on two GPUs and the CPU differ by at most ${difference.toExponential(1)}\n`,
  );
  expect(difference).toBeLessThan(1e-4);
});
