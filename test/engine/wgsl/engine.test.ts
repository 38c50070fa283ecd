import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import { Engine, type EngineInfo, type LoadOptions } from '../../../src/engine/engine.ts';
import { refusalsText } from '../../../src/engine/executor/executor.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { SELF_TEST } from '../../../src/model/selftest.ts';
import { NodeDirectory } from '../../../src/storage/node-file.ts';
import {
  buildCase,
  largestDifference,
  referenceCases,
  TOLERANCE,
} from '../../../testing/reference-cases.ts';
import { rowsOf, tokenRows } from '../../../testing/token-rows.ts';
import { openTestGpu, sharedTestGpu } from '../../../testing/wgsl/gpu.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-wgsl-engine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gpu = await sharedTestGpu();

async function load(
  directory: string,
  options: LoadOptions = {},
  backend = sharedTestGpu(),
): Promise<Engine> {
  const pkg = await ModelPackage.open(new NodeDirectory(directory));
  return Engine.load(pkg, (await backend)!, options);
}

// A software GPU compiles for half a minute for each of these, which add little to the other tests.
const SLOW = { tags: ['slow'] };

describe.skipIf(gpu === null)('own kernels in the engine', { timeout: 600_000 }, () => {
  const cases = referenceCases().filter(({ name }) => /^tiny-[ad]-nf4$/.test(name));
  const directoryOf = (name: string) => join(folder, name);
  beforeAll(async () => {
    for (const reference of cases) await buildCase(reference, directoryOf(reference.name));
  });

  test.each(cases)(
    '$name is chosen, passes its self-test and gives the reference',
    SLOW,
    async (of) => {
      const engine = await load(directoryOf(of.name), { precision: 'float32' });
      expect(engine.info).toMatchObject({ executor: 'wgsl', variant: 'float32', refusals: [] });
      expect(engine.info.selfTest).toBeLessThan(1e-3);
      expect(engine.info.peakBytes).toBeGreaterThan(engine.info.weightBytes);
      const rows = tokenRows(of.tokens);
      await engine.setAdapters([null, 'adapter']);
      const logits = rowsOf(await engine.logits(rows));
      const [none, adapter] = [logits.slice(0, rows.length), logits.slice(rows.length)];
      expect(largestDifference(none, of.expected.none)).toBeLessThan(TOLERANCE);
      expect(largestDifference(adapter, of.expected.adapter)).toBeLessThan(TOLERANCE);
      await engine.dispose();
    },
  );

  test('batches submitted before the previous one has finished get their own logits', async () => {
    const [{ name, tokens }] = cases as [(typeof cases)[0]];
    const [, , ...a] = tokenRows(tokens);
    const b = a.slice(0, 2).reverse();
    const engine = await load(directoryOf(name));
    await engine.setAdapter('adapter');
    const alone = [await engine.logits(a), await engine.logits(b), await engine.logits(a)];
    const stop = new AbortController();
    const together = [engine.logits(a), engine.logits(b), engine.logits(a)];
    const cancelled = engine.logits(b, stop.signal);
    stop.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(await Promise.all(together)).toEqual(alone);
    // Work in flight finishes before the device is released.
    const last = engine.logits(b);
    await engine.dispose();
    expect(await last).toEqual(alone[1]);
  });

  test('layers of one model on two devices give the logits of one', {
    timeout: 600_000,
  }, async () => {
    const [{ name, tokens }] = cases as [(typeof cases)[0]];
    const rows = tokenRows(tokens).slice(2);
    const whole = await load(directoryOf(name));
    await whole.setAdapters([null, 'adapter']);
    const expected = rowsOf(await whole.logits(rows));
    const { layers: to, weightBytes, adapterBytes } = whole.info;
    const layer = (weightBytes - adapterBytes) / to;
    // The second device streams its three layers.
    const halves = [
      await load(directoryOf(name), { layers: { from: 0, to: 1 } }),
      await load(directoryOf(name), { layers: { from: 1, to }, resident: 0 }, openTestGpu()),
    ] as const;
    for (const half of halves) await half.setAdapters([null, 'adapter']);
    const [one, other] = halves.map(({ info }) => info) as [EngineInfo, EngineInfo];
    expect(one).toMatchObject({ range: { from: 0, to: 1 }, residentLayers: 1, streamedBytes: 0 });
    expect(other).toMatchObject({ range: { from: 1, to }, streamedBytes: 3 * layer });
    expect(one.weightBytes - one.adapterBytes).toBe(layer);
    expect(other.weightBytes - other.adapterBytes).toBe(2 * layer);
    // The first layer has no LoRA, so only the score heads remain.
    expect(one.adapterBytes).toBeLessThan(other.adapterBytes);
    // Both halves pass the self-test, whichever layers it uses.
    expect(Math.max(one.selfTest!, other.selfTest!)).toBeLessThan(1e-3);
    const logits: number[][] = [];
    for (const adapter of [0, 1]) {
      const hidden = await halves[0].parts!.hiddenAfter(rows, 1, undefined, undefined, adapter);
      const start = { layer: 1, hidden };
      logits.push(...rowsOf(await halves[1].parts!.logitsAfter(rows, start, undefined, adapter)));
    }
    expect(largestDifference(logits, expected)).toBeLessThan(1e-4);
    for (const half of halves) await half.dispose();
    await expect(
      load(directoryOf(name), { layers: { from: 0, to: 1 }, executor: 'ort' }),
    ).rejects.toMatchObject({ code: 'gpu/kernels', message: /runs all layers or none/ });
    await whole.dispose();
  });

  test('ONNX Runtime where it is asked for', SLOW, async () => {
    const [{ name, tokens }] = cases as [(typeof cases)[0]];
    const rows = tokenRows(tokens);
    const logits = async (options: LoadOptions) => {
      const engine = await load(directoryOf(name), options);
      await engine.setAdapter('adapter');
      const out = rowsOf(await engine.logits(rows));
      const { info } = engine;
      await engine.dispose();
      return { out, info };
    };
    const all = await logits({});
    const ort = await logits({ executor: 'ort' });
    expect(ort.info).toMatchObject({ executor: 'ort', variant: null, refusals: [] });
    expect(largestDifference(ort.out, all.out)).toBeLessThan(TOLERANCE);
  });

  test(
    'a variant refused by the self-test is not chosen, and the refusal is reported',
    SLOW,
    async () => {
      const directory = directoryOf('wrong');
      cpSync(directoryOf(cases[0]!.name), directory, { recursive: true });
      const path = join(directory, SELF_TEST);
      const selfTest = JSON.parse(readFileSync(path, 'utf8'));
      selfTest.layers[0].values[0] += selfTest.layers[0].rms;
      writeFileSync(path, JSON.stringify(selfTest));
      const engine = await load(directory, { precision: 'float32' });
      expect(engine.info.executor).toBe('ort');
      expect(refusalsText(engine.info.refusals)).toMatch(
        /^own kernels \(float32\): .* computes this model wrongly in float32/,
      );
      // ONNX Runtime computes the same, so the test fails there too.
      await expect(engine.selfTest()).rejects.toMatchObject({ code: 'engine/self-test' });
      await engine.dispose();
      await expect(load(directory, { executor: 'wgsl' })).rejects.toMatchObject({
        code: 'gpu/kernels',
      });
    },
  );

  test('int8 is computed where it is asked for, and nothing else in its place', async () => {
    const [{ name, tokens, expected }] = cases as [(typeof cases)[0]];
    const engine = await load(directoryOf(name), { precision: 'int8' });
    expect(engine.info).toMatchObject({ executor: 'wgsl', variant: 'int8', precision: 'int8' });
    expect(engine.info.selfTest).toBeGreaterThan(1e-3);
    await engine.setAdapter('adapter');
    const rows = tokenRows(tokens);
    const off = largestDifference(rowsOf(await engine.logits(rows)), expected.adapter);
    console.warn(`int8: ${off.toExponential(1)} in a logit, self-test ${engine.info.selfTest}`);
    // Rounded, but still the same model: logits of this one are about 5.6.
    expect(off).toBeGreaterThan(1e-3);
    expect(off).toBeLessThan(2);
    await engine.dispose();
    await expect(
      load(directoryOf(name), { precision: 'int8', executor: 'ort' }),
    ).rejects.toMatchObject({ code: 'gpu/kernels' });
    const pkg = await ModelPackage.open(new NodeDirectory(directoryOf(name)));
    const cpu = await openNodeBackend('wasm');
    await expect(Engine.load(pkg, cpu, { precision: 'int8' })).rejects.toMatchObject({
      code: 'gpu/kernels',
    });
  });

  test('where a self-test loses the device it is opened anew for the next executor', async () => {
    const pkg = await ModelPackage.open(new NodeDirectory(directoryOf(cases[0]!.name)));
    // A driver that crashes at our first kernel.
    const lost = async () => {
      const backend = (await openTestGpu())!;
      backend.gpuDevice.createComputePipelineAsync = async () => {
        backend.gpuDevice.destroy();
        throw new Error('the driver died');
      };
      return backend;
    };
    const options = { precision: 'float32', executor: 'auto' } as const;
    await expect(Engine.load(pkg, await lost(), options)).rejects.toMatchObject({
      code: 'gpu/lost',
    });
    let opened = 0;
    const reopen = async () => {
      opened += 1;
      return (await openTestGpu())!;
    };
    const engine = await Engine.load(pkg, await lost(), { ...options, reopen });
    expect(opened).toBe(1);
    expect(engine.info.executor).toBe('ort');
    expect(refusalsText(engine.info.refusals)).toMatch(
      /^own kernels \(float32\): The GPU was lost/,
    );
    await engine.setAdapter('adapter');
    expect(await engine.logits([Int32Array.of(2, 5, 1)])).toHaveLength(3);
    await engine.dispose();
  });

  test('a device without the features refuses the faster variants', async () => {
    const directory = directoryOf(cases[0]!.name);
    const variants = ['subgroup-matrix', 'float32'] as const;
    const backend = (await sharedTestGpu())!;
    if (backend.gpuDevice.features.has('shader-f16')) return;
    const pkg = await ModelPackage.open(new NodeDirectory(directory));
    const engine = await Engine.load(pkg, backend, { variants });
    expect(engine.info).toMatchObject({ executor: 'wgsl', variant: 'float32' });
    expect(engine.info.refusals).toEqual([
      expect.objectContaining({
        executor: 'wgsl',
        variant: 'subgroup-matrix',
        reason: 'the device has no shader-f16',
      }),
    ]);
    await engine.dispose();
  });
});
