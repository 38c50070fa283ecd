import * as v from 'valibot';
import { check, positive } from '../json.ts';
import type { Family } from './family.ts';
import { COMMON, layerTypes, refuseSet, size, sizesOf, unsupported, windowsOf } from './fields.ts';
import { oneRotary, ROPE } from './rotary.ts';

const Schema = v.object({
  ...COMMON,
  ...ROPE,
  num_key_value_heads: size,
  head_dim: size,
  query_pre_attn_scalar: positive,
  sliding_window: v.nullish(size),
  layer_types: layerTypes,
  attn_logit_softcapping: v.nullish(positive),
  attention_bias: v.nullish(v.boolean()),
  use_bidirectional_attention: v.nullish(v.boolean()),
  hidden_activation: v.nullish(v.string()),
  hidden_act: v.nullish(v.string()),
});

/** Gemma-2, after `modeling_gemma2.py` and `configuration_gemma2.py` of Transformers. */
export const GEMMA2: Family = {
  modelType: 'gemma2',
  architectures: ['Gemma2ForCausalLM', 'Gemma2ForSequenceClassification'],
  lmHead: { tied: true, softCap: 30 },
  parse(raw, file) {
    const c = check(Schema, raw, file, 'model/config');
    const activation = c.hidden_activation ?? c.hidden_act ?? 'gelu_pytorch_tanh';
    if (activation !== 'gelu_pytorch_tanh') {
      throw unsupported(file, 'hidden_activation', activation);
    }
    const { attention_bias, use_bidirectional_attention } = c;
    refuseSet({ attention_bias, use_bidirectional_attention }, file);
    const window = c.sliding_window ?? c.max_position_embeddings;
    const { num_hidden_layers: layers, layer_types: types } = c;
    return {
      ...sizesOf(c, file),
      embeddingScale: Math.sqrt(c.hidden_size),
      norm: { epsilon: c.rms_norm_eps, offset: 1, places: 'before-and-after', ofHeads: false },
      biases: { qkv: false, o: false, mlp: false },
      activation: 'gelu-tanh',
      rotary: oneRotary(c, 10_000, file),
      attnScale: c.query_pre_attn_scalar ** -0.5,
      attnSoftCap: c.attn_logit_softcapping ?? null,
      // Files older than `layer_types` mean that every second layer has a window, beginning with the first.
      windows: windowsOf(layers, types, window, (layer) => layer % 2 === 0, file),
    };
  },
};
