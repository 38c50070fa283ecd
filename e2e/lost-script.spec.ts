import { expect, type Page, test } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { chooseCsv, modelReady, openSettings, withoutFilePicker } from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';

// Scripts that do not load, because of a tunnel, an ad blocker or a new version.

const REPORT = '**/assets/ReportScreen-*.js';
const tab = (page: Page, name: string) => page.getByRole('tab', { name });

test('a screen that does not arrive during a run says so, and the run goes on', async ({
  page,
}) => {
  await page.addInitScript(withoutFilePicker);
  await page.route(REPORT, (route) => route.abort());
  await page.goto('/');
  await modelReady(page);
  await chooseCsv(page, { name: 'test.csv', content: toKaggleCsv(makeRows(60, 3)) });
  await page.getByRole('button', { name: 'Start' }).click();
  await tab(page, 'Report').click();
  await expect(page.getByText('This part of the page could not be loaded.')).toBeVisible();
  await expect(page.getByText('The run continues.', { exact: false })).toBeVisible();
  await tab(page, 'Score a file').click();
  await expect(page.getByText(/^60 rows scored in/).first()).toBeVisible({ timeout: 120_000 });
  await tab(page, 'Report').click();
  await page.unroute(REPORT);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Report', exact: true })).toBeVisible();

  // The report keeps its scroll offset, and Back closes a row before it leaves the screen.
  const scrolled = () => page.evaluate(() => Math.round(scrollY));
  await expect(page.getByRole('region').nth(1)).toBeVisible();
  await page.evaluate(() => scrollTo(0, 500));
  await expect.poll(scrolled).toBe(500);
  // The same effect as the button of a row.
  await page.evaluate(() => {
    location.hash = 'explore?row=1';
  });
  await expect.poll(scrolled).toBe(0);
  await page.goBack();
  await expect.poll(scrolled).toBe(500);
  await tab(page, 'Score a file').press('Enter');
  await page.getByRole('row').nth(3).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(tab(page, 'Score a file')).toHaveAttribute('aria-selected', 'true');
});

test('a fold whose script does not arrive says so in its place, and the page stays', async ({
  page,
}) => {
  const loads: string[] = [];
  page.on('framenavigated', (frame) => loads.push(frame.url()));
  let isDown = true;
  await page.route('**/assets/SettingsFields-*.js', (route) =>
    isDown ? route.abort() : route.continue(),
  );
  await page.goto('/');
  await modelReady(page);
  await openSettings(page);
  const message = page.getByText('This part of the page could not be loaded.');
  await expect(message).toBeVisible();
  // A reload by itself would begin with a request to the server, and come at once.
  await page.waitForTimeout(1000);
  expect(loads).toHaveLength(1);
  await expect(page.getByRole('button', { name: 'Choose a file' })).toBeEnabled();
  isDown = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('Score both orders', { exact: true })).toBeVisible();
  await expect(message).toHaveCount(0);
});

test('where nothing is lost by it the page reloads itself, once', async ({ page }) => {
  const loads: string[] = [];
  page.on('framenavigated', (frame) => loads.push(frame.url()));
  await page.route(REPORT, (route) => route.abort());
  await page.goto('/#report');
  const message = page.getByText('This part of the page could not be loaded.');
  await expect.poll(() => loads.length).toBe(2);
  await expect(message).toBeVisible();
  await expect(tab(page, 'Score a file')).toBeVisible();

  // A worker that does not load is reported too.
  const worker = '**/assets/run.worker-*.js';
  await page.route(worker, (route) => route.abort());
  await page.unroute(REPORT);
  await page.getByRole('button', { name: 'Reload the page' }).click();
  await expect(page.getByRole('heading', { name: 'Report' })).toBeVisible();
  expect(loads).toHaveLength(3);
  await tab(page, 'Score a file').click();
  await expect(page.getByText('A script of this page could not be loaded.')).toBeVisible();
  await page.unroute(worker);
  await page.getByRole('button', { name: 'Load again' }).click();
  await modelReady(page);
});
