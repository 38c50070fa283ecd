import * as v from 'valibot';
import { check, positive } from '../json.ts';
import type { Family } from './family.ts';
import { COMMON, layerTypes, refuseSet, size, sizesOf, unsupported, windowsOf } from './fields.ts';
import { ROPE, RopeSettings, rotaryFrom } from './rotary.ts';

/** `rope_parameters` of newer versions of Transformers have settings for each kind of layer. */
const ByLayer = v.object({ full_attention: RopeSettings, sliding_attention: RopeSettings });

const Schema = v.object({
  ...COMMON,
  ...ROPE,
  rope_parameters: v.nullish(ByLayer),
  rope_local_base_freq: v.nullish(positive),
  num_key_value_heads: size,
  head_dim: size,
  query_pre_attn_scalar: positive,
  sliding_window: v.nullish(size),
  sliding_window_pattern: v.nullish(size),
  layer_types: layerTypes,
  attn_logit_softcapping: v.nullish(positive),
  attention_bias: v.nullish(v.boolean()),
  use_bidirectional_attention: v.nullish(v.boolean()),
  hidden_activation: v.nullish(v.string()),
});

/** The text model of Gemma-3, after `modeling_gemma3.py` and `configuration_gemma3.py` of Transformers. */
export const GEMMA3: Family = {
  modelType: 'gemma3_text',
  architectures: ['Gemma3ForCausalLM', 'Gemma3TextForSequenceClassification'],
  lmHead: { tied: true, softCap: null },
  parse(raw, file) {
    const c = check(Schema, raw, file, 'model/config');
    const activation = c.hidden_activation ?? 'gelu_pytorch_tanh';
    if (activation !== 'gelu_pytorch_tanh') {
      throw unsupported(file, 'hidden_activation', activation);
    }
    // Transformers reads the soft cap and does not use it.
    const { attention_bias, use_bidirectional_attention, attn_logit_softcapping } = c;
    refuseSet({ attention_bias, use_bidirectional_attention, attn_logit_softcapping }, file);
    const { num_hidden_layers: layers, layer_types: types, rope_parameters: rope } = c;
    const pattern = c.sliding_window_pattern ?? 6;
    const slides = (layer: number) => (layer + 1) % pattern !== 0;
    return {
      ...sizesOf(c, file),
      embeddingScale: Math.sqrt(c.hidden_size),
      norm: { epsilon: c.rms_norm_eps, offset: 1, places: 'before-and-after', ofHeads: true },
      biases: { qkv: false, o: false, mlp: false },
      activation: 'gelu-tanh',
      rotary: {
        full: rotaryFrom(
          { rope_parameters: rope?.full_attention, rope_scaling: c.rope_scaling },
          { ...c, theta: 1_000_000 },
          file,
        ),
        // Scaling is for the layers that attend to all tokens alone.
        sliding: rotaryFrom(
          { rope_parameters: rope?.sliding_attention },
          { ...c, rope_theta: c.rope_local_base_freq, theta: 10_000 },
          file,
        ),
      },
      attnScale: c.query_pre_attn_scalar ** -0.5,
      attnSoftCap: null,
      windows: windowsOf(layers, types, c.sliding_window ?? null, slides, file),
    };
  },
};
