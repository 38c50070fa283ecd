import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { chooseCsv, expect, modelReady, test } from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';

/** Width of A4 without its margins, in CSS pixels. */
const SHEET = 704;

/** Rows with labels and models, so that the report has all its parts. */
function labelledCsv(rows: number): string {
  const [header, ...lines] = toKaggleCsv(makeRows(rows, 3)).trimEnd().split('\n');
  const labels = ['1,0,0', '0,1,0', '0,0,1'];
  const marked = lines.map((line, i) => `${line},m${i % 3},n${i % 2},${labels[(i * 7) % 3]}`);
  return `${header},model_a,model_b,winner_model_a,winner_model_b,winner_tie\n${marked.join('\n')}\n`;
}

/** Parts that are cut off at the right edge or overlap the previous one. */
function misplaced(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const name = (element: Element) => `${element.localName}.${element.getAttribute('class')}`;
    const shown = [...document.querySelectorAll('.report *')].filter(
      (element) => element.getClientRects().length > 0 && element.closest('.hidden') === null,
    );
    const edge = document.documentElement.clientWidth + 1;
    const cut = shown.filter((element) => element.getBoundingClientRect().right > edge);
    const blocks = shown.filter((element) => element.matches('.card, .figure, .confusion, .tile'));
    const over = blocks.filter((block, i) =>
      blocks.slice(0, i).some((before) => {
        if (before.contains(block)) return false;
        const [a, b] = [before.getBoundingClientRect(), block.getBoundingClientRect()];
        return (
          a.bottom > b.top + 1 &&
          b.bottom > a.top + 1 &&
          a.right > b.left + 1 &&
          b.right > a.left + 1
        );
      }),
    );
    return [...cut.map((one) => `cut: ${name(one)}`), ...over.map((one) => `over: ${name(one)}`)];
  });
}

test.use({ colorScheme: 'dark' });

test('the report is printed and saved as one file: whole, light on paper, without anything to press', async ({
  app,
  browser,
}) => {
  await modelReady(app);
  await chooseCsv(app, { name: 'train.csv', content: labelledCsv(30) });
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^30 rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  await app.getByRole('tab', { name: 'Report' }).click();
  const print = app.getByRole('button', { name: 'Print', exact: true });
  await expect(print).toBeEnabled({ timeout: 60_000 });
  const logLoss = await app.locator('.tile-value').first().textContent();

  const saving = app.waitForEvent('download');
  await app.getByRole('button', { name: 'Save as HTML' }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toBe('train.report.html');
  await expect(app.locator('.paper')).toHaveCount(0);

  // For printing: with this scale the window is as wide as the sheet between its margins.
  const { width, height } = app.viewportSize()!;
  await app.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await app.setViewportSize({ width: SHEET, height });
  expect(await misplaced(app)).toEqual([]);
  const [ink] = await app
    .locator('.report h2')
    .first()
    .evaluateAll((all) => all.map((one) => getComputedStyle(one).color));
  expect(ink).toBe('rgb(27, 29, 32)');
  await expect(app.locator('.report').getByText(/SHA-256 of the file/)).toBeVisible();
  for (const gone of ['.report .button', '.report input', '.report-table', '.screen-tab']) {
    await expect(app.locator(gone).filter({ visible: true })).toHaveCount(0);
  }
  await app.setViewportSize({ width, height });
  await app.emulateMedia({ media: 'screen' });
  for (const format of ['A4', 'Letter']) {
    expect((await app.pdf({ format })).subarray(0, 5).toString()).toBe('%PDF-');
  }

  // The saved file loads nothing and runs nothing.
  const path = join(mkdtempSync(join(tmpdir(), 'tiebreak-e2e-')), file.suggestedFilename());
  await file.saveAs(path);
  const html = readFileSync(path, 'utf8');
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/<script|<button|<input|<a |javascript:| on[a-z]+=/i);
  const context = await browser.newContext({ offline: true });
  const saved = await context.newPage();
  const faults: string[] = [];
  saved.on('console', (message) => faults.push(message.text()));
  const address = pathToFileURL(path).href;
  saved.on('request', (request) => {
    if (request.url() !== address) faults.push(request.url());
  });
  await saved.goto(address);
  for (const size of [390, 1366]) {
    await saved.setViewportSize({ width: size, height: 800 });
    expect(await saved.evaluate(() => document.documentElement.scrollWidth)).toBe(size);
  }
  await expect(saved.locator('.tile-value').first()).toHaveText(logLoss!);
  await expect(saved.getByText(/^Demo model:/)).toHaveCount(1);
  for (const heading of ['Quality', 'Predictions', 'By kind of row', 'Leaderboard']) {
    await expect(saved.getByRole('heading', { name: heading })).toBeVisible();
  }
  await expect(saved.getByRole('img', { name: /^Reliability/ })).toHaveCount(4);
  expect(faults).toEqual([]);
  await context.close();
});
