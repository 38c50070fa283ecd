import * as v from 'valibot';
import { check } from '../json.ts';
import type { Family } from './family.ts';
import { COMMON, size, sizesOf, unsupported } from './fields.ts';
import { oneRotary, ROPE } from './rotary.ts';

const Schema = v.object({
  ...COMMON,
  ...ROPE,
  hidden_act: v.nullish(v.string()),
  sliding_window: v.nullish(size),
});

/** Mistral, after `modeling_mistral.py` and `configuration_mistral.py` of Transformers. */
export const MISTRAL: Family = {
  modelType: 'mistral',
  architectures: ['MistralForCausalLM', 'MistralForSequenceClassification'],
  parse(raw, file) {
    const c = check(Schema, raw, file, 'model/config');
    const activation = c.hidden_act ?? 'silu';
    if (activation !== 'silu') throw unsupported(file, 'hidden_act', activation);
    const sizes = sizesOf(c, file);
    return {
      ...sizes,
      embeddingScale: 1,
      norm: { epsilon: c.rms_norm_eps, offset: 0, places: 'before', ofHeads: false },
      biases: { qkv: false, o: false, mlp: false },
      activation: 'silu',
      rotary: oneRotary(c, 10_000, file),
      attnScale: sizes.headDim ** -0.5,
      attnSoftCap: null,
      // A window is every layer's.
      windows: new Array(sizes.numLayers).fill(c.sliding_window ?? null),
    };
  },
};
