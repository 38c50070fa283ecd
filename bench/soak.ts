/**
 * Does memory stay flat over a long run? Two soaks:
 *
 * `npx tsx bench/soak.ts page [rows]` (20,000), after `npm run build`: scores short rows in one page of Chromium (demo model,
 * CPU). Every few seconds memory is measured after garbage collection, of the page and of each of its workers
 * (`performance.measureUserAgentSpecificMemory`), and the WebAssembly heap of the engine's worker.
 *
 * `npx tsx bench/soak.ts gpu [rows]` (200): scores rows of a tiny model on a GPU through Dawn, once with each executor, and
 * counts the bytes of all buffers that there are. Needs a Vulkan driver: see CONTRIBUTING.md.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { chooseCsv, modelReady, withoutFilePicker } from '../e2e/page.ts';
import { toKaggleCsv } from '../src/csv/kaggle.ts';
import { openNodeBackend } from '../src/engine/backend-node.ts';
import { countBuffers } from '../src/engine/buffer-count.ts';
import { Engine } from '../src/engine/engine.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { buildCase, referenceCases } from '../test/engine/reference-cases.ts';
import { serveBuiltPage } from './built-page.ts';

const PORT = 4398;
const EVERY_MS = 1000;
/** What a run allocates once is not growth: the slope is that of what follows this share of it. */
const WARM = 0.2;

const print = (line: string) => process.stdout.write(`${line}\n`);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

/** Keeps every WebAssembly memory that a worker makes where it can be looked at. */
const WATCH_HEAP = `self.heaps = [];
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(target, args) {
    const memory = Reflect.construct(target, args);
    self.heaps.push(memory);
    return memory;
  },
});\n`;

/** What was measured when so many rows were done. */
interface Point {
  rows: number;
  bytes: Record<string, number>;
}

const [which = 'page', count] = process.argv.slice(2);
if (which === 'page') await soakPage(Number(count ?? 20_000));
else await soakGpu(Number(count ?? 200));
process.exit(0);

async function soakPage(rows: number): Promise<void> {
  const server = await serveBuiltPage(PORT, { engineCode: WATCH_HEAP });
  const executablePath = existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined;
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--enable-blink-features=ForceEagerMeasureMemory'],
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
      const done = Number(
        /([\d,]+) of [\d,]+ rows/.exec(text ?? '')?.[1]?.replaceAll(',', '') ?? 0,
      );
      const bytes = await page.evaluate(async () => {
        type Memory = {
          breakdown: { bytes: number; attribution: { url: string; scope: string }[] }[];
        };
        const { measureUserAgentSpecificMemory: measure } = performance as unknown as {
          measureUserAgentSpecificMemory(): Promise<Memory>;
        };
        const { breakdown } = await measure.call(performance);
        const sums: Record<string, number> = {};
        for (const { bytes: part, attribution } of breakdown) {
          const [of] = attribution;
          const name =
            of === undefined
              ? 'shared'
              : of.scope === 'Window'
                ? 'page'
                : (/([a-z]+\.worker)/.exec(of.url)?.[1] ?? of.scope);
          sums[name] = (sums[name] ?? 0) + part;
        }
        return sums;
      });
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
    report(points, rows, 1000);
  } finally {
    await browser.close();
    await server.close();
  }
}

async function soakGpu(rows: number): Promise<void> {
  const reference = referenceCases().find(({ name }) => name === 'tiny-a-nf4')!;
  const directory = mkdtempSync(join(tmpdir(), 'tiebreak-soak-'));
  await buildCase(reference, directory);
  for (const executor of ['ort', 'wgsl'] as const) {
    const backend = await openNodeBackend('webgpu');
    if (backend.device !== 'webgpu') throw new Error('no GPU');
    const buffers = countBuffers(backend.gpuDevice);
    const pkg = await ModelPackage.open(new NodeDirectory(directory));
    const engine = await Engine.load(pkg, backend, { executor });
    await engine.setAdapter('adapter');
    const points: Point[] = [];
    // A few lengths over and over: ONNX Runtime keeps buffers of each, which is no growth.
    for (let done = 0; done < rows; done += 4) {
      const length = 8 * (5 - ((done / 4) % 5));
      const ids = Int32Array.from({ length }, (_, i) => 3 + ((i * 7 + done) % 500));
      await engine.logits([ids, ids, ids, ids]);
      points.push({ rows: done + 4, bytes: { 'GPU buffers': buffers.live } });
    }
    print(
      `${executor}, ${rows} rows on ${engine.info.computesOn}, peak ${megabytes(buffers.peak)}`,
    );
    report(points, rows, 100);
    await engine.dispose();
    print(`  ${buffers.live} bytes are left when the engine is disposed of`);
  }
  rmSync(directory, { recursive: true });
}

function inWords(bytes: Record<string, number>): string {
  return Object.entries(bytes)
    .map(([name, value]) => `${name} ${megabytes(value)}`)
    .join(', ');
}

/** Prints first and last value and the slope of each series. */
function report(points: Point[], rows: number, per: number): void {
  const warm = points.filter((point) => point.rows >= WARM * rows);
  for (const name of Object.keys(warm.at(-1)?.bytes ?? {})) {
    const values = warm.map(({ rows: x, bytes }) => [x, bytes[name] ?? 0] as const);
    print(
      `  ${name}: ${megabytes(values[0]![1])} at ${values[0]![0]} rows, ${megabytes(values.at(-1)![1])} at ${values.at(-1)![0]}; slope ${((slope(values) * per) / 1000).toFixed(2)} kB per ${per} rows`,
    );
  }
}

/** Least squares. */
function slope(values: readonly (readonly [number, number])[]): number {
  const mean = (of: (value: readonly [number, number]) => number) =>
    values.reduce((sum, value) => sum + of(value), 0) / values.length;
  const [x, y] = [mean(([a]) => a), mean(([, b]) => b)];
  const over = mean(([a, b]) => (a - x) * (b - y));
  const under = mean(([a]) => (a - x) ** 2);
  return under === 0 ? 0 : over / under;
}
