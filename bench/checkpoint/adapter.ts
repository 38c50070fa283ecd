import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/model/config.ts';
import { linearShape, modulePath } from '../../src/model/layer.ts';
import { bytesOf } from '../../src/model/safetensors.ts';
import { normalValues } from './pools.ts';
import { configJson, type Sizes } from './shapes.ts';
import { type DrawnTensor, writeSafetensors } from './write.ts';

const RANK = 16;
const ALPHA = 32;
const LAYERS = 26;
const TARGETS = ['q_proj', 'k_proj', 'v_proj'] as const;
const POOL_VALUES = 2 ** 18;

/**
 * Writes a PEFT adapter into a folder: LoRA on q, k, v of the last 26 layers (or all, if there are fewer), and a score
 * head. Its share of a layer's output is about a tenth of the base's.
 * @returns bytes of its weights.
 */
export function writeAdapter(folder: string, sizes: Sizes, next: () => number): number {
  mkdirSync(folder, { recursive: true });
  const config = parseConfig(configJson(sizes, 'bf16'));
  const pool = (deviation: number) => bytesOf(normalValues(POOL_VALUES, deviation, next));
  const [A, B] = [pool(1 / Math.sqrt(3 * config.hiddenSize)), pool(0.02)];
  const layers = Array.from(
    { length: Math.min(LAYERS, config.numLayers) },
    (_, i, count = Math.min(LAYERS, config.numLayers)) => config.numLayers - count + i,
  );
  const tensors: DrawnTensor[] = [
    {
      name: 'base_model.model.score.weight',
      dtype: 'F32',
      shape: [3, config.hiddenSize],
      pool: pool(1 / Math.sqrt(config.hiddenSize)),
    },
  ];
  for (const layer of layers) {
    for (const target of TARGETS) {
      const { K, N } = linearShape(config, target);
      const module = `base_model.model.model.layers.${layer}.${modulePath(target)}`;
      tensors.push(
        { name: `${module}.lora_A.weight`, dtype: 'F32', shape: [RANK, K], pool: A },
        { name: `${module}.lora_B.weight`, dtype: 'F32', shape: [N, RANK], pool: B },
      );
    }
  }
  writeFileSync(
    join(folder, 'adapter_config.json'),
    `${JSON.stringify(settings(layers), null, 2)}\n`,
  );
  return writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, next);
}

function settings(layers: number[]): Record<string, unknown> {
  return {
    alpha_pattern: {},
    auto_mapping: null,
    base_model_name_or_path: null,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layer_replication: null,
    layers_pattern: null,
    layers_to_transform: layers,
    loftq_config: {},
    lora_alpha: ALPHA,
    lora_dropout: 0.05,
    megatron_config: null,
    megatron_core: 'megatron.core',
    modules_to_save: ['classifier', 'score'],
    peft_type: 'LORA',
    r: RANK,
    rank_pattern: {},
    revision: null,
    target_modules: TARGETS,
    task_type: 'SEQ_CLS',
    use_dora: false,
    use_rslora: false,
  };
}
