import type { Page } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { chooseCsv, download, expect, modelReady, test } from '../testing/browser/page.ts';
import { shifted, watchShifts } from '../testing/browser/shifts.ts';
import { makeRows } from '../testing/runs.ts';

// The outcome of a run appears where its progress was, on every screen, and the bar never covers much of the window.

const bar = (page: Page) => page.getByRole('region', { name: 'Score', exact: true });
const button = (page: Page, name: string) => bar(page).getByRole('button', { name, exact: true });
const someRows = (page: Page) => page.getByText(/^[1-9][\d,]* of [\d,]+ rows$/);
const announced = (page: Page) => page.locator('p[aria-live=polite]').last();

/** Opens a file with this many rows. */
async function opened(page: Page, rows: number): Promise<void> {
  await modelReady(page);
  await chooseCsv(page, { name: 'test.csv', content: toKaggleCsv(makeRows(rows, 9)) });
  await expect(button(page, 'Start')).toBeEnabled();
}

/** The share of the window that the bar covers while the page scrolls; 0 if it scrolls away. */
function covered(page: Page): Promise<number> {
  return bar(page).evaluate((element) =>
    getComputedStyle(element).position === 'sticky'
      ? element.getBoundingClientRect().height / window.innerHeight
      : 0,
  );
}

test('a run that ends says so in its place, in view, with the focus on the download', async ({
  app,
}) => {
  await app.setViewportSize({ width: 1366, height: 768 });
  await opened(app, 30);
  await button(app, 'Start').press('Enter');
  await expect(button(app, 'Cancel')).toBeFocused();
  await watchShifts(app);
  const submission = button(app, 'Download submission.csv');
  await expect(submission).toBeFocused({ timeout: 60_000 });
  await expect(submission).toBeInViewport({ ratio: 1 });
  await expect(bar(app).getByText(/^30 rows scored in .+ s\.$/)).toBeInViewport();
  await expect(bar(app).getByText(/tokens\/s/)).toBeVisible();
  await expect(announced(app)).toHaveText(/^30 rows scored in/);
  expect(await shifted(app)).toBeLessThan(0.01);
  // A stray key downloads the results, and deletes nothing.
  const waiting = app.waitForEvent('download');
  await app.keyboard.press('Enter');
  expect((await waiting).suggestedFilename()).toBe('submission.csv');
  await expect(app.getByRole('button', { name: 'Download finished rows' })).toHaveCount(0);

  await app.locator('summary', { hasText: 'Settings' }).click();
  await app.getByText('Score both orders', { exact: true }).click();
  await expect(app.getByText('1 changed: both orders')).toBeVisible();
  await expect(bar(app).getByText(/Settings differ from these results\.$/)).toBeVisible();
  await button(app, 'Open the report').click();
  await expect(app.getByRole('heading', { name: 'Report' })).toBeVisible();
});

test('a run that is cancelled says so in its place, goes on from there, and takes no focus from a text', async ({
  app,
}) => {
  await app.goto('./with-options.html?batch-tokens=1024');
  await opened(app, 600);
  await button(app, 'Start').click();
  await expect(someRows(app).first()).toBeVisible({ timeout: 60_000 });
  await button(app, 'Cancel').press('Enter');
  await expect(bar(app)).toBeFocused();
  await expect(bar(app).getByText(/^Cancelled: [\d,]+ of 600 rows scored\.$/)).toBeVisible();
  await expect(announced(app)).toHaveText(/^Cancelled: /);
  const { lines } = await download(app, 'Download finished rows');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.length).toBeLessThan(601);
  await button(app, 'Continue').click();
  await expect(button(app, 'Cancel')).toBeVisible({ timeout: 60_000 });

  // The other screens can show, pause and cancel the run too.
  await app.getByRole('tab', { name: 'Report' }).click();
  await expect(bar(app).getByText(/left$/)).toBeVisible({ timeout: 60_000 });
  await button(app, 'Pause').click();
  await expect(bar(app).getByText('Paused. Nothing is computed.')).toBeVisible({
    timeout: 60_000,
  });
  await app.getByRole('tab', { name: 'Explore a pair' }).click();
  await button(app, 'Resume').click();
  const text = app.getByRole('textbox').first();
  await text.focus();
  // Like a click on Cancel, but without moving the focus.
  await button(app, 'Cancel').evaluate((element) => (element as HTMLElement).click());
  await expect(bar(app).getByText(/^Cancelled: /)).toBeVisible();
  await expect(text).toBeFocused();
  await button(app, 'Open the report').click();
  await expect(app.getByRole('heading', { name: 'Report' })).toBeVisible();
});

test('the bar covers a quarter of the window at most, with a run and after it', async ({ app }) => {
  await opened(app, 400);
  const windows = [
    [1366, 768],
    [640, 400],
    [320, 256],
    [390, 844],
  ] as const;
  const check = async (what: string) => {
    for (const [width, height] of windows) {
      await app.setViewportSize({ width, height });
      const place = `${what}, ${width} x ${height}`;
      expect(await covered(app), place).toBeLessThanOrEqual(0.25);
      const overflow = await app.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(overflow, place).toBeLessThanOrEqual(0);
    }
  };
  await check('before');
  await button(app, 'Start').click();
  await expect(bar(app).getByText(/left$/)).toBeVisible({ timeout: 60_000 });
  await check('a run');
  // One line on a phone: progress, time left, and a pause button; a button shows the rest.
  const line = (await bar(app).boundingBox())!;
  expect(line.height).toBeLessThan(90);
  await expect(bar(app).getByText(/^\d+ % · .+ left$/)).toBeVisible();
  await button(app, 'More').click();
  await expect(button(app, 'Cancel')).toBeVisible();
  await check('a run, opened');
  await button(app, 'Cancel').click();
  await expect(bar(app).getByText(/^Cancelled: /)).toBeVisible();
  await check('cancelled');
});
