import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/engine/device/backend.ts';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { BuildOptions } from '../../src/import/build.ts';
import { tensorName } from '../../src/model/layer.ts';
import { MANIFEST } from '../../src/model/manifest-name.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { computeSelfTest, readSelfTest, SELF_TEST } from '../../src/model/selftest.ts';
import type { MemoryFiles } from '../../src/storage/package-files.ts';
import { builtPackage, bytes, refusal } from '../../testing/checkpoints.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openNodeBackend('wasm');
});

async function tested(
  files: MemoryFiles,
  resident: 'all' | number = 'all',
): Promise<number | null> {
  const engine = await Engine.load(await ModelPackage.open(files), backend, { resident });
  await engine.selfTest();
  return engine.info.selfTest;
}

describe('the reference in plain arithmetic and the engine agree', () => {
  const variants: [string, string, Partial<BuildOptions>][] = [
    ['dense', 'base', { quant: 'none' }],
    ['NF4', 'base-bnb-4bit', {}],
    ['int4, int8 embedding', 'base', { quant: 'int4', embedding: 'int8' }],
    ['without a soft cap', 'base', { quant: 'none', softCap: null }],
  ];
  const cases = ['tiny-a', 'tiny-d'].flatMap((model) =>
    variants.map(
      ([name, base, options]) => [`${model} ${name}`, `${model}/${base}`, options] as const,
    ),
  );
  test.each(cases)('%s', async (_, base, options) => {
    const worst = await tested(await builtPackage(base, options));
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(1e-4);
  });

  test('with streamed layers', async () => {
    expect(await tested(await builtPackage('tiny-a/base-bnb-4bit'), 0)).toBeLessThan(1e-4);
  });
});

test('covers a sliding layer, a full one, one with LoRA, and the head', async () => {
  // The adapter of tiny-a has matrices in layers 2 and 3 only.
  const pkg = await ModelPackage.open(await builtPackage('tiny-a/base-bnb-4bit'));
  const selfTest = (await readSelfTest(pkg))!;
  expect(selfTest.layers.map(({ layer, adapter }) => [layer, adapter])).toEqual([
    [0, 'adapter'],
    [1, 'adapter'],
    [2, 'adapter'],
  ]);
  expect(selfTest.head?.adapter).toBe('adapter');
  expect(await computeSelfTest(pkg)).toEqual(selfTest);
  expect(pkg.manifest.files[SELF_TEST]!.bytes).toBeLessThan(20_000);
});

describe('a device that computes something else', () => {
  const spoil = async (change: (view: DataView, at: (name: string) => number) => void) => {
    const files = await builtPackage('tiny-a/base-bnb-4bit');
    const { tensors } = await ModelPackage.open(files);
    const shard = files.files.get('model-00001-of-00001.safetensors')!;
    change(new DataView(shard.buffer, shard.byteOffset), (name) => tensors.get(name)!.start);
    return refusal(tested(files));
  };

  test('by one scale in a hundred is refused by name', async () => {
    const error = await spoil((view, at) => {
      const first = at(tensorName.layer(0, 'mlp.down_proj.weight.absmax'));
      for (let i = 0; i < 3; i += 1) {
        view.setFloat32(first + 4 * i, 1.5 * view.getFloat32(first + 4 * i, true), true);
      }
    });
    expect(error.code).toBe('engine/self-test');
    expect(error.message).toMatch(/^CPU \(WebAssembly.* computes this model wrongly in float32/);
    expect(error.action).toContain('Choose the CPU');
  });

  test('that is not a number is refused', async () => {
    const error = await spoil((view, at) => {
      view.setFloat32(at(tensorName.layer(1, 'input_layernorm.weight')), Number.NaN, true);
    });
    expect(error.message).toContain('values that are not numbers');
  });

  test('in the head is refused', async () => {
    const error = await spoil((view, at) => {
      view.setFloat32(at(tensorName.finalNorm) + 8, 40, true);
    });
    expect(error.code).toBe('engine/self-test');
  });
});

test('a package without one is accepted, a damaged one is named', async () => {
  const files = await builtPackage('tiny-a/base-bnb-4bit');
  files.files.set(SELF_TEST, bytes('{"version": 1, "tokens": []}'));
  expect((await refusal(tested(files))).code).toBe('package/self-test');
  files.files.set(
    SELF_TEST,
    bytes('{"version": 1, "tokens": [999999], "layers": [], "head": null}'),
  );
  expect((await refusal(tested(files))).code).toBe('engine/tokens');
  const manifest = JSON.parse(new TextDecoder().decode(files.files.get(MANIFEST)));
  delete manifest.files[SELF_TEST];
  files.files.set(MANIFEST, bytes(JSON.stringify(manifest)));
  expect(await tested(files)).toBeNull();
});
