import { readFileSync } from 'node:fs';
import { safetensorsHeader, type TensorHeader, tensorSize } from '../../src/model/safetensors.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const fixture = (path: string) => new URL(`../../test/fixtures/${path}`, import.meta.url);

/** A file of test/fixtures. */
export function readFixture(path: string): Bytes {
  return new Uint8Array(readFileSync(fixture(path)));
}

/** A text file of test/fixtures. */
export function readFixtureText(path: string): string {
  return readFileSync(fixture(path), 'utf8');
}

/** Makes a safetensors file of these tensors, whose bytes count up. */
export function countingSafetensors(tensors: TensorHeader[]): Bytes {
  const { bytes } = safetensorsHeader(tensors);
  const size = tensors.reduce((sum, tensor) => sum + tensorSize(tensor), 0);
  const file = new Uint8Array(bytes.length + size);
  file.set(bytes);
  for (let i = 0; i < size; i += 1) file[bytes.length + i] = i & 0x3f;
  return file;
}

/**
 * Makes a checkpoint of two shards with an index. Its shapes are tiny, since opening it does not compare them with
 * config.json.
 */
export function smallCheckpoint(): Map<string, Bytes> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const names = (layer: number) =>
    ['input_layernorm', 'self_attn.q_proj', 'mlp.up_proj'].map(
      (module) => `model.layers.${layer}.${module}.weight`,
    );
  const shards: [string, string[]][] = [
    ['model-00001-of-00002.safetensors', ['model.embed_tokens.weight', ...names(0)]],
    ['model-00002-of-00002.safetensors', [...names(1), 'model.norm.weight', 'score.weight']],
  ];
  const tensors = (list: string[]) =>
    list.map(
      (name, i): TensorHeader => ({ name, dtype: i % 2 ? 'BF16' : 'F32', shape: [i + 1, 4] }),
    );
  const weight_map = Object.fromEntries(
    shards.flatMap(([shard, list]) => list.map((name) => [name, shard])),
  );
  return new Map([
    ['config.json', encode(readFixtureText('tiny-a/base/config.json'))],
    [
      'model.safetensors.index.json',
      encode(JSON.stringify({ metadata: { total_size: 300 }, weight_map })),
    ],
    ...shards.map(([shard, list]) => [shard, countingSafetensors(tensors(list))] as const),
  ]);
}

/** `tiebreak.json` of a package. */
export const MANIFEST_TEXT = JSON.stringify({
  format: 'tiebreak-package',
  version: 1,
  name: 'fuzz',
  quantization: 'nf4',
  embedding: 'float16',
  softCap: 50,
  template: 'lmsys-notebook',
  notice: 'Only a test.',
  shards: ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
  adapters: [
    { name: 'a', softCap: null },
    { name: 'b.2', notice: 'Second.' },
  ],
  files: {
    'model-00001-of-00002.safetensors': { bytes: 2 ** 31 - 1, sha256: 'ab'.repeat(32) },
    'model-00002-of-00002.safetensors': { bytes: 12, sha256: '0'.repeat(64) },
    'config.json': { bytes: 1100, sha256: 'f'.repeat(64) },
  },
});

/** Settings of an adapter, with patterns. */
export function adapterSettings(): string {
  return JSON.stringify({
    ...JSON.parse(readFixtureText('tiny-a/adapter/adapter_config.json')),
    rank_pattern: { 'layers.3.self_attn.q_proj': 4, 'layers\\.[01]\\..*': 2 },
    alpha_pattern: { k_proj: 4, '(?:q|v)_proj': 16 },
  });
}

/** A linear layer [2, 128] named `w` in the format of bitsandbytes, with its quantisation state. */
export const BNB_STATE = JSON.stringify({
  quant_type: 'nf4',
  blocksize: 64,
  dtype: 'bfloat16',
  shape: [2, 128],
  nested_blocksize: 256,
  nested_dtype: 'float32',
  nested_offset: 0.2,
});

export function bnbLayer(type: 'nf4' | 'fp4', state: Bytes, nested: boolean): Bytes {
  const scales: TensorHeader[] = nested
    ? [
        { name: 'w.absmax', dtype: 'U8', shape: [4] },
        { name: 'w.nested_absmax', dtype: 'F32', shape: [1] },
        { name: 'w.nested_quant_map', dtype: 'F32', shape: [256] },
      ]
    : [{ name: 'w.absmax', dtype: 'F32', shape: [4] }];
  const tensors: TensorHeader[] = [
    { name: 'w', dtype: 'U8', shape: [128, 1] },
    ...scales,
    { name: `w.quant_state.bitsandbytes__${type}`, dtype: 'U8', shape: [state.length] },
  ];
  const file = countingSafetensors(tensors);
  file.set(state, file.length - state.length);
  return file;
}
