import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Engine } from '../../../src/engine/engine.ts';
import { DeviceLayers } from '../../../src/engine/executor/device-layers.ts';
import { loadWgslAdapter } from '../../../src/engine/wgsl/adapter.ts';
import { WgslModel } from '../../../src/engine/wgsl/model.ts';
import { EmbeddingTable } from '../../../src/model/embedding-table.ts';
import { pooledLength } from '../../../src/model/heads/head.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { NodeDirectory } from '../../../src/storage/node-file.ts';
import {
  buildCase,
  type FamilyCase,
  familyCases,
  largestDifference,
} from '../../../testing/reference-cases.ts';
import { rowsOf, tokenRows } from '../../../testing/token-rows.ts';
import { openTestGpu, sharedTestGpu } from '../../../testing/wgsl/gpu.ts';

const TOLERANCE = 1e-3;
const TIMEOUT = 600_000; // software devices compile slowly
const folder = mkdtempSync(join(tmpdir(), 'tiebreak-wgsl-families-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const backend = await sharedTestGpu();
const withGpu = describe.skipIf(backend === null);

// One is enough here: it has SiLU, norms of heads, no norms of outputs and one label. kernels.test.ts has biases.
const QUICK = ['qwen3-a-nf4'];
// Dense weights differ in one product only, which the models of model.test.ts have too.
const cases = familyCases().filter(({ quant }) => quant !== 'none');
const quick = cases.filter(({ name }) => QUICK.includes(name));
withGpu.each(quick)('$name in our kernels', (reference) => inFloat32(reference));
withGpu.each(cases.filter((reference) => !quick.includes(reference)))(
  '$name in our kernels',
  { tags: ['slow'] },
  (reference) => inFloat32(reference),
);

// Its graphs are those of the CPU, where every family runs. This one has norms of heads and two kinds of rotary
// positions.
const ON_ORT = ['gemma3-a-nf4'];
withGpu('ONNX Runtime on a GPU', { tags: ['slow'] }, () => {
  test.each(cases.filter(({ name }) => ON_ORT.includes(name)))(
    '$name gives the reference',
    async (reference) => {
      const directory = join(folder, `${reference.name}-ort`);
      await buildCase(reference, directory);
      const pkg = await ModelPackage.open(new NodeDirectory(directory));
      const options = { executor: 'ort', precision: 'float32' } as const;
      const engine = await Engine.load(pkg, (await openTestGpu())!, options);
      for (const [name, expected] of reference.expected) {
        await engine.setAdapter(name);
        const logits = rowsOf(await engine.logits(tokenRows(reference.tokens)), engine.labels);
        const difference = largestDifference(logits, expected);
        console.warn(`${reference.name}, adapter ${name}, ORT: ${difference.toExponential(1)}`);
        expect(difference).toBeLessThan(TOLERANCE);
      }
      await engine.dispose();
    },
    TIMEOUT,
  );
});

function inFloat32(reference: FamilyCase) {
  const gpu = backend!;

  test(
    'logits are the reference',
    async () => {
      const directory = join(folder, reference.name);
      await buildCase(reference, directory);
      const pkg = await ModelPackage.open(new NodeDirectory(directory));
      const layers = await DeviceLayers.load(pkg, gpu, 'float32', {});
      const embedding = EmbeddingTable.open(pkg);
      const model = await WgslModel.create({
        pkg,
        backend: gpu,
        layers,
        embedding,
        variant: 'float32',
      });
      const rows = tokenRows(reference.tokens).map((ids) =>
        ids.subarray(0, pooledLength(ids, pkg.config)),
      );
      for (const [name, expected] of reference.expected) {
        const adapter = await loadWgslAdapter(pkg, gpu, name);
        const logits = await gpu.guard.run(() => model.forward(rows, [adapter]));
        const difference = largestDifference(rowsOf(logits, adapter.outputs), expected);
        console.warn(`${reference.name}, adapter ${name}: ${difference.toExponential(1)}`);
        expect(difference).toBeLessThan(TOLERANCE);
        adapter.tensors.release();
      }
      model.dispose();
      layers.dispose();
    },
    TIMEOUT,
  );
}
