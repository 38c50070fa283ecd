import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  LINEAR_NAMES,
  linearShape,
  modulePath,
  NORM_NAMES,
  parseConfig,
} from '../src/model/config.ts';
import { safetensorsHeader, type TensorHeader } from '../src/model/safetensors.ts';

/** A tensor to be filled with random values. */
interface RandomTensor extends TensorHeader {
  dtype: 'BF16' | 'F32';
  /** Standard deviation of its values. */
  scale: number;
}

/** `config.json` as Transformers writes it for a causal language model: the score head is the adapter's. */
export function demoConfig(vocabSize = 256_000): Record<string, unknown> {
  return {
    architectures: ['Gemma2ForCausalLM'],
    attention_bias: false,
    attention_dropout: 0.0,
    attn_logit_softcapping: 50.0,
    bos_token_id: 2,
    dtype: 'bfloat16',
    eos_token_id: 1,
    final_logit_softcapping: 30.0,
    head_dim: 32,
    hidden_activation: 'gelu_pytorch_tanh',
    hidden_size: 64,
    initializer_range: 0.02,
    intermediate_size: 256,
    layer_types: ['sliding_attention', 'full_attention', 'sliding_attention', 'full_attention'],
    max_position_embeddings: 8192,
    model_type: 'gemma2',
    num_attention_heads: 4,
    num_hidden_layers: 4,
    num_key_value_heads: 2,
    pad_token_id: 0,
    query_pre_attn_scalar: 32,
    rms_norm_eps: 1e-6,
    rope_parameters: { rope_theta: 10000.0, rope_type: 'default' },
    sliding_window: 4096,
    tie_word_embeddings: true,
    use_cache: true,
    vocab_size: vocabSize,
  };
}

const RANK = 8;
const TARGETS = ['q_proj', 'k_proj', 'v_proj'] as const;
const ADAPTED_LAYERS = [2, 3];

/** Writes a checkpoint of random bfloat16 weights as `save_pretrained` does. The same seed gives the same bytes. */
export async function writeDemoBase(
  directory: string,
  seed: number,
  vocabSize?: number,
): Promise<void> {
  const json = JSON.stringify(demoConfig(vocabSize), null, 2);
  const config = parseConfig(json);
  const tensors: RandomTensor[] = [];
  const add = (name: string, shape: number[], scale: number) =>
    tensors.push({ name, dtype: 'BF16', shape, scale });
  add('model.embed_tokens.weight', [config.vocabSize, config.hiddenSize], 0.05);
  for (let layer = 0; layer < config.numLayers; layer += 1) {
    for (const norm of NORM_NAMES) {
      add(`model.layers.${layer}.${norm}.weight`, [config.hiddenSize], 0.1);
    }
    for (const name of LINEAR_NAMES) {
      const { K, N } = linearShape(config, name);
      add(`model.layers.${layer}.${modulePath(name)}.weight`, [N, K], 0.1);
    }
  }
  add('model.norm.weight', [config.hiddenSize], 0.1);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'config.json'), `${json}\n`);
  await writeRandom(join(directory, 'model.safetensors'), tensors, seed);
}

/** Writes a PEFT adapter with random values, named and typed as PEFT saves one with `modules_to_save=["score"]`. */
export async function writeDemoAdapter(directory: string, seed: number): Promise<void> {
  const config = parseConfig(JSON.stringify(demoConfig()));
  const tensors: RandomTensor[] = [];
  for (const layer of ADAPTED_LAYERS) {
    for (const name of TARGETS) {
      const { K, N } = linearShape(config, name);
      const module = `base_model.model.model.layers.${layer}.${modulePath(name)}`;
      tensors.push(
        { name: `${module}.lora_A.weight`, dtype: 'F32', shape: [RANK, K], scale: 0.1 },
        { name: `${module}.lora_B.weight`, dtype: 'F32', shape: [N, RANK], scale: 0.1 },
      );
    }
  }
  // The final norm leaves values of size 1, so this scale makes logits of size 1.
  const score = { name: 'base_model.model.score.weight', shape: [3, config.hiddenSize] };
  tensors.push({ ...score, dtype: 'F32', scale: config.hiddenSize ** -0.5 });
  await mkdir(directory, { recursive: true });
  const settings = {
    alpha_pattern: {},
    base_model_name_or_path: null,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: ADAPTED_LAYERS,
    lora_alpha: 2 * RANK,
    lora_bias: false,
    lora_dropout: 0.05,
    modules_to_save: ['classifier', 'score'],
    peft_type: 'LORA',
    r: RANK,
    rank_pattern: {},
    revision: null,
    target_modules: [...TARGETS],
    task_type: 'SEQ_CLS',
    use_dora: false,
    use_rslora: false,
  };
  await writeFile(join(directory, 'adapter_config.json'), `${JSON.stringify(settings, null, 2)}\n`);
  await writeRandom(join(directory, 'adapter_model.safetensors'), tensors, seed);
}

async function writeRandom(path: string, tensors: RandomTensor[], seed: number): Promise<void> {
  const random = normals(seed);
  const file = await open(path, 'w');
  try {
    await file.writeFile(safetensorsHeader(tensors).bytes);
    for (const { dtype, shape, scale } of tensors) {
      const values = new Float32Array(shape.reduce((n, d) => n * d, 1));
      for (let i = 0; i < values.length; i += 1) values[i] = random() * scale;
      await file.writeFile(dtype === 'F32' ? new Uint8Array(values.buffer) : bfloat16(values));
    }
  } finally {
    await file.close();
  }
}

/** The upper halves of the values' bits; that truncates, which random values do not mind. */
function bfloat16(values: Float32Array<ArrayBuffer>): Uint8Array {
  const bits = new Uint32Array(values.buffer);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i += 1) out[i] = bits[i]! >>> 16;
  return new Uint8Array(out.buffer);
}

/**
 * Nearly normal numbers of variance 1 from a seed: sums of four uniform ones. Unlike Box-Muller it needs no logarithm
 * or cosine, whose last bit differs between engines: the bytes are the same everywhere.
 */
function normals(seed: number): () => number {
  let state = seed;
  // mulberry32, public domain.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return t ^ (t >>> 14);
  };
  const spread = 65536 * Math.sqrt(4 / 12);
  return () => {
    const a = next();
    const b = next();
    return ((a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16) - 131070) / spread;
  };
}
