import AxeBuilder from '@axe-core/playwright';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { chooseCsv, expect, test } from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';

test('the card “This computer” says what runs, why not the GPU, and where a model can be had', async ({
  app,
}) => {
  const card = app.getByRole('region', { name: 'This computer' });
  await expect(card.getByText(/^Runs on the CPU/)).toBeVisible();
  await expect(card.getByText('How to use the GPU')).toHaveCount(0);
  // The button beside the sentence about using the CPU.
  await app.getByRole('button', { name: 'How to use the GPU' }).click();
  await expect(card.locator('summary').first()).toBeFocused();
  await expect(card.getByText('How to use the GPU')).toBeVisible();
  await expect(
    card.getByText(/--enable-unsafe-webgpu|chrome:\/\/settings\/system/).first(),
  ).toBeVisible();
  await expect(card.getByText(/Without a GPU, use the demo model/)).toBeVisible();
  await expect(card.getByText(/published on Kaggle/)).toBeVisible();
  await expect(card.getByText('Not measured yet.')).toBeVisible();
  await card.getByRole('button', { name: 'Measure' }).click();
  const ofLarge = card.getByRole('row', { name: /27B/ });
  await expect(ofLarge.getByRole('cell').last()).toHaveText(/hour|day|year/, { timeout: 30_000 });
  await expect(card.getByRole('columnheader')).toHaveText(['Model', '1,000 rows', '25,000 rows']);
  await expect(card.getByText(/A rough estimate .* 640 tokens per row/)).toBeVisible();
  await expect(card.getByRole('button', { name: 'Measure again' })).toBeEnabled();
  await chooseCsv(app, { name: 'three.csv', content: toKaggleCsv(makeRows(3)) });
  await expect(card.getByRole('columnheader').last()).toHaveText('Your file (3 rows)');
  await expect(card.getByText(/as long as those of your file/)).toBeVisible();
  const { violations } = await new AxeBuilder({ page: app }).include('.computer').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await app.setViewportSize({ width: 320, height: 640 });
  const overflow = () => document.documentElement.scrollWidth - window.innerWidth;
  expect(await app.evaluate(overflow)).toBeLessThanOrEqual(0);
});
