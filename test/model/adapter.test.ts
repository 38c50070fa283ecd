import { describe, expect, test } from 'vitest';
import {
  type Adapter,
  adapterMatrices,
  matrixValues,
  readAdapter,
} from '../../src/model/adapter.ts';
import { parseConfig } from '../../src/model/config.ts';
import { readSafetensors, type TensorHeader, tensorBytes } from '../../src/model/safetensors.ts';
import { MemorySource } from '../../src/storage/byte-source.ts';
import { readText } from '../../src/storage/package-files.ts';
import {
  fixtureFiles,
  fixtureJson,
  memory,
  randomValues,
  refusal,
  safetensors,
} from '../../testing/checkpoints.ts';

type Tensor = TensorHeader & { data: ArrayBufferView };

const configOf = async (model: string) =>
  parseConfig(await readText(fixtureFiles(`${model}/base`), 'config.json'));
const tinyA = await configOf('tiny-a');

const PREFIX = 'base_model.model.model.layers';
const f32 = (name: string, shape: number[], seed = 1): Tensor => ({
  name,
  dtype: 'F32',
  shape,
  data: randomValues(shape[0]! * shape[1]!, 0.1, seed),
});
/** Matrices of q_proj of layer 2 of tiny-a. */
const qProj = (rank = 4, suffix = 'weight'): Tensor[] => [
  f32(`${PREFIX}.2.self_attn.q_proj.lora_A.${suffix}`, [rank, 64], 1),
  f32(`${PREFIX}.2.self_attn.q_proj.lora_B.${suffix}`, [64, rank], 2),
];
const score = f32('base_model.model.score.weight', [3, 64], 3);

/** An adapter of tiny-a with these tensors and these changes to its settings. */
function read(tensors: Tensor[], settings: Record<string, unknown> = {}): Promise<Adapter> {
  const files = memory({
    'adapter_config.json': JSON.stringify({
      ...fixtureJson('tiny-a/adapter/adapter_config.json'),
      ...settings,
    }),
    'adapter_model.safetensors': safetensors(tensors),
  });
  return readAdapter(files, '', 'mine', tinyA);
}

test('reads what PEFT saves', async () => {
  const adapter = await readAdapter(fixtureFiles('tiny-a'), 'adapter', 'mine', tinyA);
  expect(adapter.name).toBe('mine');
  expect(adapter.layers.map((layer) => [...layer.keys()].sort())).toEqual([
    [],
    [],
    ['k_proj', 'q_proj', 'v_proj'],
    ['k_proj', 'q_proj', 'v_proj'],
  ]);
  const pair = adapter.layers[2]!.get('k_proj')!;
  expect([pair.A.shape, pair.B.shape, pair.rank, pair.scale]).toEqual([[4, 64], [32, 4], 4, 2]);
  expect(adapter.head?.[0]?.weight.shape).toEqual([3, 64]);
});

test('rank_pattern and alpha_pattern change rank and scale of the modules they name', async () => {
  const config = await configOf('tiny-d');
  const { layers } = await readAdapter(fixtureFiles('tiny-d'), 'adapter', 'mine', config);
  // r 4, alpha 8; rank_pattern down_proj: 8, layers.1.self_attn.q_proj: 2; alpha_pattern down_proj: 4.
  const of = (layer: number, name: 'q_proj' | 'up_proj' | 'down_proj') => {
    const { rank, scale } = layers[layer]!.get(name)!;
    return [rank, scale];
  };
  expect(of(0, 'up_proj')).toEqual([4, 2]);
  expect(of(0, 'q_proj')).toEqual([4, 2]);
  expect(of(1, 'q_proj')).toEqual([2, 4]);
  expect(of(3, 'down_proj')).toEqual([8, 0.5]);
});

