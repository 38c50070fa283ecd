/**
 * Measures the time from opening the page on a local server until the embedded model is ready to score, on the CPU:
 * first visits, each in a new browser, and second visits, after the service worker has stored the app.
 *
 * `npx tsx bench/ready.ts [visits]`, after `npm run build`.
 */
import { chromium } from '@playwright/test';
import { hostApp } from '../testing/browser/app-host.ts';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';

const VISITS = Number(process.argv[2] ?? 5);
const print = (line: string) => process.stdout.write(`${line}\n`);

const host = await hostApp();
const first: number[] = [];
const second: number[] = [];
let version = '';
for (let visit = 0; visit < VISITS; visit += 1) {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: chromiumArgs('none'),
  });
  version = browser.version();
  const context = await browser.newContext();
  for (const times of [first, second]) {
    const page = await context.newPage();
    const started = performance.now();
    await page.goto(host.url);
    // Appears once weights and tokenizer are loaded and the self-test has passed.
    await page.getByText('Runs on', { exact: true }).waitFor();
    times.push((performance.now() - started) / 1000);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.close();
  }
  await browser.close();
}
print(`${new Date().toISOString().slice(0, 10)}, Chromium ${version}, embedded model on the CPU`);
print(`first visit: ready after ${seconds(first)}`);
print(`second visit: ready after ${seconds(second)}`);
await host.stop();

function seconds(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  return `${median.toFixed(1)} s (median of ${times.length}, at most ${sorted.at(-1)!.toFixed(1)} s)`;
}
