import type { Family } from './family.ts';
import { parseQwen } from './qwen.ts';

/** Qwen2 and Qwen2.5, after `modeling_qwen2.py` and `configuration_qwen2.py` of Transformers. */
export const QWEN2: Family = {
  modelType: 'qwen2',
  architectures: ['Qwen2ForCausalLM', 'Qwen2ForSequenceClassification'],
  lmHead: { tied: false },
  parse(raw, file) {
    const { common } = parseQwen(raw, file);
    // Not in the configuration: always so.
    return { ...common, biases: { qkv: true, o: false, mlp: false } };
  },
};