describe('patterns, as get_pattern_key of PEFT', () => {
  test.each([
    ['a part of the path', { 'self_attn.q_proj': 16 }, 4],
    ['the whole path', { 'model.layers.2.self_attn.q_proj': 16 }, 4],
    ['a regular expression', { 'layers\\.[23]\\..*q_proj': 16 }, 4],
    ['the first of several', { q_proj: 16, 'layers.2.self_attn.q_proj': 32 }, 4],
    ['only the end of a name', { proj: 16 }, 2],
    ['another layer', { 'layers.3.self_attn.q_proj': 16 }, 2],
    ['something that is no expression', { '(': 16 }, 2],
  ])('%s', async (_, alpha_pattern, scale) => {
    const adapter = await read(qProj(), { alpha_pattern });
    expect(adapter.layers[2]!.get('q_proj')!.scale).toBe(scale);
  });

  test('a rank', async () => {
    const adapter = await read(qProj(6), { rank_pattern: { q_proj: 6 } });
    expect(adapter.layers[2]!.get('q_proj')).toMatchObject({ rank: 6, scale: 8 / 6 });
  });
});

test('rsLoRA divides by the root of the rank', async () => {
  const adapter = await read(qProj(), { use_rslora: true });
  expect(adapter.layers[2]!.get('q_proj')!.scale).toBe(4);
});

test('both styles of keys give the same', async () => {
  const plain = await read([...qProj(4, 'weight'), score]);
  const named = await read([
    ...qProj(4, 'default.weight'),
    { ...score, name: 'base_model.model.score.modules_to_save.default.weight' },
  ]);
  const values = (adapter: Adapter) => Promise.all(adapterMatrices(adapter).map(matrixValues));
  expect(await values(named)).toEqual(await values(plain));
  expect(await matrixValues(plain.head![0]!.weight)).toEqual(score.data);
});

test.each(['F16', 'BF16'] as const)('%s matrices', async (dtype) => {
  const one = dtype === 'F16' ? 0x3c00 : 0x3f80;
  const tensors = qProj().map((tensor) => ({
    ...tensor,
    dtype,
    data: new Uint16Array(tensor.shape[0]! * tensor.shape[1]!).fill(one),
  }));
  const { A, B } = (await read(tensors)).layers[2]!.get('q_proj')!;
  const values = [...(await matrixValues(A)), ...(await matrixValues(B))];
  expect(values.every((value) => value === 1)).toBe(true);
});

test('the values are those of the file, A by rows of the rank', async () => {
  const adapter = await readAdapter(fixtureFiles('tiny-a'), 'adapter', 'mine', tinyA);
  const source = await fixtureFiles('tiny-a').open('adapter/adapter_model.safetensors');
  const entry = (await readSafetensors(source)).get(`${PREFIX}.3.self_attn.v_proj.lora_A.weight`)!;
  const raw = new Float32Array((await tensorBytes(entry)).buffer);
  expect(await matrixValues(adapter.layers[3]!.get('v_proj')!.A)).toEqual(raw);
});

test('an adapter without a score head', async () => {
  expect((await read(qProj())).head).toBeNull();
});

describe('refuses what it would compute wrongly', () => {
  const cases: [string, Record<string, unknown>, RegExp][] = [
    ['DoRA', { use_dora: true }, /DoRA/],
    ['bias', { bias: 'lora_only' }, /bias/],
    ['bias of the matrices', { lora_bias: true }, /bias/],
    ['fan_in_fan_out', { fan_in_fan_out: true }, /fan_in_fan_out/],
    ['other saved modules', { modules_to_save: ['score', 'embed_tokens'] }, /"embed_tokens"/],
    ['activated LoRA', { alora_invocation_tokens: [1, 2] }, /alora_invocation_tokens/],
    ['repeated layers', { layer_replication: [[0, 2]] }, /layer_replication/],
    ['QA-LoRA', { use_qalora: true }, /use_qalora/],
  ];
  test.each(cases)('%s', async (_, settings, message) => {
    const error = await refusal(read([...qProj(), score], settings));
    expect(error.code).toBe('adapter/unsupported');
    expect(error.message).toMatch(message);
    expect(error.message).toContain('mine');
  });

  test('a tensor of another kind', async () => {
    const error = await refusal(
      read([...qProj(), f32(`${PREFIX}.2.self_attn.q_proj.lora_magnitude_vector`, [64, 1])]),
    );
    expect(error.code).toBe('adapter/unsupported');
    expect(error.message).toContain('lora_magnitude_vector');
  });

  const settings: [string, Record<string, unknown>, RegExp][] = [
    ['another method', { peft_type: 'IA3' }, /peft_type/],
    ['no rank', { r: undefined }, /field r/],
    ['a rank of 0', { r: 0 }, /field r/],
    ['a rank of 0 for a module', { rank_pattern: { q_proj: 0 } }, /rank_pattern/],
    ['an alpha that is text', { lora_alpha: '8' }, /lora_alpha/],
  ];
  test.each(settings)('settings with %s', async (_, changes, message) => {
    const error = await refusal(read(qProj(), changes));
    expect(error.code).toBe('adapter/config');
    expect(error.message).toMatch(message);
  });
});

