/**
 * Benches the whole model in the page: serves a generated package to Chromium, where the engine's worker computes
 * batches of it, once in each precision and once with ONNX Runtime. The time includes everything between the page and
 * the GPU.
 *
 * `npx tsx bench/wgsl/page.ts [--layers 42] [--shape 9b|small] [--ways auto,float32,int8,ort] [--software]`, after `npm
 * run build`. `CHROME_PATH` names another browser, `--software` takes SwiftShader (with `--shape small`: it is slow),
 * `$OUT` a folder for `wgsl-page.json`.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import type { ModelRequest } from '../../src/scoring/lanes/model-request.ts';
import { chromiumArgs, chromiumPath } from '../../testing/browser/chromium.ts';
import { HARNESS_PORT } from '../../testing/browser/settings.ts';
import type { Harness } from '../../testing/harness/harness.ts';
import { writeSyntheticPackage } from '../../testing/synthetic.ts';
import { reachable } from '../reachable.ts';
import { addSyntheticAdapter } from '../synthetic-adapter.ts';
import {
  attempt,
  configOf,
  LORA,
  operationsPerToken,
  options,
  print,
  randomRows,
  results,
  small,
} from './context.ts';

declare const window: Window & { harness: Harness };

// Names the file of results.
options.sections = 'page';
const layers = small ? 2 : Number(options.layers);
const lengths = small ? [[64, 60]] : [Array(4).fill(1024), Array(8).fill(512), [2048, 2048]];
const batches = lengths.map((of: number[]) => randomRows(of, small ? 512 : 8192));
const ways = options.ways
  .split(',')
  .map(
    (way): Pick<ModelRequest, 'executor' | 'precision'> =>
      way === 'ort'
        ? { executor: 'ort' }
        : { executor: 'wgsl', precision: way as ModelRequest['precision'] },
  );

const url = `http://localhost:${HARNESS_PORT}/`;
const name = 'bench-model';
const directory = fileURLToPath(new URL(`../../.cache/harness/${name}`, import.meta.url));
const server = spawn(process.execPath, ['--import', 'tsx', 'testing/browser/server.ts'], {
  stdio: 'ignore',
});
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: chromiumArgs(options.software ? 'software' : 'machine'),
});
try {
  // The server empties the folder when it starts.
  await reachable(url);
  await mkdir(directory, { recursive: true });
  await writeSyntheticPackage(directory, configOf(layers), 7);
  await addSyntheticAdapter(directory, { ...LORA, firstLayer: Math.floor((layers * 16) / 42) });
  results.date = new Date().toISOString();
  results.browser = browser.version();
  print(`${results.date}, Chromium ${results.browser}, ${layers} layers`);
  for (const way of ways) {
    const title = [way.executor, way.precision].filter(Boolean).join(' ');
    await attempt('model', title, () => measure(title, way));
  }
} finally {
  await browser.close();
  server.kill();
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);

async function measure(title: string, way: (typeof ways)[0]): Promise<void> {
  const page = await browser.newPage();
  await page.goto(url);
  const request = { ...way, source: { kind: 'url', url: `${url}${name}/` }, device: 'webgpu' };
  const rows = batches.map((batch) => batch.map((row) => [...row]));
  const { info, milliseconds } = await page.evaluate(
    ([request, rows, adapter, ms]) => window.harness.batchTimes(request, [adapter], rows, ms),
    [request as ModelRequest, rows, LORA.name, small ? 1 : 1000] as const,
  );
  await page.close();
  const as = `${info.executor} ${info.variant ?? ''} ${info.precision} on ${info.computesOn}`;
  print(`${title} is ${as}`);
  for (const [i, [first, ...times]] of milliseconds.entries()) {
    const ms = times.sort((a, b) => a - b)[times.length >> 1]!;
    const tokens = lengths[i]!.reduce((sum, length) => sum + length, 0);
    const rate = (tokens / ms) * 1000;
    const tflops = (operationsPerToken() * layers * tokens) / ms / 1e9;
    const shape = `${lengths[i]!.length} x ${lengths[i]![0]}`;
    results[`${title} ${shape}`] = { as, first, ms, rate, tflops };
    print(
      `  ${shape}: first ${first!.toFixed(0)} ms, then ${ms.toFixed(0)} ms, ${rate.toFixed(0)} tokens/s, ${tflops.toFixed(1)} TFLOP/s in the products`,
    );
  }
}
