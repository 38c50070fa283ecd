import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import { type ModelPlan, planModel } from '../../engine/model-plan.ts';
import { type CpuPlan, planCpu } from '../../engine/planning/cpu-memory.ts';
import {
  type PlannedAdapter,
  type PlannedModel,
  plannedAdapter,
  plannedModel,
} from '../../engine/planning/planned-model.ts';
import { ModelPackage } from '../../model/package.ts';
import { budgetOf } from '../lanes/gpu-budget.ts';
import type { ModelRequest } from '../lanes/model-request.ts';
import { openModelFiles } from '../lanes/model-source.ts';

/**
 * Plans a requested model on these GPUs. Reads only the package's headers.
 * @param adapters to plan for. Default: the package's first.
 * @throws TiebreakError `plan/…` if it does not fit, or whatever opening the package throws.
 */
export async function planRequest(
  request: ModelRequest,
  gpus: readonly FoundGpu[],
  adapters?: readonly (string | null)[],
): Promise<ModelPlan> {
  return planOn(await readModel(request, adapters), request, gpus);
}

/** Plans a requested model on the CPU. @throws TiebreakError `plan/cpu` if it does not fit; as {@link planRequest}. */
export async function planOnCpu(
  request: ModelRequest,
  adapters?: readonly (string | null)[],
): Promise<CpuPlan> {
  const { resident, maxLength = DEFAULT_SETTINGS.maxLength } = request;
  return planCpu({ model: await readModel(request, adapters), resident, maxLength });
}

function planOn(model: PlannedModel, request: ModelRequest, gpus: readonly FoundGpu[]): ModelPlan {
  const { lanes, precision, executor, resident, maxLength = DEFAULT_SETTINGS.maxLength } = request;
  const budgets = gpus.map((gpu) => budgetOf(request, gpu));
  return planModel({ model, gpus, lanes, precision, executor, resident, budgets, maxLength });
}

/** The parts of a model that have been read. */
interface ReadModel {
  load: number | undefined;
  pkg: Promise<ModelPackage>;
  adapters: Map<string | null, Promise<PlannedAdapter>>;
}

/** The headers of the latest load. A model is planned again at every change of the settings and before every run. */
let latest: ReadModel | null = null;

async function readModel(
  request: ModelRequest,
  wanted?: readonly (string | null)[],
): Promise<PlannedModel> {
  const { load, source } = request;
  const known =
    load !== undefined && latest?.load === load
      ? latest
      : { load, pkg: ModelPackage.open(openModelFiles(source)), adapters: new Map() };
  latest = known;
  try {
    const pkg = await known.pkg;
    const names = wanted ?? [pkg.adapterNames[0] ?? null];
    return await plannedModel(pkg, names, (name) => {
      const reading = known.adapters.get(name) ?? plannedAdapter(pkg, name);
      known.adapters.set(name, reading);
      return reading;
    });
  } catch (thrown) {
    // The failure is not kept: reading may succeed the next time.
    if (latest === known) latest = null;
    throw thrown;
  }
}
