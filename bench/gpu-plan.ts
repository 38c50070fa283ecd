/**
 * Runs self-test, memory plan and low-memory mode on a GPU with layers of 9B shape and random weights. For a GPU host:
 * bundle with `npx esbuild bench/gpu-plan.ts --bundle --platform=node --format=esm --external:webgpu
 * --external:onnxruntime-web`.
 */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { countBuffers } from '../src/engine/device/buffer-count.ts';
import { Engine } from '../src/engine/engine.ts';
import { planMemory } from '../src/engine/planning/gpu-memory.ts';
import type { Resident } from '../src/engine/planning/layers.ts';
import type { Precision } from '../src/model/formats/quantization.ts';
import { MANIFEST } from '../src/model/manifest-name.ts';
import { ModelPackage } from '../src/model/package.ts';
import { computeSelfTest, SELF_TEST } from '../src/model/selftest.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { config9b, writeSyntheticPackage } from '../testing/synthetic.ts';

const LAYERS = 4;

const print = (line: string) => process.stdout.write(`${line}\n`);
const since = (start: number) => ((performance.now() - start) / 1000).toFixed(2);
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(3)} GB`;

const directory = mkdtempSync(join(tmpdir(), 'tiebreak-gpu-plan-'));
const writing = performance.now();
await writeSyntheticPackage(directory, config9b(LAYERS, 2000), 1);
print(`${LAYERS} layers written in ${since(writing)} s`);
const testing = performance.now();
const test = await computeSelfTest(await ModelPackage.open(new NodeDirectory(directory)));
const text = JSON.stringify(test);
writeFileSync(join(directory, SELF_TEST), text);
const manifest = JSON.parse(readFileSync(join(directory, MANIFEST), 'utf8'));
manifest.files[SELF_TEST] = { bytes: text.length, sha256: '0'.repeat(64) };
writeFileSync(join(directory, MANIFEST), JSON.stringify(manifest));
print(`self-test of ${test?.layers.length} layers computed in ${since(testing)} s`);

await measure('float16', 'all', 1, 2048);
await measure('float16', 'all', 5, 512);
await measure('float32', 'all', 1, 2048);
await measure('float16', 0, 1, 2048);
await measure('float16', 'all', 1, 4096);
process.exit(0);

async function measure(precision: Precision, resident: Resident, rows: number, length: number) {
  const pkg = await ModelPackage.open(new NodeDirectory(directory));
  const backend = await openNodeBackend('webgpu');
  if (backend.device !== 'webgpu') throw new Error('no GPU');
  const count = countBuffers(backend.gpuDevice);
  const loading = performance.now();
  const engine = await Engine.load(pkg, backend, { precision, resident });
  await engine.setAdapter(null);
  const loaded = since(loading);
  await engine.selfTest();
  const ids = Int32Array.from({ length }, (_, i) => 3 + ((i * 7) % 1900));
  const batch = Array<Int32Array>(rows).fill(ids);
  const seconds: string[] = [];
  let logits = new Float32Array();
  for (let i = 0; i < 3; i += 1) {
    const start = performance.now();
    logits = await engine.logits(batch);
    seconds.push(since(start));
  }
  const plan = planMemory({
    config: pkg.config,
    quantization: 'nf4',
    precision,
    adapterBytes: engine.info.adapterBytes,
    loraTargets: new Set(),
    resident,
    maxLength: length,
    batchTokens: rows * length,
    limits: backend.gpu,
  });
  print(
    `${precision}, resident ${resident}, ${rows} x ${length}: loaded in ${loaded} s; self-test ${engine.info.selfTest?.toExponential(1)}; batches ${seconds.join(', ')} s, ${Math.round((rows * length * LAYERS) / Number(seconds.at(-1)))} tokens x layers/s; peak ${gigabytes(count.peak)}, planned ${gigabytes(plan.peakBytes)}; logits ${[...logits.subarray(0, 3)].map((x) => x.toFixed(4)).join(', ')}`,
  );
  backend.close();
}
