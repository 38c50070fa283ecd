import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { hostApp } from '../testing/browser/app-host.ts';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';
import { largestDifference, scoreInNode } from '../testing/browser/compare.ts';
import { chooseCsv, download, expect, modelReady, test } from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';

// Plain http from another machine is not a secure context: no WebGPU, no threads, no locks, no files.
const HOST = 'tiebreak.test';

test.use({
  launchOptions: {
    executablePath: chromiumPath(),
    args: [...chromiumArgs('none'), `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern
  baseURL: async ({}, use) => {
    // Browsers warn about headers that they ignore here.
    const host = await hostApp({});
    await use(host.url.replace('127.0.0.1', HOST));
    await host.stop();
  },
});

test('over plain http from another machine the CPU scores, and the page says why once', async ({
  app,
}) => {
  const csv = toKaggleCsv(makeRows(20, 3));
  await modelReady(app);
  expect(await app.evaluate(() => isSecureContext)).toBe(false);
  const reason = app.getByText(/only over https or on localhost/);
  await expect(reason).toHaveCount(1);
  // The reasons of other situations do not appear.
  await expect(app.getByText(/does not send the headers|no WebGPU|private browsing/)).toHaveCount(
    0,
  );

  await chooseCsv(app, { name: 'test.csv', content: csv });
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^20 rows scored in/).first()).toBeVisible({ timeout: 120_000 });
  await expect(app.getByRole('alert')).toHaveCount(0);
  const { lines } = await download(app, 'Download submission.csv');
  expect(largestDifference(lines, scoreInNode(csv))).toBeLessThan(1e-4);

  // Own models cannot be stored here, as the card says.
  await app.getByRole('heading', { name: 'Your own model' }).click();
  await expect(app.getByText(/stores files only for pages/)).toBeVisible();
});
