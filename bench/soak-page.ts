/**
 * Checks that memory stays flat over a long run in the page: scores short rows in one page of Chromium (demo model; on
 * the CPU, or on the machine's GPU with `--gpu`). Every few seconds it measures, after a garbage collection, the JS
 * heaps of the page and of each worker with the contents of their buffers, the WebAssembly heap of the engine's worker,
 * and all of its GPU buffers.
 *
 * `npx tsx bench/soak-page.ts [rows] [--gpu]` (20,000), after `npm run build`.
 */
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';
import { chooseCsv, modelReady, withoutFilePicker } from '../testing/browser/page.ts';
import { serveBuiltPage } from './built-page.ts';
import { inWords, type Point, printGrowth } from './growth.ts';
import { Heaps } from './heaps.ts';

const PORT = 4398;

const {
  values: { gpu },
  positionals,
} = parseArgs({ allowPositionals: true, options: { gpu: { type: 'boolean', default: false } } });
const rows = Number(positionals[0] ?? 20_000);
// A GPU scores thousands of such rows per second.
const EVERY_MS = gpu ? 200 : 1000;

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Makes every WebAssembly memory of a worker accessible, and counts the bytes of GPU buffers. */
const WATCH = `self.heaps = [];
self.gpuBytes = 0;
if (self.GPUDevice !== undefined) {
  const sizes = new WeakMap();
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    sizes.set(buffer, buffer.size);
    self.gpuBytes += buffer.size;
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    self.gpuBytes -= sizes.get(this) ?? 0;
    sizes.delete(this);
    return destroy.call(this);
  };
}
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(target, args) {
    const memory = Reflect.construct(target, args);
    self.heaps.push(memory);
    return memory;
  },
});\n`;

const server = await serveBuiltPage(PORT, { engineCode: WATCH });
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: chromiumArgs(gpu ? 'machine' : 'none'),
});
try {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.addInitScript(withoutFilePicker);
  await page.goto(server.url);
  await modelReady(page);
  const heaps = await Heaps.open(browser);
  const computesOn = await page.locator('dt:text-is("Runs on") + dd').first().textContent();
  // The shortest possible rows, all different.
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
    const bytes = await heaps.measure();
    const engine = page.workers().find((worker) => worker.url().includes('engine.worker'));
    const watched = await engine!.evaluate(() => {
      const { heaps, gpuBytes } = self as unknown as {
        heaps: WebAssembly.Memory[];
        gpuBytes: number;
      };
      return { heap: heaps.reduce((sum, { buffer }) => sum + buffer.byteLength, 0), gpuBytes };
    });
    bytes['WebAssembly heap of engine.worker'] = watched.heap;
    bytes['GPU buffers of engine.worker'] = watched.gpuBytes;
    if (done > 0) points.push({ rows: done, bytes });
    print(`  ${done} rows: ${inWords(bytes)}`);
    await page.waitForTimeout(EVERY_MS);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  print(
    `${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version()}, on ${computesOn}, ${await ended.textContent()} (measured in between; ${seconds} s in all)`,
  );
  printGrowth(points, rows, 1000);
} finally {
  await browser.close();
  await server.close();
}
