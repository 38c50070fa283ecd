import { DEFAULT_SETTINGS } from '../core/settings.ts';
import type { FoundGpu } from '../engine/gpus.ts';
import { type ModelPlan, planModel } from '../engine/model-plan.ts';
import { cpuBytes, type PlannedModel, plannedModel } from '../engine/planned-model.ts';
import { ModelPackage } from '../model/package.ts';
import type { ModelRequest, ModelSource, Planned } from './api.ts';
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
  return cpuBytes(await readModel(request, adapters));
}

function planOn(model: PlannedModel, request: ModelRequest, gpus: readonly FoundGpu[]): ModelPlan {
  const { lanes, precision, executor, resident, budgets } = request;
  const { maxLength = DEFAULT_SETTINGS.maxLength } = request;
  return planModel({ model, gpus, lanes, precision, executor, resident, budgets, maxLength });
}

/** Models that were read, so that a run of a loaded one starts without reading its headers again. */
const read = new WeakMap<ModelSource, Map<string, Promise<PlannedModel>>>();

function readModel(
  { source }: ModelRequest,
  adapters?: readonly (string | null)[],
): Promise<PlannedModel> {
  const known = read.get(source) ?? new Map<string, Promise<PlannedModel>>();
  read.set(source, known);
  const key = JSON.stringify(adapters ?? []);
  const before = known.get(key);
  if (before !== undefined) return before;
  const opening = ModelPackage.open(openModelFiles(source));
  const namesOf = (pkg: ModelPackage) => adapters ?? [pkg.adapterNames[0] ?? null];
  const reading = opening.then((pkg) => {
    known.set(JSON.stringify(namesOf(pkg)), reading);
    return plannedModel(pkg, namesOf(pkg));
  });
  known.set(key, reading);
  // What failed may be there the next time.
  reading.catch(() => known.clear());
  return reading;
}
