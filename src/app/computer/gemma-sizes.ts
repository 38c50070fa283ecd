import { parseConfig } from '../../model/config.ts';
import type { DecoderConfig } from '../../model/decoder.ts';

/** The shapes of Gemma-2, by their names. */
const SHAPES = {
  '2B': [2304, 9216, 26, 8, 4, 256],
  '9B': [3584, 14_336, 42, 16, 8, 256],
  '27B': [4608, 36_864, 46, 32, 16, 128],
} as const;

export type SizeName = keyof typeof SHAPES;

/** The sizes of Gemma-2, the smallest first. */
export const modelNames = Object.keys(SHAPES) as SizeName[];

/** The configuration of a size. */
export function shapeConfig(model: SizeName): DecoderConfig {
  const [hidden, intermediate, layers, heads, keyValueHeads, headDim] = SHAPES[model];
  const shape = {
    model_type: 'gemma2',
    hidden_size: hidden,
    intermediate_size: intermediate,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    head_dim: headDim,
    vocab_size: 256_000,
    rms_norm_eps: 1e-6,
    rope_theta: 10_000,
    query_pre_attn_scalar: headDim,
    sliding_window: 4096,
    attn_logit_softcapping: 50,
    hidden_activation: 'gelu_pytorch_tanh',
    max_position_embeddings: 8192,
  };
  return parseConfig(JSON.stringify(shape));
}
