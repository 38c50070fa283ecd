/** Sizes of the Gemma-2 models from their config.json, and a small one for trials. */
export const SHAPES = {
  '2b': {
    hidden_size: 2304,
    intermediate_size: 9216,
    num_hidden_layers: 26,
    num_attention_heads: 8,
    num_key_value_heads: 4,
    head_dim: 256,
    query_pre_attn_scalar: 256,
    vocab_size: 256_000,
  },
  '9b': {
    hidden_size: 3584,
    intermediate_size: 14_336,
    num_hidden_layers: 42,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 256,
    query_pre_attn_scalar: 256,
    vocab_size: 256_000,
  },
  '27b': {
    hidden_size: 4608,
    intermediate_size: 36_864,
    num_hidden_layers: 46,
    num_attention_heads: 32,
    num_key_value_heads: 16,
    head_dim: 128,
    query_pre_attn_scalar: 144,
    vocab_size: 256_000,
  },
  tiny: {
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 16,
    query_pre_attn_scalar: 16,
    vocab_size: 1024,
  },
} as const;

export type ShapeName = keyof typeof SHAPES;
export type Sizes = { -readonly [K in keyof (typeof SHAPES)['9b']]: number };

/** The format of the linear layers; `gptq8` has groups of 128, `gptq8-act-order` mixes their features. */
export const STORED = ['bf16', 'nf4', 'gptq8', 'gptq8-act-order'] as const;
export type Stored = (typeof STORED)[number];

/** Features that share a scale in GPTQ, fewer in the small shape. */
export function gptqGroup({ hidden_size }: Sizes): number {
  return Math.min(128, hidden_size);
}

/** `config.json` of a `Gemma2ForCausalLM` of these sizes, as `save_pretrained` writes it. */
export function configJson(sizes: Sizes, stored: Stored): string {
  const config = {
    architectures: ['Gemma2ForCausalLM'],
    attention_bias: false,
    attention_dropout: 0.0,
    attn_logit_softcapping: 50.0,
    bos_token_id: 2,
    cache_implementation: 'hybrid',
    eos_token_id: 1,
    final_logit_softcapping: 30.0,
    hidden_act: 'gelu_pytorch_tanh',
    hidden_activation: 'gelu_pytorch_tanh',
    initializer_range: 0.02,
    max_position_embeddings: 8192,
    model_type: 'gemma2',
    pad_token_id: 0,
    rms_norm_eps: 1e-6,
    rope_theta: 10_000.0,
    sliding_window: 4096,
    torch_dtype: 'bfloat16',
    transformers_version: '4.44.2',
    use_cache: true,
    ...sizes,
    ...quantizationConfig(sizes, stored),
  };
  const sorted = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

function quantizationConfig(sizes: Sizes, stored: Stored): object {
  switch (stored) {
    case 'bf16':
      return {};
    case 'nf4':
      return { quantization_config: BNB_CONFIG };
    case 'gptq8':
    case 'gptq8-act-order': {
      const gptq = {
        bits: 8,
        checkpoint_format: 'gptq',
        desc_act: stored === 'gptq8-act-order',
        group_size: gptqGroup(sizes),
        quant_method: 'gptq',
        sym: true,
      };
      return { quantization_config: gptq };
    }
  }
}

const BNB_CONFIG = {
  _load_in_4bit: true,
  _load_in_8bit: false,
  bnb_4bit_compute_dtype: 'bfloat16',
  bnb_4bit_quant_storage: 'uint8',
  bnb_4bit_quant_type: 'nf4',
  bnb_4bit_use_double_quant: true,
  llm_int8_enable_fp32_cpu_offload: false,
  llm_int8_has_fp16_weight: false,
  llm_int8_skip_modules: null,
  llm_int8_threshold: 6.0,
  load_in_4bit: true,
  load_in_8bit: false,
  quant_method: 'bitsandbytes',
};
