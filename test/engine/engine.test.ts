import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/engine/device/backend.ts';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { Engine } from '../../src/engine/engine.ts';
import { type BuildOptions, buildPackage } from '../../src/import/build.ts';
import { bnb4Type, bnb4Values, openBnb4 } from '../../src/model/bnb4.ts';
import { openCheckpoint } from '../../src/model/checkpoint.ts';
import { tensorName } from '../../src/model/layer.ts';
import { MANIFEST } from '../../src/model/manifest-name.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { tensorBytes } from '../../src/model/safetensors.ts';
import type { MemoryFiles } from '../../src/storage/package-files.ts';
import { MemorySink } from '../../src/storage/sink.ts';
import {
  builtPackage,
  fixtureFiles,
  fixtureJson,
  memory,
  refusal,
  safetensors,
} from '../../testing/checkpoints.ts';
import { largestDifference, referenceCases, TOLERANCE } from '../../testing/reference-cases.ts';
import { stockLogits } from '../../testing/stock-adapter.ts';
import { rowsOf, tokenRows } from '../../testing/token-rows.ts';

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
    ['int4, int4 embedding', 'tiny-a/base', { quant: 'int4', embedding: 'int4' }],
    ['NF4 with scales in 8 bits', 'tiny-a/base', { quant: 'nf4', doubleQuant: true }],
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

test('weights rounded as bitsandbytes rounds them give what bitsandbytes computes', async () => {
  for (const model of ['tiny-a', 'tiny-d']) {
    const expected = fixtureJson(`${model}/expected-bnb-4bit.json`) as {
      input_ids: number[][];
      base_logits: number[][];
      adapter_logits: number[][];
    };
    const files = await roundedCheckpoint(model);
    const sink = new MemorySink();
    const adapters = [{ name: 'adapter', files: fixtureFiles(`${model}/adapter`) }];
    await buildPackage({ base: files, adapters, quant: 'none', name: model }, sink);
    const { engine } = await load(sink.files);
    for (const [adapter, logits] of [
      [null, expected.base_logits],
      ['adapter', expected.adapter_logits],
    ] as const) {
      await engine.setAdapter(adapter);
      const ours = rowsOf(await engine.logits(tokenRows(expected.input_ids)));
      const difference = largestDifference(ours, logits);
      console.warn(`${model}, adapter ${adapter ?? 'none'}: ${difference.toExponential(1)}`);
      expect(difference).toBeLessThan(TOLERANCE);
    }
  }
});

/** A fixture's bitsandbytes checkpoint with its linear layers dequantised and rounded to bfloat16. */
async function roundedCheckpoint(model: string): Promise<MemoryFiles> {
  const folder = fixtureFiles(`${model}/base-bnb-4bit`);
  const checkpoint = await openCheckpoint(folder);
  const tensors: Parameters<typeof safetensors>[0] = [];
  for (const entry of checkpoint.tensors.values()) {
    if (/weight\./.test(entry.name)) continue;
    const { name, dtype, shape } = entry;
    if (bnb4Type(checkpoint.tensors, name) === null) {
      tensors.push({ name, dtype, shape, data: await tensorBytes(entry) });
      continue;
    }
    const state = checkpoint.tensors.get(`${name}.quant_state.bitsandbytes__nf4`)!;
    const parsed = JSON.parse(new TextDecoder().decode(await tensorBytes(state)));
    const values = await bnb4Values(await openBnb4(checkpoint.tensors, name, parsed.shape));
    tensors.push({ name, dtype: 'BF16', shape: parsed.shape, data: toBfloat16(values) });
  }
  return memory({
    'config.json': checkpoint.configText,
    'model.safetensors': safetensors(tensors),
  });
}

/** Nearest bfloat16, ties to even. */
function toBfloat16(values: Float32Array<ArrayBuffer>): Uint16Array {
  const bits = new Uint32Array(values.buffer);
  return Uint16Array.from(bits, (b) => (b + 0x7fff + ((b >>> 16) & 1)) >>> 16);
}

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

  test('several adapters give the logits that each gives alone, and one stays loaded', async () => {
    const alone = [];
    for (const name of ['adapter', null]) {
      await engine.setAdapter(name);
      alone.push(...(await engine.logits(rows)));
    }
    await engine.setAdapters(['adapter', null]);
    expect(engine.info.adapter).toBe('mean of adapter, the base model');
    expect([...(await engine.logits(rows))]).toEqual(alone);
    await engine.setAdapter('adapter');
    expect([...(await engine.logits(rows))]).toEqual(alone.slice(0, rows.length * 3));
  });

  test('refuses no rows at all', async () => {
    expect((await refusal(engine.logits([]))).code).toBe('engine/tokens');
  });

  test('names the adapters that there are', async () => {
    const error = await refusal(engine.setAdapter('other'));
    expect(error.code).toBe('package/adapter');
    expect(error.message).toContain('no adapter “other”. Its adapters: adapter');
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
    // Fires at the third read: reads come before the first layer, after it, and after the second.
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

test('several adapters with soft caps of their own', async () => {
  const sink = new MemorySink();
  const adapters = ['one', 'two'].map((name) => ({ name, files: fixtureFiles('tiny-a/adapter') }));
  const base = fixtureFiles('tiny-a/base');
  await buildPackage({ base, adapters, quant: 'none', name: 'x' }, sink);
  const manifest = JSON.parse(new TextDecoder().decode(sink.files.files.get(MANIFEST)));
  manifest.adapters[1].softCap = null;
  sink.files.files.set(MANIFEST, new TextEncoder().encode(JSON.stringify(manifest)));
  const { engine } = await load(sink.files);
  await engine.setAdapters(['one', 'two']);
  const both = rowsOf(await engine.logits(rows));
  const [capped, free] = [both.slice(0, rows.length), both.slice(rows.length)];
  expect(largestDifference(capped, free)).toBeGreaterThan(0.1);
  await engine.setAdapter('two');
  expect(rowsOf(await engine.logits(rows))).toEqual(free);
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
