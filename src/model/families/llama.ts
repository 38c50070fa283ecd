import * as v from 'valibot';
import { check } from '../json.ts';
import type { Family } from './family.ts';
import { COMMON, sizesOf, unsupported } from './fields.ts';
import { oneRotary, ROPE } from './rotary.ts';

const Schema = v.object({
  ...COMMON,
  ...ROPE,
  hidden_act: v.nullish(v.string()),
  attention_bias: v.nullish(v.boolean()),
  mlp_bias: v.nullish(v.boolean()),
});

/** Llama 2 and 3, after `modeling_llama.py` and `configuration_llama.py` of Transformers. */
export const LLAMA: Family = {
  modelType: 'llama',
  architectures: ['LlamaForCausalLM', 'LlamaForSequenceClassification'],
  parse(raw, file) {
    const c = check(Schema, raw, file, 'model/config');
    const activation = c.hidden_act ?? 'silu';
    if (activation !== 'silu') throw unsupported(file, 'hidden_act', activation);
    const attention = c.attention_bias ?? false;
    const sizes = sizesOf(c, file);
    return {
      ...sizes,
      embeddingScale: 1,
      norm: { epsilon: c.rms_norm_eps, offset: 0, places: 'before', ofHeads: false },
      biases: { qkv: attention, o: attention, mlp: c.mlp_bias ?? false },
      activation: 'silu',
      rotary: oneRotary(c, 10_000, file),
      attnScale: sizes.headDim ** -0.5,
      attnSoftCap: null,
      windows: new Array(sizes.numLayers).fill(null),
    };
  },
};
