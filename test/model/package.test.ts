import { describe, expect, test } from 'vitest';
import { buildPackage, planPackage, writePackage } from '../../src/import/build.ts';
import { type Manifest, parseManifest } from '../../src/model/manifest.ts';
import { MANIFEST } from '../../src/model/manifest-name.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { readSafetensors, tensorBytes } from '../../src/model/safetensors.ts';
import { SELF_TEST } from '../../src/model/selftest.ts';
import { MemorySource } from '../../src/storage/byte-source.ts';
import { MemoryFiles, readAll } from '../../src/storage/package-files.ts';
import { MemorySink } from '../../src/storage/sink.ts';
import {
  builtPackage,
  bytes,
  differing,
  fixtureFiles,
  fixtureJson,
  memory,
  refusal,
  safetensors,
} from '../../testing/checkpoints.ts';

const SHARD = 'model-00001-of-00001.safetensors';
const original = await builtPackage('tiny-a/base-bnb-4bit');

/** The package with changed files; null removes one. */
function changed(changes: Record<string, Uint8Array<ArrayBuffer> | null>): MemoryFiles {
  const files = new Map(original.files);
  for (const [path, content] of Object.entries(changes)) {
    if (content === null) files.delete(path);
    else files.set(path, content);
  }
  return new MemoryFiles('memory', files);
}

function manifestWith(changes: Partial<Record<keyof Manifest, unknown>>): MemoryFiles {
  const manifest = JSON.parse(new TextDecoder().decode(original.files.get(MANIFEST)));
  return changed({ [MANIFEST]: bytes(JSON.stringify({ ...manifest, ...changes })) });
}

test('a package holds what its manifest lists, and nothing else', async () => {
  const pkg = await ModelPackage.open(original);
  expect([...original.files.keys()].sort()).toEqual(
    [MANIFEST, ...Object.keys(pkg.manifest.files)].sort(),
  );
  expect(pkg.manifest).toMatchObject({
    quantization: 'nf4',
    embedding: 'float16',
    softCap: 50,
    shards: [SHARD],
    adapters: [{ name: 'adapter' }],
  });
  expect([pkg.hasTokenizer, pkg.adapterNames]).toEqual([false, ['adapter']]);
  await expect(pkg.verify()).resolves.toBeUndefined();
});

test('building is deterministic, and the PEFT files are unchanged', async () => {
  const again = await builtPackage('tiny-a/base-bnb-4bit');
  expect(differing(again.files, original.files)).toEqual([]);
  for (const file of ['adapter_config.json', 'adapter_model.safetensors']) {
    expect(original.files.get(`adapters/adapter/${file}`)).toEqual(
      await readAll(fixtureFiles('tiny-a/adapter'), file),
    );
  }
});

test('verify names a file that one byte differs in', async () => {
  for (const path of Object.keys((await ModelPackage.open(original)).manifest.files)) {
    const damaged = original.files.get(path)!.slice();
    damaged[damaged.length >> 1]! ^= 1;
    // A changed byte in config.json can make it unreadable, so the package is opened first.
    const files = changed({});
    const pkg = await ModelPackage.open(files);
    files.files.set(path, damaged);
    const error = await refusal(pkg.verify());
    expect([error.code, error.place?.file]).toEqual(['package/damaged', path]);
  }
});

test('verify can be cancelled', async () => {
  const pkg = await ModelPackage.open(original);
  expect((await refusal(pkg.verify({ signal: AbortSignal.abort() }))).code).toBe('run/cancelled');
});

