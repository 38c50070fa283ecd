import { beforeAll, describe, expect, test } from 'vitest';
import { countBuffers } from '../../../src/engine/device/buffer-count.ts';
import { Engine, type LoadOptions } from '../../../src/engine/engine.ts';
import { planMemory } from '../../../src/engine/planning/gpu-memory.ts';
import { planWgslMemory } from '../../../src/engine/wgsl/memory.ts';
import { INPUT_GROUPS, LINEAR_NAMES } from '../../../src/model/layer.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { builtPackage } from '../../../testing/checkpoints.ts';
import { type GptqForm, gptqPackage } from '../../../testing/gptq.ts';
import { largestDifference } from '../../../testing/reference-cases.ts';
import { rowsOf } from '../../../testing/token-rows.ts';
import { openTestGpu } from '../../../testing/wgsl/gpu.ts';

const ACT_ORDER: GptqForm = { bits: 8, group: 32, actOrder: true, storesOneLess: true };
const FORMS = [null, ACT_ORDER];
const ids = (length: number) => Int32Array.from({ length }, (_, i) => 3 + (i % 500));

/** Loads a model on a separate device, whose buffers are counted from the start. */
async function load(model: string, options: LoadOptions = {}, form: GptqForm | null = null) {
  const backend = await openTestGpu();
  if (backend === null) return null;
  const count = countBuffers(backend.gpuDevice);
  const pkg =
    form === null
      ? await ModelPackage.open(await builtPackage(`${model}/base-bnb-4bit`))
      : await gptqPackage(model, form, 'keep');
  const engine = await Engine.load(pkg, backend, { executor: 'ort', ...options });
  await engine.setAdapter('adapter');
  return { backend, count, pkg, engine };
}

const gpu = await openTestGpu();

describe.skipIf(gpu === null)('own kernels on a GPU', { timeout: 600_000 }, () => {
  test.each(FORMS)('the plan is close to the allocation, and never below it (%o)', async (form) => {
    const [length, rows] = [64, 2];
    const { backend, count, pkg, engine } = (await load('tiny-a', { executor: 'wgsl' }, form))!;
    const { info } = engine;
    const batch = Array.from({ length: rows }, (_, r) => ids(length).map((id) => id + r));
    await engine.logits(batch);
    const { layers } = await pkg.adapter('adapter');
    const ranks = layers.flatMap((layer) =>
      INPUT_GROUPS.map((group) =>
        group.reduce((sum, name) => sum + (layer.get(name)?.rank ?? 0), 0),
      ),
    );
    const plan = planWgslMemory({
      config: pkg.config,
      variant: 'float32',
      quantization: pkg.manifest.quantization,
      weightBytes: info.weightBytes - info.adapterBytes,
      adapterBytes: info.adapterBytes,
      adapters: 1,
      rank: Math.max(...ranks),
      maxLength: length,
      batchTokens: rows * length,
      limits: backend.gpu,
    });
    console.warn(`own kernels: planned ${plan.peakBytes}, allocated ${count.peak} bytes`);
    expect(plan.peakBytes).toBeGreaterThanOrEqual(count.peak);
    expect(plan.peakBytes / count.peak).toBeLessThan(1.05);
    await engine.dispose();
  });
});

// ONNX Runtime on a software GPU takes a minute and a half; e2e/ also runs it in Chromium.
const options = { tags: ['slow'], timeout: 600_000 };
describe.skipIf(gpu === null)('ONNX Runtime on a GPU', options, () => {
  test.each([
    ['tiny-a', 2, 128, null],
    ['tiny-d', 4, 64, null],
    ['tiny-a', 2, 128, ACT_ORDER],
  ])(
    '%s, %i rows of %i tokens: the plan is what is allocated (%o)',
    async (model, rows, length, form) => {
      const { backend, count, pkg, engine } = (await load(model, {}, form))!;
      const { adapterBytes } = engine.info;
      const loaded = count.live;
      for (let batch = 0; batch < 2; batch += 1) await engine.logits(Array(rows).fill(ids(length)));
      const { layers } = await pkg.adapter('adapter');
      const plan = planMemory({
        config: pkg.config,
        quantization: pkg.manifest.quantization,
        precision: 'float32',
        adapterBytes,
        loraTargets: new Set(
          LINEAR_NAMES.filter((name) => layers.some((layer) => layer.has(name))),
        ),
        resident: 'all',
        maxLength: length,
        batchTokens: rows * length,
        limits: backend.gpu,
      });
      console.warn(`${model}: planned ${plan.peakBytes}, allocated ${count.peak} bytes`);
      expect(plan.weightBytes + plan.adapterBytes).toBe(loaded);
      expect(Math.abs(plan.peakBytes / count.peak - 1)).toBeLessThan(0.1);
      await engine.dispose();
    },
  );

  test('heads in groups give the same logits, batch after batch', async () => {
    const rows = [40, 33, 17].map(ids);
    const logits = async (options: LoadOptions) => {
      const { engine } = (await load('tiny-d', options))!;
      await engine.logits(rows);
      const out = rowsOf(await engine.logits(rows));
      await engine.dispose();
      return out;
    };
    const all = await logits({});
    const scores = 3 * 4 * 4 * 64 ** 2;
    expect(largestDifference(await logits({ maxScoreBytes: scores / 4 }), all)).toBeLessThan(1e-4);
  });

  let lost: NonNullable<Awaited<ReturnType<typeof load>>>;
  beforeAll(async () => {
    lost = (await load('tiny-a'))!;
  });

  test('a device that is lost in the middle gives an error and no numbers', async () => {
    await lost.engine.logits([ids(8)]);
    const answer = lost.engine.logits([ids(64)]);
    lost.backend.gpuDevice.destroy();
    await expect(answer).rejects.toMatchObject({ code: 'gpu/lost' });
    await expect(lost.engine.logits([ids(8)])).rejects.toMatchObject({ code: 'gpu/lost' });
  });
});
