import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/engine/backend.ts';
import { openNodeBackend } from '../../src/engine/backend-node.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { BuildOptions } from '../../src/model/build.ts';
import { ModelPackage, tensorName } from '../../src/model/package.ts';
import type { MemoryFiles } from '../../src/storage/package-files.ts';
import { builtPackage, refusal } from '../model/helpers.ts';
import { largestDifference, referenceCases } from './reference-cases.ts';
import { rowsOf, tokenRows } from './rows.ts';
import { stockLogits } from './stock.ts';

const [{ tokens }] = referenceCases() as [ReturnType<typeof referenceCases>[0]];
const rows = tokenRows(tokens);

let backend: Backend;
beforeAll(async () => {
  backend = await openNodeBackend('wasm');
});

async function load(files: MemoryFiles): Promise<{ pkg: ModelPackage; engine: Engine }> {
  const pkg = await ModelPackage.open(files);
  return { pkg, engine: await Engine.load(pkg, backend) };
}

describe('the engine and the standard ONNX graph agree', () => {
  const variants: [string, string, Partial<BuildOptions>][] = [
    ['NF4 made by us, int8 embedding', 'tiny-a/base', { quant: 'nf4', embedding: 'int8' }],
    ['int4', 'tiny-a/base', { quant: 'int4' }],
    ['NF4 made dense', 'tiny-a/base-bnb-4bit', { quant: 'none' }],
    ['no soft cap', 'tiny-a/base', { quant: 'none', softCap: null }],
    ['a low soft cap', 'tiny-a/base', { quant: 'none', softCap: 5 }],
  ];
  test.each(variants)('%s', async (_, base, options) => {
    const { pkg, engine } = await load(await builtPackage(base, options));
    await engine.setAdapter('adapter');
    const ours = rowsOf(await engine.logits(rows));
    expect(engine.info.softCap).toBe(options.softCap === undefined ? 50 : options.softCap);
    const theirs = await stockLogits(backend, pkg, tokens, 'adapter');
    expect(largestDifference(ours, theirs)).toBeLessThan(1e-3);
    await engine.dispose();
  });

  test('the soft cap matters for these models', async () => {
    const logits = async (softCap: number | null) => {
      const { engine } = await load(await builtPackage('tiny-a/base', { quant: 'none', softCap }));
      await engine.setAdapter(null);
      return rowsOf(await engine.logits(rows));
    };
    expect(largestDifference(await logits(50), await logits(null))).toBeGreaterThan(0.1);
  });
});

describe('an engine', () => {
  let engine: Engine;
  beforeAll(async () => {
    const files = await builtPackage('tiny-a/base-bnb-4bit', { notice: 'Only a test.' });
    ({ engine } = await load(files));
    await engine.setAdapter('adapter');
  });

  test('says what it computes with', () => {
    const { adapter, device, precision, quantization, layers, gpu, notice } = engine.info;
    expect({ adapter, device, precision, quantization, layers, gpu, notice }).toEqual({
      adapter: 'adapter',
      device: 'wasm',
      precision: 'float32',
      quantization: 'nf4',
      layers: 4,
      gpu: null,
      notice: 'Only a test.',
    });
    expect(engine.info.weightBytes).toBeGreaterThan(70_000);
  });

  test.each([
    ['an id beyond the vocabulary', [[2, 1024, 1]], /Token id 1024 .* 1024/, 1],
    ['a negative id', [[2, 1], [-1]], /Token id -1/, 2],
    ['an empty row', [[2, 1], [2, 1], []], /no tokens/, 3],
    ['a row beyond the positions', [Array(8193).fill(2)], /8193 tokens; the model takes 8192/, 1],
  ])('refuses %s', async (_, bad, message, row) => {
    const error = await refusal(engine.logits(tokenRows(bad)));
    expect(error.code).toBe('engine/tokens');
    expect(error.message).toMatch(message);
    expect(error.place?.row).toBe(row);
  });

  test('refuses no rows at all', async () => {
    expect((await refusal(engine.logits([]))).code).toBe('engine/tokens');
  });

  test('names the adapters that there are', async () => {
    const error = await refusal(engine.setAdapter('other'));
    expect(error.code).toBe('package/adapter');
    expect(error.message).toContain('no adapter "other". Its adapters: adapter');
  });

  test('keeps its adapter and goes on after an error', async () => {
    const before = await engine.logits(rows);
    await refusal(engine.setAdapter('other'));
    await refusal(engine.logits([new Int32Array()]));
    expect(engine.info.adapter).toBe('adapter');
    expect(await engine.logits(rows)).toEqual(before);
  });

  test('does not start when cancelled before', async () => {
    const error = await refusal(engine.logits(rows, AbortSignal.abort()));
    expect(error.code).toBe('run/cancelled');
  });

  test('stops between layers when cancelled, and can go on', async () => {
    const { signal } = new AbortController();
    let looks = 0;
    // Fires at the third look: before the first layer, after it, after the second.
    Object.defineProperty(signal, 'aborted', {
      get() {
        looks += 1;
        return looks >= 3;
      },
    });
    expect((await refusal(engine.logits(rows, signal))).code).toBe('run/cancelled');
    expect(looks).toBe(3);
    expect((await engine.logits(rows)).length).toBe(3 * rows.length);
  });

  test('answers calls that were made at once, in their order', async () => {
    const alone: Float32Array[] = [];
    for (const row of rows) alone.push(await engine.logits([row]));
    const atOnce = await Promise.all(rows.map((row) => engine.logits([row])));
    expect(atOnce).toEqual(alone);
  });
});

test('weights that are not numbers are noticed', async () => {
  const files = await builtPackage('tiny-a/base', { quant: 'none' });
  const { tensors } = await ModelPackage.open(files);
  const { start } = tensors.get(tensorName.layer(2, 'input_layernorm.weight'))!;
  const shard = files.files.get('model-00001-of-00001.safetensors')!;
  new DataView(shard.buffer, shard.byteOffset).setFloat32(start, Number.NaN, true);
  const { engine } = await load(files);
  await engine.setAdapter('adapter');
  expect((await refusal(engine.logits(rows))).code).toBe('engine/not-finite');
});

test('without a score head there are no numbers', async () => {
  const files = await builtPackage('tiny-a/base', { quant: 'none' });
  const { engine, pkg } = await load(files);
  Object.defineProperty(pkg, 'tensors', {
    value: new Map([...pkg.tensors].filter(([name]) => name !== tensorName.score)),
  });
  expect((await refusal(engine.setAdapter(null))).code).toBe('model/no-score');
  await engine.setAdapter('adapter');
  expect((await engine.logits(rows)).length).toBe(3 * rows.length);
});

test('loading can be cancelled and tells how far it is', async () => {
  const pkg = await ModelPackage.open(await builtPackage('tiny-a/base', { quant: 'none' }));
  const seen: number[] = [];
  const cancel = new AbortController();
  const loading = Engine.load(pkg, backend, {
    signal: cancel.signal,
    onProgress: (layers, total) => {
      seen.push(layers / total);
      if (layers === 2) cancel.abort();
    },
  });
  expect((await refusal(loading)).code).toBe('run/cancelled');
  expect(seen).toEqual([0.25, 0.5]);
});

test('float16 is refused where it is not there', async () => {
  const pkg = await ModelPackage.open(await builtPackage('tiny-a/base'));
  const loading = Engine.load(pkg, backend, { precision: 'float16' });
  expect((await refusal(loading)).code).toBe('gpu/no-float16');
});
