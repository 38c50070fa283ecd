import { expect, test } from 'vitest';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { Engine } from '../../src/engine/engine.ts';
import { buildPackage } from '../../src/import/build.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { readSafetensors, tensorBytes } from '../../src/model/safetensors.ts';
import { MemorySink } from '../../src/storage/sink.ts';
import {
  fixtureFiles,
  fixtureJson,
  memory,
  refusal,
  safetensors,
} from '../../testing/checkpoints.ts';
import { gptqCheckpoint } from '../../testing/gptq.ts';

const Q = 'model.layers.1.self_attn.q_proj';

type Tensor = Parameters<typeof safetensors>[0][number];
type Json = Record<string, unknown>;

/** gptq-b with a changed configuration and changed tensors. */
async function changed(
  config: (config: Json & { quantization_config: Json }) => void,
  tensor: (tensor: Tensor) => Tensor | null = (one) => one,
) {
  const json = fixtureJson('gptq-b/base/config.json');
  config(json as Json & { quantization_config: Json });
  const file = await fixtureFiles('gptq-b/base').open('model.safetensors');
  const tensors: Tensor[] = [];
  for (const entry of (await readSafetensors(file)).values()) {
    const { name, dtype, shape } = entry;
    const one = tensor({ name, dtype, shape, data: await tensorBytes(entry) });
    if (one !== null) tensors.push(one);
  }
  return memory({
    'config.json': JSON.stringify(json),
    'model.safetensors': safetensors(tensors),
  });
}

function build(base: Awaited<ReturnType<typeof changed>>, quant: 'none' | 'nf4' | 'keep' = 'none') {
  return buildPackage({ base, adapters: [], quant, name: 'x' }, new MemorySink());
}

const same = () => {};

test.each([
  ['model/gptq:method', { quant_method: 'awq' }],
  ['model/gptq:format', { checkpoint_format: 'marlin' }],
  ['model/gptq:bits', { bits: 3 }],
  ['model/gptq:bits', { bits: 2 }],
  ['model/gptq:group', { group_size: 0 }],
  ['model/gptq:divides', { group_size: 48 }],
  ['model/shape', { group_size: 64 }],
  ['model/shape', { bits: 8 }],
])('%s for %o', async (id, wrong) => {
  const base = await changed((json) => Object.assign(json.quantization_config, wrong));
  expect((await refusal(build(base))).id).toBe(id);
});

test.each(['qzeros', 'scales', 'g_idx', 'qweight'])(
  '%s of the wrong shape is named',
  async (part) => {
    const base = await changed(same, (one) =>
      one.name === `${Q}.${part}`
        ? { ...one, shape: [one.data.byteLength / 4, 1], dtype: 'I32' }
        : one,
    );
    const error = await refusal(build(base));
    expect(error.id).toBe('model/shape');
    expect(error.message).toContain(`${Q}.${part}`);
  },
);

test.each([
  [4, 'model/gptq:index'],
  [-1, 'model/gptq:index'],
  [3, 'model/gptq:uneven'],
])('group %i of all features is %s', async (group, id) => {
  const base = await changed(same, (one) =>
    one.name === `${Q}.g_idx` ? { ...one, data: new Int32Array(one.shape[0]!).fill(group) } : one,
  );
  expect((await refusal(build(base))).id).toBe(id);
});

test('a missing part is named; without g_idx features come in order', async () => {
  const without = (part: string) => changed(same, (one) => (one.name.endsWith(part) ? null : one));
  expect((await refusal(build(await without('q_proj.qzeros')))).message).toContain('q_proj.qzeros');
  await build(await without('.g_idx'));
});

test('4-bit codes are not quantised again', async () => {
  expect((await refusal(build(await changed(same), 'nf4'))).id).toBe('model/gptq:keep');
});

test('codes of groups that no block divides are not kept, but read', async () => {
  const form = { bits: 8, group: 8, actOrder: true, storesOneLess: true } as const;
  const base = await gptqCheckpoint('tiny-a', form);
  const error = await refusal(build(base, 'keep'));
  expect(error.id).toBe('model/gptq:block');
  expect(error.message).toContain('8 inputs');
  await build(base, 'none');
});

test('an order that is damaged in a package is refused', async () => {
  const form = { bits: 8, group: 32, actOrder: true, storesOneLess: true } as const;
  const sink = new MemorySink();
  await buildPackage({ base: await gptqCheckpoint('tiny-a', form), adapters: [], name: 'x' }, sink);
  const pkg = await ModelPackage.open(sink.files);
  const order = pkg.tensors.get('model.layers.0.self_attn.q_proj.weight.order')!;
  const { source } = order;
  const damaged = new Map(pkg.tensors).set(order.name, {
    ...order,
    source: {
      ...{ name: source.name, size: source.size },
      read: async (from, to) => {
        const bytes = await source.read(from, to);
        new DataView(bytes.buffer, bytes.byteOffset).setInt32(4, 64, true);
        return bytes;
      },
    },
  });
  Object.defineProperty(pkg, 'tensors', { value: damaged });
  const error = await refusal(Engine.load(pkg, await openNodeBackend('wasm')));
  expect(error.id).toBe('package/tensor:order');
  expect(error.message).toContain(order.name);
});

test('8-bit codes become NF4, of a class that is named after its base', async () => {
  const json = fixtureJson('gptq-a/base/config.json');
  const { quantization_config: settings, ...config } = json;
  const file = await fixtureFiles('gptq-a/base').open('model.safetensors');
  const base = memory({
    'config.json': JSON.stringify({
      ...config,
      architectures: ['Gemma2ForSequenceClassificationV1'],
    }),
    'quantize_config.json': JSON.stringify(settings),
    'model.safetensors': await file.read(0, file.size),
  });
  const sink = new MemorySink();
  await buildPackage({ base, adapters: [], quant: 'nf4', name: 'x' }, sink);
  const { manifest } = await ModelPackage.open(sink.files);
  expect(manifest.quantization).toBe('nf4');
});
