import { describe, expect, test } from 'vitest';
import { TiebreakError } from '../../src/domain/errors.ts';
import { parseConfig } from '../../src/model/config.ts';
import type { DecoderConfig } from '../../src/model/decoder.ts';
import { pooledLength } from '../../src/model/heads/head.ts';
import { inverseFrequencies } from '../../src/model/positions.ts';
import { fixtureJson } from '../../testing/checkpoints.ts';

type Changes = Record<string, unknown>;
const read = (model: string, changes: Changes = {}) =>
  parseConfig(JSON.stringify({ ...fixtureJson(`${model}/base/config.json`), ...changes }));

function refused(model: string, changes: Changes): TiebreakError {
  try {
    read(model, changes);
  } catch (error) {
    if (error instanceof TiebreakError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('what older versions of Transformers wrote is the same model', () => {
  test('Llama: rope_theta beside rope_scaling with the old key, no head_dim', () => {
    const old = read('llama-a', {
      rope_parameters: undefined,
      rope_theta: 500_000,
      rope_scaling: {
        type: 'llama3',
        factor: 8,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: 64,
      },
      head_dim: null,
      eos_token_id: [5, 6],
    });
    expect(old).toEqual(read('llama-a'));
  });

  test('Gemma-3: a pattern of windows and two bases', () => {
    const old = read('gemma3-a', {
      layer_types: undefined,
      sliding_window_pattern: 6,
      rope_parameters: undefined,
      rope_theta: 1_000_000,
      rope_local_base_freq: 10_000,
      rope_scaling: { rope_type: 'linear', factor: 8 },
    });
    expect(old).toEqual(read('gemma3-a'));
  });

  test('Qwen2: a window from a layer on, and one that is switched off', () => {
    const window = { layer_types: undefined, sliding_window: 32, max_window_layers: 2 };
    expect(read('qwen2-a', { ...window, use_sliding_window: true }).windows).toEqual([
      null,
      null,
      32,
      32,
    ]);
    expect(read('qwen2-a', window).windows).toEqual([null, null, null, null]);
  });

  test('Llama: as many key/value heads as heads where none are named', () => {
    expect(read('llama-a', { num_key_value_heads: null }).numKeyValueHeads).toBe(4);
  });
});

test('a window is every layer of Mistral’s', () => {
  expect(read('mistral-a').windows).toEqual([20, 20, 20]);
});

test('biases are where the family has them', () => {
  expect(read('qwen2-a').biases).toEqual({ qkv: true, o: false, mlp: false });
  expect(read('qwen3-a', { attention_bias: true }).biases).toEqual({
    qkv: true,
    o: true,
    mlp: false,
  });
  expect(read('llama-a', { mlp_bias: true }).biases).toEqual({ qkv: false, o: false, mlp: true });
});

describe('refuses', () => {
  const rope = { rope_parameters: undefined, rope_theta: 1e6 };
  test.each<[string, Changes, RegExp]>([
    ['qwen3-a', { ...rope, rope_scaling: { rope_type: 'yarn', factor: 4 } }, /rope_type is "yarn"/],
    ['llama-a', { ...rope, rope_scaling: { type: 'dynamic', factor: 2 } }, /"dynamic"/],
    ['llama-a', { ...rope, rope_scaling: { rope_type: 'longrope' } }, /"longrope"/],
    ['llama-a', { rope_parameters: { rope_type: 'linear' } }, /factor of rope_type/],
    ['llama-a', { partial_rotary_factor: 0.5 }, /partial_rotary_factor is 0.5/],
    ['llama-a', { hidden_act: 'gelu' }, /hidden_act is "gelu"/],
    ['qwen2-a', { dual_chunk_attention_config: { chunk_size: 1 } }, /dual_chunk_attention/],
    ['qwen2-a', { layer_types: new Array(4).fill('sliding_attention') }, /sliding_window is null/],
    ['gemma3-a', { use_bidirectional_attention: true }, /bidirectional/],
    ['gemma3-a', { attn_logit_softcapping: 50 }, /attn_logit_softcapping/],
    ['qwen3-a', { model_type: 'qwen3_moe' }, /model_type is "qwen3_moe"/],
    ['gemma3-a', { model_type: 'gemma3' }, /model_type is "gemma3"/],
  ])('%s with %o', (model, changes, message) => {
    const error = refused(model, changes);
    expect(error.code).toBe('model/unsupported');
    expect(error.message).toMatch(message);
  });
});

test('llama3 divides low frequencies, keeps high ones and goes from one to the other', () => {
  const scaling = {
    type: 'llama3',
    factor: 8,
    lowFactor: 1,
    highFactor: 4,
    originalPositions: 64,
  } as const;
  const plain = inverseFrequencies(16, { theta: 500_000, scaling: null });
  const scaled = inverseFrequencies(16, { theta: 500_000, scaling });
  expect(scaled[0]).toBe(plain[0]);
  // Its wavelength is 2 pi * 500000 ** 0.125 = 32.4, between 16 and 64: of 64 / 32.4 turns 0.325 are kept.
  expect(scaled[1]! / plain[1]!).toBeCloseTo(0.325 + 0.675 / 8, 3);
  expect(scaled[2]).toBe(Math.fround(plain[2]! / 8));
  expect(scaled[7]).toBe(Math.fround(plain[7]! / 8));
});

test('the head reads the last token that is not padding, wherever else padding occurs', () => {
  const length = (ids: number[], padTokenId: number | null) =>
    pooledLength(Int32Array.from(ids), { padTokenId } as DecoderConfig);
  expect(length([7, 0, 8, 9, 0, 0], 0)).toBe(4);
  expect(length([7, 0, 8], 0)).toBe(3);
  expect(length([7, 0], null)).toBe(2);
  expect(length([0, 0, 0], 0)).toBe(1);
});
