import { describe, expect, test } from 'vitest';
import { Engine, type LoadOptions } from '../../src/engine/engine.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { builtPackage } from '../../testing/checkpoints.ts';
import { largestDifference } from '../../testing/reference-cases.ts';
import { rowsOf } from '../../testing/token-rows.ts';
import { openTestGpu, sharedTestGpu } from '../../testing/wgsl/gpu.ts';

const gpu = await openTestGpu();
gpu?.close();

const ids = (length: number, first: number) =>
  Int32Array.from({ length }, (_, i) => 3 + ((first + 7 * i) % 500));

// Batches of different shapes, no two with the same rows; the first one repeats.
const batches = [
  [ids(20, 0), ids(17, 100), ids(9, 200)],
  [ids(12, 50)],
  [ids(33, 9), ids(33, 90)],
  [ids(20, 0), ids(17, 100), ids(9, 200)],
];

/** Logits [adapters, rows] of each batch, all submitted to one engine at once. */
async function logits(options: LoadOptions): Promise<number[][][]> {
  const pkg = await ModelPackage.open(await builtPackage('tiny-a/base-bnb-4bit'));
  const open = options.executor === 'wgsl' ? sharedTestGpu : openTestGpu;
  const engine = await Engine.load(pkg, (await open())!, options);
  try {
    await engine.setAdapters([null, 'adapter']);
    const { executor, residentLayers, streamedBytes } = engine.info;
    expect({ executor, residentLayers }).toEqual({
      executor: options.executor,
      residentLayers: options.resident ?? 4,
    });
    expect(streamedBytes > 0).toBe(options.resident !== undefined);
    return (await Promise.all(batches.map((rows) => engine.logits(rows)))).map((flat) =>
      rowsOf(flat),
    );
  } finally {
    await engine.dispose();
  }
}

// Both take long on a software GPU.
const options = { tags: ['slow'], timeout: 600_000 };
describe.skipIf(gpu === null)('low-memory mode on a GPU', options, () => {
  test.each(['wgsl', 'ort'] as const)(
    '%s: layers that are read for every batch give the logits of all-resident ones',
    async (executor) => {
      const all = await logits({ executor, precision: 'float32' });
      // Layers and adapters matter: no two batches or adapters have the same logits.
      expect(largestDifference(all[0]!.slice(0, 3), all[0]!.slice(3))).toBeGreaterThan(0.1);
      expect(largestDifference([all[0]![0]!], [all[1]![0]!])).toBeGreaterThan(0.1);
      for (const resident of [0, 1]) {
        const streamed = await logits({ executor, precision: 'float32', resident });
        const worst = streamed.map((batch, i) => largestDifference(batch, all[i]!));
        console.warn(`${executor}, ${resident} of 4 layers stay: ${Math.max(...worst)} in a logit`);
        for (const difference of worst) expect(difference).toBeLessThanOrEqual(1e-4);
      }
    },
  );
});