test.each([1, 2])('a head of %i labels is read', async (labels) => {
  expect((await read([f32(score.name, [labels, 64])])).head?.[0]?.weight.shape).toEqual([
    labels,
    64,
  ]);
});

test('a head of four labels is refused', async () => {
  const error = await refusal(read([f32(score.name, [4, 64])]));
  expect(error.code).toBe('model/unsupported');
  expect(error.message).toContain('[4, 64]');
});

describe('refuses an adapter of another model', () => {
  const cases: [string, Tensor[], RegExp][] = [
    ['a wider hidden size', [f32(qProj()[0]!.name, [4, 128]), qProj()[1]!], /expected \[4, 64\]/],
    ['a narrower head', [f32(score.name, [3, 32])], /expected \[3, 64\]/],
    [
      'more layers',
      [
        f32(`${PREFIX}.4.self_attn.q_proj.lora_A.weight`, [4, 64]),
        f32(`${PREFIX}.4.self_attn.q_proj.lora_B.weight`, [64, 4]),
      ],
      /layer 4 of a model with 4 layers/,
    ],
    [
      'a layer that Gemma-2 has not',
      [
        f32(`${PREFIX}.2.self_attn.qkv_proj.lora_A.weight`, [4, 64]),
        f32(`${PREFIX}.2.self_attn.qkv_proj.lora_B.weight`, [64, 4]),
      ],
      /qkv_proj/,
    ],
    [
      'a layer in the wrong place',
      [
        f32(`${PREFIX}.2.mlp.q_proj.lora_A.weight`, [4, 64]),
        f32(`${PREFIX}.2.mlp.q_proj.lora_B.weight`, [64, 4]),
      ],
      /mlp.q_proj/,
    ],
    ['half a pair', qProj().slice(0, 1), /only one of/],
    ['another rank than the settings say', qProj(6), /rank 6, its configuration says 4/],
    [
      'matrices of bytes',
      qProj().map((tensor) => ({ ...tensor, dtype: 'U8', data: new Uint8Array(4 * 64) })),
      /U8/,
    ],
  ];
  test.each(cases)('%s', async (_, tensors, message) => {
    const error = await refusal(read(tensors));
    expect(error.code).toBe('adapter/mismatch');
    expect(error.message).toMatch(message);
  });

  test('the adapter of tiny-d on tiny-a', async () => {
    const adapter = readAdapter(fixtureFiles('tiny-d'), 'adapter', 'd', tinyA);
    expect((await refusal(adapter)).code).toBe('adapter/mismatch');
  });
});

test('a missing or damaged file is named', async () => {
  const gone = await refusal(readAdapter(memory({}), 'adapters/x', 'x', tinyA));
  expect([gone.code, gone.place?.file]).toEqual([
    'storage/missing',
    'adapters/x/adapter_config.json',
  ]);
  const files = memory({ 'adapter_config.json': '{}' });
  expect((await refusal(readAdapter(files, '', 'x', tinyA))).code).toBe('adapter/config');
  const source = new MemorySource('f', safetensors(qProj()).slice(0, -1));
  expect((await refusal(readSafetensors(source))).code).toBe('safetensors/bad');
});

test('a value that is not a number is named, with its byte', async () => {
  const tensors = qProj();
  (tensors[0]!.data as Float32Array)[5] = Number.NaN;
  const { A } = (await read(tensors)).layers[2]!.get('q_proj')!;
  const error = await refusal(matrixValues(A));
  expect([error.code, error.place?.byte]).toEqual(['adapter/nan', A.start + 20]);
});
