import type { Device } from '../../engine/device/backend.ts';
import { findNodeGpus } from '../../engine/device/backend-node.ts';
import { precisionText } from '../../engine/executor/executor.ts';
import {
  type GpuPlan,
  type ModelPlan,
  type PlanRequest,
  planModel,
} from '../../engine/model-plan.ts';
import { type CpuPlan, planCpu } from '../../engine/planning/cpu-memory.ts';
import { plannedModel } from '../../engine/planning/planned-model.ts';
import type { ModelPackage } from '../../model/package.ts';
import { executorText } from '../../texts/en/errors/engine.ts';
import { megabytes } from '../../texts/en/format.ts';

/** The hardware and the settings for which the command line plans. */
export interface NodePlanRequest
  extends Pick<PlanRequest, 'precision' | 'executor' | 'resident' | 'maxLength' | 'batchTokens'> {
  pkg: ModelPackage;
  adapters: readonly (string | null)[];
  device?: Device;
  /** Bytes of the GPU's memory that may be used. Default: no limit. */
  budget?: number;
}

/**
 * Plans a model for the GPU that the command line would use, or for the CPU, before anything is loaded.
 * @throws TiebreakError `plan/too-large`, `plan/no-room` or `plan/cpu` with the numbers if it does not fit.
 */
export async function planInNode(request: NodePlanRequest): Promise<ModelPlan | CpuPlan> {
  const { pkg, adapters, device, budget = null, ...rest } = request;
  const gpus = device === 'wasm' ? [] : await findNodeGpus();
  // A software GPU is used only if the user requests a GPU.
  const [gpu] = gpus.filter(({ fallback }) => device === 'webgpu' || !fallback);
  const model = await plannedModel(pkg, adapters);
  if (gpu === undefined) return planCpu({ ...rest, model });
  return planModel({ ...rest, model, gpus: [gpu], budgets: [budget], lanes: 'one' });
}

/** Describes a plan in lines for a terminal. */
export function planText(plan: ModelPlan | CpuPlan): string {
  const { maxLength, batchTokens } = plan;
  return [
    `Memory plan for rows of up to ${maxLength} tokens in batches of ${batchTokens}`,
    ...('gpus' in plan ? gpusText(plan) : cpuText(plan)),
  ].join('\n');
}

function gpusText({ gpus, layers }: ModelPlan): string[] {
  return [
    ...gpus.map((gpu) => gpuText(gpu, layers)),
    'WebGPU reports limits, not free memory: if memory turns out to be too small, fewer layers stay on the GPU.',
  ];
}

function cpuText(plan: CpuPlan): string[] {
  const { weightBytes, adapterBytes, layerBytes, activationBytes, scoreBytes } = plan;
  return [
    `CPU: weights ${megabytes(weightBytes)} and adapters ${megabytes(adapterBytes)} in main memory`,
    `  WebAssembly: a layer ${megabytes(layerBytes)}, activations ${megabytes(activationBytes)}, attention scores ${megabytes(scoreBytes)}, heads in ${groupsText(plan.headGroups)}; in all about ${megabytes(plan.heapBytes)} of ${megabytes(plan.heapLimit)}`,
  ];
}

function groupsText(groups: number): string {
  return `${groups} group${groups === 1 ? '' : 's'}`;
}

function gpuText(plan: GpuPlan, layers: number): string {
  const { gpu, precision, residentLayers, streamedBytes, budgetBytes } = plan;
  const { scoreBytes, headGroups, maxBufferSize, maxBindingSize } = plan;
  const scores =
    scoreBytes === null
      ? 'no attention scores kept'
      : `attention scores ${scoreBytes === 0 ? 'in buffers of the MLP' : megabytes(scoreBytes)}, heads in ${groupsText(headGroups)}`;
  const lines = [
    `${gpu}: ${executorText(plan)}, ${precisionText(precision)}`,
    `  weights ${megabytes(plan.weightBytes)}, adapters ${megabytes(plan.adapterBytes)}, activations ${megabytes(plan.activationBytes)}, ${scores}; in all about ${megabytes(plan.totalBytes)} of ${budgetBytes === null ? 'an unknown amount' : megabytes(budgetBytes)}`,
    `  largest buffer ${megabytes(maxBufferSize)}, of which a shader binds ${megabytes(maxBindingSize)}`,
  ];
  if (streamedBytes > 0) {
    lines.push(
      `  low-memory mode: ${residentLayers} of ${layers} layers stay, ${megabytes(streamedBytes)} are read again for every batch: at least ${Math.ceil(streamedBytes / 1e9)} s per batch from a disk that reads 1 GB per second`,
    );
  }
  return lines.join('\n');
}
