import * as v from 'valibot';
import { check } from '../json.ts';
import type { Family } from './family.ts';
import { LLAMA_LIKE, llamaLike } from './llama-like.ts';

const Schema = v.object({
  ...LLAMA_LIKE,
  attention_bias: v.nullish(v.boolean()),
  mlp_bias: v.nullish(v.boolean()),
});

/** Llama 2 and 3, after `modeling_llama.py` and `configuration_llama.py` of Transformers. */
export const LLAMA: Family = {
  modelType: 'llama',
  architectures: ['LlamaForCausalLM', 'LlamaForSequenceClassification'],
  lmHead: { tied: false },
  parse(raw, file) {
    const c = check(Schema, raw, file, 'model/config');
    const common = llamaLike(c, file);
    const attention = c.attention_bias ?? false;
    return {
      ...common,
      biases: { qkv: attention, o: attention, mlp: c.mlp_bias ?? false },
      windows: new Array(common.numLayers).fill(null),
    };
  },
};
