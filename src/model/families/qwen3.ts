import type { Family } from './family.ts';
import { parseQwen } from './qwen.ts';

/** Qwen3, after `modeling_qwen3.py` and `configuration_qwen3.py` of Transformers. */
export const QWEN3: Family = {
  modelType: 'qwen3',
  architectures: ['Qwen3ForCausalLM', 'Qwen3ForSequenceClassification'],
  lmHead: { tied: false },
  parse(raw, file) {
    const { common, attentionBias } = parseQwen(raw, file);
    return {
      ...common,
      norm: { ...common.norm, ofHeads: true },
      biases: { qkv: attentionBias, o: attentionBias, mlp: false },
    };
  },
};
