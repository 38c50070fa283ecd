/**
 * Compares a run in the page on the machine's GPU with the CPU: scores a CSV in Chromium with the embedded model,
 * downloads the submission and compares it, row by row, with one of `npm run score`. Prints the device, the time and
 * the largest difference of a probability.
 *
 * `npx tsx bench/gpu-page.ts CSV SUBMISSION [--software]`, after `npm run build`; `bench/full-run.ts --write-csv`
 * writes a CSV.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';
import { largestDifference } from '../testing/browser/compare.ts';
import { chooseCsv, download, modelReady, withoutFilePicker } from '../testing/browser/page.ts';
import { serveBuiltPage } from './built-page.ts';

const PORT = 4399;
const {
  values: { software },
  positionals: [csv, submission],
} = parseArgs({
  allowPositionals: true,
  options: { software: { type: 'boolean', default: false } },
});
if (csv === undefined || submission === undefined) throw new Error('CSV and SUBMISSION are needed');
const expected = readFileSync(submission, 'utf8').trimEnd().split('\n');

const server = await serveBuiltPage(PORT);
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: chromiumArgs(software ? 'software' : 'machine'),
});
try {
  const context = await browser.newContext({ serviceWorkers: 'block', locale: 'en' });
  const page = await context.newPage();
  await page.addInitScript(withoutFilePicker);
  const opened = performance.now();
  await page.goto(server.url);
  await modelReady(page);
  const ready = ((performance.now() - opened) / 1000).toFixed(1);
  const facts = await page
    .locator('dl:has(dt:text-is("Runs on"))')
    .first()
    .locator('dt, dd')
    .allTextContents();
  await chooseCsv(page, { name: 'test.csv', content: readFileSync(csv, 'utf8') });
  const started = performance.now();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page
    .getByText(/rows scored in/)
    .first()
    .waitFor({ timeout: 600_000 });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { lines } = await download(page, 'Download submission.csv');
  const difference = largestDifference(lines, expected);
  process.stdout.write(
    `${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version()}: ${facts.join(' ')}\n`,
  );
  process.stdout.write(
    `ready after ${ready} s; ${expected.length - 1} rows in ${seconds} s; largest difference of a probability ${difference.toExponential(1)}\n`,
  );
} finally {
  await browser.close();
  await server.close();
}
