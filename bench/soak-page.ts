/**
 * Does memory stay flat over a long run in the page? Scores short rows in one page of Chromium (demo model, CPU). Every few
 * seconds memory is measured after garbage collection, of the page and of each of its workers
 * (`performance.measureUserAgentSpecificMemory`), and the WebAssembly heap of the engine's worker.
 *
 * `npx tsx bench/soak-page.ts [rows]` (20,000), after `npm run build`.
 */
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { chooseCsv, modelReady, withoutFilePicker } from '../e2e/page.ts';
import { toKaggleCsv } from '../src/csv/kaggle.ts';
import { serveBuiltPage } from './built-page.ts';
import { inWords, type Point, printGrowth } from './growth.ts';
import { MEASURE_MEMORY, memoryOf } from './page-memory.ts';

const PORT = 4398;
const EVERY_MS = 1000;
const rows = Number(process.argv[2] ?? 20_000);

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Keeps every WebAssembly memory that a worker makes where it can be looked at. */
const WATCH_HEAP = `self.heaps = [];
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(target, args) {
    const memory = Reflect.construct(target, args);
    self.heaps.push(memory);
    return memory;
  },
});\n`;

const server = await serveBuiltPage(PORT, { engineCode: WATCH_HEAP });
const executablePath = existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined;
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', MEASURE_MEMORY],
});
try {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.addInitScript(withoutFilePicker);
  await page.goto(server.url);
  await modelReady(page);
  // As short as rows can be, and all of them different.
  const content = toKaggleCsv(
    Array.from({ length: rows }, (_, i) => ({
      id: String(i),
      prompt: [`q ${i}`],
      responseA: ['yes'],
      responseB: ['no'],
    })),
  );
  await chooseCsv(page, { name: 'test.csv', content });
  const started = performance.now();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const points: Point[] = [];
  const ended = page.getByText(/rows scored in/).first();
  while (!(await ended.isVisible())) {
    const text = await page.locator('.run-numbers').textContent();
    const done = Number(/([\d,]+) of [\d,]+ rows/.exec(text ?? '')?.[1]?.replaceAll(',', '') ?? 0);
    const bytes = await memoryOf(page);
    const engine = page.workers().find((worker) => worker.url().includes('engine.worker'));
    bytes['WebAssembly heap of engine.worker'] = await engine!.evaluate(() =>
      (self as unknown as { heaps: WebAssembly.Memory[] }).heaps.reduce(
        (sum, { buffer }) => sum + buffer.byteLength,
        0,
      ),
    );
    if (done > 0) points.push({ rows: done, bytes });
    print(`  ${done} rows: ${inWords(bytes)}`);
    await page.waitForTimeout(EVERY_MS);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  print(
    `${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version()}, ${await ended.textContent()} (measured in between; ${seconds} s in all)`,
  );
  printGrowth(points, rows, 1000);
} finally {
  await browser.close();
  await server.close();
}
