import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeviceLayers } from '../../../src/engine/executor/device-layers.ts';
import { sharedPrefixes } from '../../../src/engine/planning/prefixes.ts';
import { loadWgslAdapter, type WgslAdapter } from '../../../src/engine/wgsl/adapter.ts';
import { WgslModel, type WgslModelParts } from '../../../src/engine/wgsl/model.ts';
import { EmbeddingTable } from '../../../src/model/embedding-table.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { NodeDirectory } from '../../../src/storage/node-file.ts';
import {
  buildCase,
  largestDifference,
  type ReferenceCase,
  referenceCases,
} from '../../../testing/reference-cases.ts';
import { rowsOf, tokenRows } from '../../../testing/token-rows.ts';
import { sharedTestGpu } from '../../../testing/wgsl/gpu.ts';

const TOLERANCE = 1e-3;
const TIMEOUT = 600_000; // software devices compile slowly
const folder = mkdtempSync(join(tmpdir(), 'tiebreak-wgsl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const backend = await sharedTestGpu();

// Dense weights differ only in one product, which kernels.test.ts covers.
const dense = referenceCases().filter(({ quant }) => quant === 'none');
const quantized = referenceCases().filter(({ quant }) => quant !== 'none');
const withGpu = describe.skipIf(backend === null);
withGpu.each(quantized)('$name in float32', (reference) => inFloat32(reference));
withGpu.each(dense)('$name in float32', { tags: ['slow'] }, (reference) => inFloat32(reference));

function inFloat32(reference: ReferenceCase) {
  const gpu = backend!;
  const rows = tokenRows(reference.tokens);
  // Enough where no reference is needed; a software device takes long for the others.
  const few = rows.slice(2);
  let model: WgslModel;
  const models: WgslModel[] = [];
  let create: (resident: 'all' | number, savings?: Partial<WgslModelParts>) => Promise<WgslModel>;
  let base: WgslAdapter;
  let adapter: WgslAdapter;

  beforeAll(async () => {
    const directory = join(folder, reference.name);
    await buildCase(reference, directory);
    const pkg = await ModelPackage.open(new NodeDirectory(directory));
    create = async (resident, savings = {}) => {
      const created = await WgslModel.create({
        pkg,
        backend: gpu,
        layers: await DeviceLayers.load(pkg, gpu, 'float32', { resident }),
        embedding: EmbeddingTable.open(pkg),
        variant: 'float32',
        ...savings,
      });
      models.push(created);
      return created;
    };
    model = await create('all');
    base = await loadWgslAdapter(pkg, gpu, null);
    adapter = await loadWgslAdapter(pkg, gpu, 'adapter');
  }, TIMEOUT);
  afterAll(() => {
    for (const created of models) created.dispose();
  });

  const logits = async (input: readonly Int32Array[], adapters: WgslAdapter[], m = model) =>
    rowsOf(await gpu.guard.run(() => m.forward(input, adapters)));

  test(
    'logits are the reference',
    async () => {
      const none = largestDifference(await logits(rows, [base]), reference.expected.none);
      const lora = largestDifference(await logits(rows, [adapter]), reference.expected.adapter);
      console.warn(`${reference.name}: ${none.toExponential(1)}, ${lora.toExponential(1)}`);
      expect(Math.max(none, lora)).toBeLessThan(TOLERANCE);
    },
    TIMEOUT,
  );

  // One model is enough for these, since they are slow on a software device.
  const once = test.skipIf(reference.name !== 'tiny-a-nf4');

  once(
    'several adapters share the layers below',
    async () => {
      const alone = [...(await logits(few, [base])), ...(await logits(few, [adapter]))];
      expect(await logits(few, [base, adapter])).toEqual(alone);
    },
    TIMEOUT,
  );

  once(
    'batches do not matter',
    async () => {
      const together = await logits(few, [adapter]);
      const alone: number[][] = [];
      for (const row of few) alone.push(...(await logits([row], [adapter])));
      expect(largestDifference(alone, together)).toBeLessThan(1e-4);
    },
    TIMEOUT,
  );

  once(
    'rows that begin alike share the computation',
    async () => {
      const long = Int32Array.from({ length: 60 }, (_, i) => 3 + ((i * 7) % 90));
      const other = long.map((id, i) => (i < 50 ? id : 3 + i));
      const input = [other, few[0]!, long, long.slice(0, 32), long.slice(0, 40)];
      expect(sharedPrefixes(input).filter(({ length }) => length > 0)).toHaveLength(3);
      const unshared = await create('all', { sharePrefixes: false });
      const expected = await logits(input, [adapter], unshared);
      expect(largestDifference(await logits(input, [adapter]), expected)).toBeLessThan(1e-5);
    },
    TIMEOUT,
  );

  once(
    'the last layer gives the same for pooled tokens alone as for all',
    async () => {
      const unpooled = await create('all', { poolLastLayer: false });
      const all = await logits(few, [base, adapter], unpooled);
      expect(largestDifference(await logits(few, [base, adapter]), all)).toBeLessThan(1e-5);
    },
    TIMEOUT,
  );

  once(
    'streamed layers give the same',
    async () => {
      const streamed = await create(1);
      const expected = await logits(few, [adapter]);
      expect(await logits(few, [adapter], streamed)).toEqual(expected);
      expect(await logits(few, [adapter], streamed)).toEqual(expected);
    },
    TIMEOUT,
  );
}
