/**
 * Measures ONNX Runtime's allocations on the GPU beside our own buffers, by kind of tensor. Needs a Vulkan driver; for
 * SwiftShader set VK_ICD_FILENAMES to its manifest (Chromium has one).
 *
 * `npx tsx bench/gpu-bytes.ts [tiny-a|tiny-d] [ROWS] [TOKENS]`
 */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { countBuffers } from '../src/engine/device/buffer-count.ts';
import { Engine } from '../src/engine/engine.ts';
import { planMemory } from '../src/engine/planning/gpu-memory.ts';
import type { Adapter } from '../src/model/adapter.ts';
import type { LinearName } from '../src/model/layer.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { buildCase, referenceCases } from '../testing/reference-cases.ts';

const [model = 'tiny-a'] = process.argv.slice(2);
const [rows = 4, length = 256] = process.argv.slice(3).map(Number);
const print = (line: string) => process.stdout.write(`${line}\n`);
for (const reference of referenceCases().filter(({ name }) => name === `${model}-nf4`)) {
  const directory = mkdtempSync(join(tmpdir(), 'tiebreak-gpu-bytes-'));
  await buildCase(reference, directory);
  const pkg = await ModelPackage.open(new NodeDirectory(directory));
  const backend = await openNodeBackend('webgpu');
  if (backend.device !== 'webgpu') throw new Error('no GPU');
  const count = countBuffers(backend.gpuDevice);
  const engine = await Engine.load(pkg, backend, { executor: 'ort', precision: 'float32' });
  await engine.setAdapter('adapter');
  const loaded = count.live;
  const ids = Int32Array.from({ length }, (_, i) => 3 + (i % 500));
  for (let batch = 0; batch < 3; batch += 1) await engine.logits(Array(rows).fill(ids));
  const plan = planMemory({
    config: pkg.config,
    quantization: pkg.manifest.quantization,
    precision: 'float32',
    adapterBytes: engine.info.adapterBytes,
    loraTargets: targetsOf(await pkg.adapter('adapter')),
    resident: 'all',
    maxLength: length,
    batchTokens: rows * length,
    limits: backend.gpu,
  });
  print(
    `${reference.name}, ${rows} x ${length}: weights ${loaded}, planned ${plan.weightBytes + plan.adapterBytes}`,
  );
  print(`  peak ${count.peak}, planned ${plan.peakBytes}; batch alone ${count.peak - loaded}`);
  const sizes = new Map<number, number>();
  for (const bytes of count.sizes()) sizes.set(bytes, (sizes.get(bytes) ?? 0) + 1);
  for (const [bytes, n] of [...sizes].sort(([a], [b]) => b - a).slice(0, 14))
    print(`  ${n} x ${bytes}`);
}
process.exit(0);

function targetsOf({ layers }: Adapter): Set<LinearName> {
  return new Set(layers.flatMap((layer) => [...layer.keys()]));
}
