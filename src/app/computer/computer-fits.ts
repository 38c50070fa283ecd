import { asTiebreakError, type PlainError } from '../../domain/errors.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import { planModel } from '../../engine/model-plan.ts';
import type { PlannedModel } from '../../engine/planning/planned-model.ts';
import { linearShape } from '../../model/layer.ts';
import { modelNames, type SizeName, shapeConfig } from './gemma-sizes.ts';

/** LoRA as the notebook trains it. */
const TARGETS = ['q_proj', 'k_proj', 'v_proj'] as const;
const RANK = 16;
const MAX_LENGTH = 2048;

/** Says if a 4-bit model fits on the GPU that computes. */
export interface Fit {
  model: SizeName;
  /** Weights, adapter and the largest batch, in bytes; null if the GPU's own limits rule the model out. */
  bytes: number | null;
  error: PlainError | null;
}

/** Plans 4-bit models of each shape for these GPUs. Empty if there is none, or only a software one. */
export function fitsHere(found: readonly FoundGpu[]): Fit[] {
  const gpus = found.filter(({ fallback }) => !fallback);
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

/** A model of this shape in NF4 with the notebook's adapter. */
export function plannedShape(model: SizeName): PlannedModel {
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
