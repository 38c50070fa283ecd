/**
 * Checks that memory stays flat over a long run on a GPU: scores rows of a tiny model through Dawn, once with each
 * executor, and counts the bytes of all live GPU buffers and of the process (after a garbage collection with
 * `--expose-gc`).
 *
 * `npx tsx bench/soak-gpu.ts [rows] [ort|wgsl …]` (200, both). Needs a Vulkan driver: see CONTRIBUTING.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { countBuffers } from '../src/engine/device/buffer-count.ts';
import { Engine } from '../src/engine/engine.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { buildCase, referenceCases } from '../testing/reference-cases.ts';
import { inWords, type Point, printGrowth } from './growth.ts';

const ROWS_OF_BATCH = 4;
const POINTS = 200;
const rows = Number(process.argv[2] ?? 200);
const print = (line: string) => process.stdout.write(`${line}\n`);

const reference = referenceCases().find(({ name }) => name === 'tiny-a-nf4')!;
const directory = mkdtempSync(join(tmpdir(), 'tiebreak-soak-'));
await buildCase(reference, directory);
const asked = process.argv.slice(3);
for (const executor of ['ort', 'wgsl'] as const) {
  if (asked.length > 0 && !asked.includes(executor)) continue;
  const backend = await openNodeBackend('webgpu');
  if (backend.device !== 'webgpu') throw new Error('no GPU');
  const buffers = countBuffers(backend.gpuDevice);
  const pkg = await ModelPackage.open(new NodeDirectory(directory));
  const engine = await Engine.load(pkg, backend, { executor });
  await engine.setAdapter('adapter');
  const points: Point[] = [];
  const every = Math.max(1, Math.floor(rows / ROWS_OF_BATCH / POINTS));
  for (let batch = 0; batch < rows / ROWS_OF_BATCH; batch += 1) {
    // A few lengths in turn: ONNX Runtime keeps buffers for each, which is not growth.
    const length = 8 * (5 - (batch % 5));
    const ids = Int32Array.from({ length }, (_, i) => 3 + ((i * 7 + batch) % 500));
    await engine.logits(Array.from({ length: ROWS_OF_BATCH }, () => ids));
    if (batch % every !== every - 1) continue;
    globalThis.gc?.();
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    const bytes = { 'GPU buffers': buffers.live, 'JS heap': heapUsed, arrayBuffers, process: rss };
    points.push({ rows: (batch + 1) * ROWS_OF_BATCH, bytes });
  }
  print(
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${executor}, ${rows} rows on ${engine.info.computesOn}; GPU buffers at most: ${inWords({ peak: buffers.peak })}`,
  );
  printGrowth(points, rows, 1000);
  await engine.dispose();
  print(`  ${buffers.live} bytes are left when the engine is disposed of`);
}
rmSync(directory, { recursive: true });
process.exit(0);