describe('a package is refused', () => {
  test.each([MANIFEST, 'config.json', SHARD])('without %s', async (path) => {
    const error = await refusal(ModelPackage.open(changed({ [path]: null })));
    expect([error.code, error.place?.file]).toEqual(['storage/missing', path]);
  });

  test('with a shard that was cut off', async () => {
    const cut = original.files.get(SHARD)!.slice(0, -1);
    const error = await refusal(ModelPackage.open(changed({ [SHARD]: cut })));
    expect([error.code, error.place?.file]).toEqual(['package/damaged', SHARD]);
    expect(error.message).toMatch(/it has \d+ bytes, the manifest says \d+/);
  });

  test('with a shard that the manifest does not list', async () => {
    const error = await refusal(ModelPackage.open(manifestWith({ files: {} })));
    expect(error.message).toContain('does not list it');
  });

  const wrong: [string, Partial<Record<keyof Manifest, unknown>>, RegExp][] = [
    ['another format', { format: 'zip' }, /format/],
    ['a later version', { version: 2 }, /version/],
    ['an unknown quantisation', { quantization: 'int3' }, /quantization/],
    ['an unknown embedding', { embedding: 'int2' }, /embedding/],
    ['a soft cap of 0', { softCap: 0 }, /softCap/],
    ['another template', { template: 'chatml' }, /template/],
    ['no shards', { shards: [] }, /shards/],
    ['an adapter named like a path', { adapters: [{ name: '../x' }] }, /adapters.0.name/],
    ['no sizes', { files: { a: { sha256: '0'.repeat(64) } } }, /files.a.bytes/],
    ['a short hash', { files: { a: { bytes: 1, sha256: '00' } } }, /files.a.sha256/],
  ];
  test.each(wrong)('with %s', async (_, changes, message) => {
    const error = await refusal(ModelPackage.open(manifestWith(changes)));
    expect([error.code, error.place?.file]).toEqual(['package/manifest', MANIFEST]);
    expect(error.message).toMatch(message);
  });

  test.each(['', '{', '[]', 'null', '"text"'])('with the manifest %j', (text) => {
    expect(() => parseManifest(text)).toThrow(
      expect.objectContaining({ code: 'package/manifest' }),
    );
  });

  test.each(['../secret', '/etc/passwd', 'a/../../secret', 'C:\\secret', 'a//b', '.', 'a\0'])(
    'with the shard %j',
    async (path) => {
      const error = await refusal(ModelPackage.open(manifestWith({ shards: [path] })));
      expect(error.code).toBe('storage/path');
    },
  );

  test('with files outside its directory', async () => {
    const { manifest } = await ModelPackage.open(original);
    const outside = { ...manifest.files, '../secret': { bytes: 1, sha256: '0'.repeat(64) } };
    const pkg = await ModelPackage.open(manifestWith({ files: outside }));
    expect((await refusal(pkg.verify())).code).toBe('storage/path');
  });

  test('with an adapter that is the directory above', async () => {
    const pkg = await ModelPackage.open(manifestWith({ adapters: [{ name: '..' }] }));
    expect((await refusal(pkg.adapter('..'))).code).toBe('storage/path');
  });
});

test('a tensor that is missing or has another shape is named', async () => {
  const pkg = await ModelPackage.open(original);
  for (const [name, shape, problem] of [
    ['model.layers.9.mlp.up_proj.weight', [4], 'is missing'],
    ['model.norm.weight', [65], 'is F32 [64], expected F32 [65]'],
  ] as const) {
    expect(() => pkg.tensor(name, 'F32', [...shape])).toThrow(`tensor ${name} ${problem}`);
  }
});

test('a soft cap of an adapter comes before that of the package', async () => {
  const pkg = await ModelPackage.open(
    manifestWith({ adapters: [{ name: 'adapter', softCap: null }, { name: 'other' }] }),
  );
  expect([pkg.softCap(null), pkg.softCap('adapter'), pkg.softCap('other')]).toEqual([50, null, 50]);
});

