import { describe, expect, test } from 'vitest';
import { TiebreakError } from '../../src/domain/errors.ts';
import { parseConfig } from '../../src/model/config.ts';
import { linearShape } from '../../src/model/layer.ts';
import {
  attentionMask,
  inverseFrequencies,
  MASKED,
  rotaryCaches,
} from '../../src/model/positions.ts';
import { fixtureJson } from '../../testing/checkpoints.ts';

const tinyD = (changes: Record<string, unknown> = {}) =>
  JSON.stringify({ ...fixtureJson('tiny-d/base/config.json'), ...changes });

test('reads what Transformers writes', () => {
  const config = parseConfig(tinyD());
  expect(config).toEqual({
    hiddenSize: 64,
    intermediateSize: 192,
    numLayers: 5,
    numHeads: 4,
    numKeyValueHeads: 1,
    headDim: 32,
    vocabSize: 768,
    maxPositions: 8192,
    padTokenId: 0,
    embeddingScale: 8,
    norm: { epsilon: 1e-6, offset: 1, places: 'before-and-after', ofHeads: false },
    biases: { qkv: false, o: false, mlp: false },
    activation: 'gelu-tanh',
    rotary: { full: { theta: 10000, scaling: null }, sliding: { theta: 10000, scaling: null } },
    attnScale: 1 / Math.sqrt(20),
    attnSoftCap: 50,
    windows: [24, null, 24, null, 24],
  });
  expect(linearShape(config, 'q_proj')).toEqual({ K: 64, N: 128 });
  expect(linearShape(config, 'v_proj')).toEqual({ K: 64, N: 32 });
  expect(linearShape(config, 'o_proj')).toEqual({ K: 128, N: 64 });
  expect(linearShape(config, 'down_proj')).toEqual({ K: 192, N: 64 });
});

test('reads what older versions wrote', () => {
  const config = parseConfig(
    tinyD({
      layer_types: undefined,
      rope_parameters: undefined,
      rope_theta: 5000,
      attn_logit_softcapping: null,
      sliding_window: null,
    }),
  );
  expect(config.windows).toEqual([8192, null, 8192, null, 8192]);
  expect(config).toMatchObject({ rotary: { full: { theta: 5000 } }, attnSoftCap: null });
});

describe('refuses', () => {
  const unsupported: [string, Record<string, unknown>, RegExp][] = [
    ['another architecture', { model_type: 'mixtral' }, /model_type is "mixtral"/],
    ['another activation', { hidden_activation: 'silu' }, /hidden_activation is "silu"/],
    ['biases', { attention_bias: true }, /attention_bias/],
    ['attention both ways', { use_bidirectional_attention: true }, /bidirectional/],
    ['scaled rotary embeddings', { rope_scaling: { factor: 2 } }, /rope_scaling/],
    ['other rotary embeddings', { rope_parameters: { rope_type: 'yarn' } }, /rope_type is "yarn"/],
    ['heads that cannot be grouped', { num_key_value_heads: 3 }, /4 attention heads/],
    ['an odd head size', { head_dim: 31 }, /head_dim 31/],
    ['too few layer types', { layer_types: ['full_attention'] }, /1 entries for 5 layers/],
  ];
  test.each(unsupported)('%s', (_, changes, message) => {
    const error = thrown(() => parseConfig(tinyD(changes)));
    expect(error.code).toBe('model/unsupported');
    expect(error.message).toMatch(message);
  });

  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ['a missing size', { hidden_size: undefined }, /hidden_size/],
    ['a fractional size', { hidden_size: 1.5 }, /hidden_size/],
    ['no layers', { num_hidden_layers: 0 }, /num_hidden_layers/],
    ['a million layers', { num_hidden_layers: 1e6 }, /num_hidden_layers/],
    ['a negative scale', { query_pre_attn_scalar: -1 }, /query_pre_attn_scalar/],
    ['an unknown kind of layer', { layer_types: ['linear_attention'] }, /layer_types/],
  ];
  test.each(wrong)('%s', (_, changes, message) => {
    const error = thrown(() => parseConfig(tinyD(changes)));
    expect(error.code).toBe('model/config');
    expect(error.message).toMatch(message);
    expect(error.place?.file).toBe('config.json');
  });

  const deep = `{"model_type":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  test.each(['', '{', 'null', '[]', '3', '{}', deep])('%.10s', (text) => {
    expect(thrown(() => parseConfig(text)).code).toMatch(/^model\/(config|unsupported)$/);
  });
});

function thrown(body: () => unknown): TiebreakError {
  try {
    body();
  } catch (error) {
    if (error instanceof TiebreakError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('positions', () => {
  test('a token sees itself and what lies within the window before it', () => {
    const mask = attentionMask(4, 2);
    const x = MASKED;
    expect([...mask]).toEqual([0, x, x, x, 0, 0, x, x, x, 0, 0, x, x, x, 0, 0]);
  });

  test('frequencies fall from 1 in float32', () => {
    const frequencies = inverseFrequencies(32, { theta: 10000, scaling: null });
    expect(frequencies).toHaveLength(16);
    expect(frequencies[0]).toBe(1);
    expect(frequencies[8]).toBe(Math.fround(0.01));
  });

  test('angles are rounded to float32 before their cosine', () => {
    const rotary = { theta: 10000, scaling: null };
    const { cos, sin } = rotaryCaches(32, rotary, 100);
    const angle = Math.fround(99 * inverseFrequencies(32, rotary)[3]!);
    expect(cos[99 * 16 + 3]).toBe(Math.fround(Math.cos(angle)));
    expect(sin[99 * 16 + 3]).toBe(Math.fround(Math.sin(angle)));
    expect([...cos.subarray(0, 16)].every((value) => value === 1)).toBe(true);
  });
});
