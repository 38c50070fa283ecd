import { DEFAULT_SETTINGS } from '../core/settings.ts';
import type { FoundGpu } from '../engine/gpus.ts';
import { layerWeightBytes } from '../engine/memory.ts';
import {
  type ModelPlan,
  type PlannedModel,
  planModel,
  plannedModel,
} from '../engine/model-plan.ts';
import { ModelPackage } from '../model/package.ts';
import type { ModelRequest, Planned } from './api.ts';
import { openModelFiles } from './model-files.ts';

/**
 * Plans what is asked for on these GPUs; reads the package's headers.
 * @param adapters those in use; left out: the package's first.
 * @throws TiebreakError `plan/…` when it does not fit, or what opening the package throws.
 */
export async function planRequest(
  request: ModelRequest,
  gpus: readonly FoundGpu[],
  adapters?: readonly (string | null)[],
): Promise<ModelPlan> {
  return planOn(await readModel(request, adapters), request, gpus);
}

/** Bytes of weights and adapters on the CPU. */
export async function planCpu(
  request: ModelRequest,
  adapters?: readonly (string | null)[],
): Promise<NonNullable<Planned['cpu']>> {
  const { config, quantization, adapters: planned } = await readModel(request, adapters);
  const layer = layerWeightBytes(config, quantization, 'float32');
  const adapterBytes = planned.map(({ layerBytes, scoreBytes }) =>
    layerBytes.reduce((sum, bytes) => sum + bytes, scoreBytes),
  );
  return {
    weightBytes: config.numLayers * layer,
    adapterBytes: adapterBytes.reduce((sum, bytes) => sum + bytes, 0),
  };
}

function planOn(model: PlannedModel, request: ModelRequest, gpus: readonly FoundGpu[]): ModelPlan {
  const { lanes, precision, executor, resident, budgets } = request;
  const { maxLength = DEFAULT_SETTINGS.maxLength } = request;
  return planModel({ model, gpus, lanes, precision, executor, resident, budgets, maxLength });
}

async function readModel(
  { source }: ModelRequest,
  adapters?: readonly (string | null)[],
): Promise<PlannedModel> {
  const pkg = await ModelPackage.open(openModelFiles(source));
  return plannedModel(pkg, adapters ?? [pkg.adapterNames[0] ?? null]);
}