describe('building', () => {
  const build = (options: Partial<Parameters<typeof buildPackage>[0]>) =>
    buildPackage(
      { base: fixtureFiles('tiny-a/base'), adapters: [], name: 'x', ...options },
      new MemorySink(),
    );
  const adapter = { name: 'adapter', files: fixtureFiles('tiny-a/adapter') };

  test.each([[['..']], [['a/b']], [['']], [['none']], [['a', 'A']], [['ü']]])(
    'refuses adapters named %j',
    async (names) => {
      const adapters = names.map((name) => ({ ...adapter, name }));
      expect((await refusal(build({ adapters }))).code).toBe('package/adapter-name');
    },
  );

  test('refuses to keep codes of a dense checkpoint', async () => {
    expect((await refusal(build({ quant: 'keep' }))).code).toBe('model/quantization');
  });

  test('refuses to quantise NF4 again to int4', async () => {
    const base = fixtureFiles('tiny-a/base-bnb-4bit');
    expect((await refusal(build({ base, quant: 'int4' }))).code).toBe('model/quantization');
  });

  test('refuses layers that blocks do not divide', async () => {
    const config = { ...fixtureJson('tiny-a/base/config.json'), intermediate_size: 100 };
    const base = memory({
      'config.json': JSON.stringify(config),
      'model.safetensors': await readAll(fixtureFiles('tiny-a/base'), 'model.safetensors'),
    });
    const error = await refusal(build({ base, quant: 'nf4' }));
    expect(error.message).toContain('down_proj has 100 input features');
    // For a dense package the shapes are compared with the configuration instead.
    expect((await refusal(build({ base, quant: 'none' }))).code).toBe('model/shape');
  });

  /** tiny-a with tensors omitted or replaced. */
  async function tinyA(
    change: (name: string, data: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | null,
  ) {
    const whole = await readAll(fixtureFiles('tiny-a/base'), 'model.safetensors');
    const tensors = [...(await readSafetensors(new MemorySource('f', whole))).values()];
    const kept = [];
    for (const entry of tensors) {
      const data = change(entry.name, await tensorBytes(entry));
      if (data !== null) kept.push({ ...entry, data });
    }
    return {
      'config.json': await readAll(fixtureFiles('tiny-a/base'), 'config.json'),
      'model.safetensors': safetensors(kept),
    };
  }

  test('takes the score head from adapters when the checkpoint has none', async () => {
    const base = memory(await tinyA((name, data) => (name === 'score.weight' ? null : data)));
    const error = await refusal(build({ base }));
    expect([error.code, error.message]).toEqual([
      'model/no-score',
      'Neither the checkpoint nor an adapter has a score head (score.weight).',
    ]);
    const sink = new MemorySink();
    await buildPackage({ base, adapters: [adapter], name: 'x' }, sink);
    expect([...sink.files.files.keys()].filter((path) => path.endsWith('.onnx'))).toEqual([
      'model_adapter.onnx',
    ]);
  });

  test('names a tensor that is missing', async () => {
    const base = memory(await tinyA((name, data) => (name === 'model.norm.weight' ? null : data)));
    const error = await refusal(build({ base }));
    expect([error.code, error.message]).toEqual([
      'model/missing-tensor',
      'The checkpoint lacks the tensor model.norm.weight.',
    ]);
  });

  test('names a tensor with a value that is not a number', async () => {
    const base = memory(
      await tinyA((name, data) => {
        if (name === 'model.layers.1.mlp.up_proj.weight') new Uint16Array(data.buffer)[5] = 0x7fc0;
        return data;
      }),
    );
    const error = await refusal(build({ base, quant: 'none' }));
    expect([error.code, error.message]).toEqual([
      'model/nan',
      'model.layers.1.mlp.up_proj.weight contains NaN.',
    ]);
  });

  test('reads a checkpoint in several files, and names one that lacks its tensor', async () => {
    const files = await tinyA((_, data) => data);
    const entries = await readSafetensors(new MemorySource('f', files['model.safetensors']));
    const half = async (keep: (index: number) => boolean) =>
      safetensors(
        await Promise.all(
          [...entries.values()]
            .filter((_, index) => keep(index))
            .map(async (entry) => ({ ...entry, data: await tensorBytes(entry) })),
        ),
      );
    const shards = {
      'config.json': files['config.json'],
      'model-1.safetensors': await half((index) => index < 10),
      'model-2.safetensors': await half((index) => index >= 10),
    };
    const map = [...entries.keys()].map((name, i) => [name, `model-${i < 10 ? 1 : 2}.safetensors`]);
    const index = (entries: string[][]) =>
      JSON.stringify({ metadata: {}, weight_map: Object.fromEntries(entries) });
    const options = { adapters: [adapter], name: 'x', quant: 'none' as const };
    const [whole, split] = [new MemorySink(), new MemorySink()];
    await buildPackage({ ...options, base: fixtureFiles('tiny-a/base') }, whole);
    const base = memory({ ...shards, 'model.safetensors.index.json': index(map) });
    await buildPackage({ ...options, base }, split);
    expect(differing(split.files.files, whole.files.files)).toEqual([]);

    const lacking = memory({
      ...shards,
      'model.safetensors.index.json': index([...map, ['extra.weight', 'model-2.safetensors']]),
    });
    const error = await refusal(build({ base: lacking }));
    expect([error.code, error.place?.file]).toEqual([
      'model/missing-tensor',
      'model-2.safetensors',
    ]);
  });

  test('can be cancelled, and has then no manifest', async () => {
    const cancel = new AbortController();
    const sink = new MemorySink();
    const building = buildPackage(
      {
        base: fixtureFiles('tiny-a/base'),
        adapters: [],
        name: 'x',
      },
      sink,
      {
        signal: cancel.signal,
        onProgress: ({ done, total }) => {
          if (done > total / 2) cancel.abort();
        },
      },
    );
    expect((await refusal(building)).code).toBe('run/cancelled');
    expect(sink.files.files.has(MANIFEST)).toBe(false);
  });

  test('tells how many bytes are written', async () => {
    const seen = { weights: [] as number[], verify: [] as number[] };
    const options = { base: fixtureFiles('tiny-a/base'), adapters: [adapter], name: 'x' };
    const plan = await planPackage(options);
    const sink = new MemorySink();
    const { files } = await writePackage(plan, sink, {
      onProgress: ({ step, done, total }) => seen[step].push(done / total),
    });
    for (const fractions of Object.values(seen)) {
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
    }
    const written = Object.entries(files).reduce(
      (sum, [path, file]) => sum + (path === SELF_TEST ? 0 : file.bytes),
      0,
    );
    expect(written).toBe(plan.facts.bytes);
  });
});
