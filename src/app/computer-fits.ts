import { asTiebreakError, type PlainError } from '../core/errors.ts';
import { findGpus } from '../engine/gpus.ts';
import { planModel } from '../engine/model-plan.ts';
import type { PlannedModel } from '../engine/planned-model.ts';
import { type Gemma2Config, linearShape, parseConfig } from '../model/config.ts';

/** LoRA as the notebook trains it. */
const TARGETS = ['q_proj', 'k_proj', 'v_proj'] as const;
const RANK = 16;
const MAX_LENGTH = 2048;

/** The shapes of Gemma-2, by their names. */
const SHAPES = {
  '2B': [2304, 9216, 26, 8, 4, 256],
  '9B': [3584, 14_336, 42, 16, 8, 256],
  '27B': [4608, 36_864, 46, 32, 16, 128],
} as const;

/** Whether a model in 4 bits fits on the GPU that computes. */
export interface Fit {
  model: keyof typeof SHAPES;
  /** Weights, adapter and the largest batch, in bytes; null where the GPU's own limits refuse it. */
  bytes: number | null;
  error: PlainError | null;
}

/** What models of each shape in 4 bits take on this browser's GPU; empty without one that is more than software. */
export async function fitsHere(): Promise<Fit[]> {
  const gpus = (await findGpus(navigator.gpu)).filter(({ fallback }) => !fallback);
  if (gpus.length === 0) return [];
  return modelNames.map((model) => {
    try {
      const plan = planModel({
        model: plannedShape(model),
        gpus,
        lanes: 'one',
        maxLength: MAX_LENGTH,
      });
      return { model, bytes: plan.gpus[0]!.totalBytes, error: null };
    } catch (thrown) {
      return { model, bytes: null, error: asTiebreakError(thrown).toPlain() };
    }
  });
}

const modelNames = Object.keys(SHAPES) as (keyof typeof SHAPES)[];

/** A model of this shape in NF4 with the notebook's adapter. */
export function plannedShape(model: keyof typeof SHAPES): PlannedModel {
  const config = shapeConfig(model);
  const layerBytes = TARGETS.reduce((sum, name) => {
    const { K, N } = linearShape(config, name);
    return sum + 4 * RANK * (K + N);
  }, 0);
  return {
    config,
    quantization: 'nf4',
    adapters: [
      {
        targets: new Set(TARGETS),
        layerBytes: Array.from({ length: config.numLayers }, () => layerBytes),
        scoreBytes: 4 * 3 * config.hiddenSize,
        rank: TARGETS.length * RANK,
      },
    ],
  };
}

function shapeConfig(model: keyof typeof SHAPES): Gemma2Config {
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
