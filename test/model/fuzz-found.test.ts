import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { TiebreakError } from '../../src/domain/errors.ts';
import { type Adapter, readAdapter } from '../../src/model/adapter.ts';
import { parseConfig } from '../../src/model/config.ts';
import { check } from '../../src/model/json.ts';
import type { TensorHeader } from '../../src/model/safetensors.ts';
import { MemoryFiles } from '../../src/storage/package-files.ts';
import { cpuClock } from '../../testing/cpu-time.ts';
import { adapterSettings, countingSafetensors, readFixtureText } from '../../testing/fuzz/seeds.ts';

// Faults found by bench/fuzz-import.ts, each as a small case.

const configText = readFixtureText('tiny-a/base/config.json');
const config = parseConfig(configText);
const encode = (text: string) => new TextEncoder().encode(text);
const Q = 'base_model.model.model.layers.2.self_attn.q_proj';

function matrices(module: string, suffix = 'weight'): TensorHeader[] {
  return [
    { name: `${module}.lora_A.${suffix}`, dtype: 'F32', shape: [4, 64] },
    { name: `${module}.lora_B.${suffix}`, dtype: 'F32', shape: [64, 4] },
  ];
}

const score = (name: string): TensorHeader => ({ name, dtype: 'F32', shape: [3, 64] });

function read(tensors: TensorHeader[], settings: Record<string, unknown> = {}): Promise<Adapter> {
  const text = JSON.stringify({ ...JSON.parse(adapterSettings()), ...settings });
  return readText(tensors, text);
}

function readText(tensors: TensorHeader[], settings: string): Promise<Adapter> {
  const files = new Map([
    ['adapter_config.json', encode(settings)],
    ['adapter_model.safetensors', countingSafetensors(tensors)],
  ]);
  return readAdapter(new MemoryFiles('memory', files), '', 'mine', config);
}

const codeOf = (error: unknown) => (error instanceof TiebreakError ? error.code : String(error));

describe('patterns of an adapter', () => {
  test.each([
    '([a-z._0-9]+)+!',
    '(.*)*!',
    '(a|b)*c',
    '(?:.*.*)+.*!',
    '(.|.)'.repeat(30),
    '.?'.repeat(40),
    '.*'.repeat(12),
    '(?i)q_proj',
    '(?=.*q)q_proj',
  ])('%s is refused, not tried', async (key) => {
    for (const field of ['rank_pattern', 'alpha_pattern']) {
      const took = cpuClock();
      const error = await read(matrices(Q), { [field]: { [key]: 4 } }).catch((thrown) => thrown);
      expect(codeOf(error)).toBe('adapter/unsupported');
      expect(error.message).toContain(field);
      expect(took()).toBeLessThan(500);
    }
  });

  test.each([
    'q_proj',
    'model.layers.2.self_attn.q_proj',
    'layers\\.[23]\\..*q_proj',
    'layers\\.(?:0|1|2|3)\\.self_attn\\.(q|k|v)_proj',
    `layers\\.(${Array.from({ length: 42 }, (_, i) => i).join('|')})\\..*(q|v)_proj`,
    '.*layers.*2.*q_proj',
    '^model\\.layers\\.\\d+\\.self_attn\\.\\w+',
  ])('%s is used', async (key) => {
    const { layers } = await read(matrices(Q), { alpha_pattern: { [key]: 12 } });
    expect(layers[2]!.get('q_proj')!.scale).toBe(3);
  });

  test('a key for each of a thousand modules is no expression that takes long', async () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `model.layers.${i}.self_attn.q_proj`);
    const alpha_pattern = Object.fromEntries(keys.map((key) => [key, 12]));
    const { layers } = await read(matrices(Q), { alpha_pattern });
    expect(layers[2]!.get('q_proj')!.scale).toBe(3);
  });
});

describe('numbers beyond float32', () => {
  test.each(['1e999', '-1e999', '1e39'])('an alpha of %s', async (number) => {
    for (const field of ['"lora_alpha":8', '"k_proj":4']) {
      const settings = adapterSettings().replace(field, field.replace(/\d$/, number));
      const error = await readText(matrices(Q), settings).catch((thrown) => thrown);
      expect(codeOf(error)).toBe('adapter/config');
      expect(error.message).toContain('float32');
    }
  });

  test.each([
    ['attn_logit_softcapping', '1e39'],
    ['rms_norm_eps', '1e-46'],
    ['query_pre_attn_scalar', '1e300'],
  ])('%s of %s', (field, number) => {
    const text = configText.replace(new RegExp(`"${field}": [^,\\n]*`), `"${field}": ${number}`);
    expect(() => parseConfig(text)).toThrow(
      expect.objectContaining({
        code: 'model/config',
        message: expect.stringMatching(new RegExp(`${field}.*float32`)),
      }),
    );
  });

  test('heads whose product is not a size', () => {
    const text = JSON.stringify({
      ...JSON.parse(configText),
      num_attention_heads: 2 ** 30,
      num_key_value_heads: 1,
      head_dim: 2 ** 30,
    });
    expect(() => parseConfig(text)).toThrow(expect.objectContaining({ code: 'model/unsupported' }));
  });
});

describe('an adapter that holds a module twice is refused', () => {
  test.each<[string, TensorHeader[]]>([
    ['in both styles of keys', [...matrices(Q), ...matrices(Q, 'default.weight')]],
    ['under two prefixes', [...matrices(Q), ...matrices(Q.replace('base_model.', ''))]],
    [
      'and so its head',
      [score('score.weight'), score('base_model.model.score.modules_to_save.default.weight')],
    ],
  ])('%s', async (_, tensors) => {
    const error = await read(tensors).catch((thrown) => thrown);
    expect(codeOf(error)).toBe('adapter/mismatch');
    expect(error.message).toMatch(/twice/);
  });

  test('layer 02 is not layer 2', async () => {
    const error = await read(matrices(Q.replace('.2.', '.02.'))).catch((thrown) => thrown);
    expect(codeOf(error)).toBe('adapter/mismatch');
  });
});

test('checking stops at the first field that is wrong', () => {
  const list = Array(1_000_000).fill('x');
  const took = cpuClock();
  expect(() => check(v.array(v.number()), list, 'f', 'test/code')).toThrow(/f, field 0/);
  expect(took()).toBeLessThan(200);
});
