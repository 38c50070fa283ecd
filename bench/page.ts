/**
 * Measures memory, responsiveness and cancelling of the page in Chromium, with a generated CSV of 100,000 rows and 400
 * MB. Prints the peak memory of parsing and tokenizing the whole file; the page's own reading of it, tasks over 100 ms
 * on its main thread while reading and during 20 s of a run, and the time of cancelling.
 *
 * `npx tsx bench/page.ts [rows]`, after `npm run build`.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';
import { APP_PORT, HARNESS_PORT } from '../testing/browser/settings.ts';
import type { Harness } from '../testing/harness/harness.ts';
import { random } from '../testing/synthetic.ts';
import { watchMemory } from './memory.ts';
import { reachable } from './reachable.ts';

declare const window: Window & { harness: Harness; longTasks: number[]; chosen: File };

const ROWS = Number(process.argv[2] ?? 100_000);
const BYTES_PER_ROW = 4000;
const RUN_MS = 20_000;
const print = (line: string) => process.stdout.write(`${line}\n`);
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-page-'));
const csv = join(folder, 'test.csv');
writeCsv(csv);
const server = spawn(process.execPath, ['--import', 'tsx', 'testing/browser/server.ts'], {
  stdio: 'ignore',
});
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: chromiumArgs('none'),
});
try {
  await reachable(`http://localhost:${APP_PORT}/`);
  print(
    `${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version()}, ${ROWS} rows, ${megabytes(statSync(csv).size)}`,
  );
  await tokenizeAll();
  await drivePage();
} finally {
  await browser.close();
  server.kill();
  rmSync(folder, { recursive: true });
}

async function tokenizeAll(): Promise<void> {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${HARNESS_PORT}/`);
  await page.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    document.body.append(input);
  });
  await page.setInputFiles('input', csv);
  const peak = watchMemory();
  const started = performance.now();
  const { rows, tokens } = await page.evaluate(() =>
    window.harness.tokenize(document.querySelector('input')!.files![0]!, 'demo/'),
  );
  const seconds = (performance.now() - started) / 1000;
  print(
    `parsed and tokenized: ${rows} rows, ${tokens} tokens in ${seconds.toFixed(0)} s; largest renderer process ${megabytes(peak())}`,
  );
  await page.close();
}

async function drivePage(): Promise<void> {
  const page = await browser.newPage();
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showOpenFilePicker'));
  await page.goto(`http://localhost:${APP_PORT}/`);
  await page.getByText('Runs on', { exact: true }).waitFor();
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(Math.round(duration));
    }).observe({ type: 'longtask' });
  });
  const peak = watchMemory();
  const started = performance.now();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a file' }).click();
  await (await chooser).setFiles(csv);
  await page
    .getByText(/rows to score\.$/)
    .first()
    .waitFor({ timeout: 300_000 });
  const seconds = (performance.now() - started) / 1000;
  print(`the page read the file in ${seconds.toFixed(1)} s; ${await longTasks(page)}`);

  await page.getByRole('button', { name: 'Start' }).click();
  await page.waitForTimeout(RUN_MS);
  print(`${RUN_MS / 1000} s of a run: ${await longTasks(page)}`);
  const pressed = performance.now();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page
    .getByText(/^Cancelled/)
    .first()
    .waitFor();
  print(`cancelled in ${Math.round(performance.now() - pressed)} ms`);
  print(`largest renderer process ${megabytes(peak())}`);
  await page.close();
}

async function longTasks(page: Page): Promise<string> {
  const tasks = await page.evaluate(() => window.longTasks.splice(0));
  const longest = Math.max(0, ...tasks);
  return `longest main-thread task ${longest === 0 ? 'under 50' : longest} ms, ${tasks.filter((ms) => ms > 100).length} over 100 ms`;
}

function writeCsv(path: string): void {
  const next = random(5);
  const words = [
    'the',
    'model',
    'answers',
    'rain',
    'x/y',
    'naïve',
    'because',
    '12.5',
    'however',
    '日本',
  ];
  const text = (length: number) => {
    let out = '';
    while (out.length < length) out += `${words[Math.floor(next() * words.length)]} `;
    return out;
  };
  const file = openSync(path, 'w');
  const header = toKaggleCsv([]);
  writeSync(file, header);
  for (let row = 0; row < ROWS; row += 1) {
    // A few rows are many times as long as most, as in real data.
    const length = BYTES_PER_ROW * (0.1 + 0.22 * -Math.log(1 - next()) * 2);
    const pair = {
      id: String(3_000_000_000 + row),
      prompt: [text(length * 0.2)],
      responseA: [text(length * 0.6)],
      responseB: [text(length * 0.6)],
    };
    writeSync(file, toKaggleCsv([pair]).slice(header.length));
  }
  closeSync(file);
}
