import * as v from 'valibot';
import { check } from '../json.ts';
import type { Family } from './family.ts';
import { size } from './fields.ts';
import { LLAMA_LIKE, llamaLike } from './llama-like.ts';

const Schema = v.object({ ...LLAMA_LIKE, sliding_window: v.nullish(size) });

/** Mistral, after `modeling_mistral.py` and `configuration_mistral.py` of Transformers. */
export const MISTRAL: Family = {
  modelType: 'mistral',
  architectures: ['MistralForCausalLM', 'MistralForSequenceClassification'],
  lmHead: { tied: false },
  parse(raw, file) {
    const c = check(Schema, raw, file, 'model/config');
    const common = llamaLike(c, file);
    return {
      ...common,
      biases: { qkv: false, o: false, mlp: false },
      // A window is every layer's.
      windows: new Array(common.numLayers).fill(c.sliding_window ?? null),
    };
  },
};
