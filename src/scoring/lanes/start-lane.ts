import { EngineLane } from './engine-lane.ts';
import type { LoadProgress, ModelRequest } from './model-request.ts';
import { SplitLane } from './split-lane.ts';
import type { ModelLane } from './start-lanes.ts';

/**
 * Starts a lane on one GPU, on the CPU, or on two GPUs that share the layers.
 * @throws TiebreakError if loading fails.
 */
export function startLane(
  request: ModelRequest,
  onProgress: (progress: LoadProgress) => void,
  signal?: AbortSignal,
): Promise<ModelLane> {
  const { split } = request;
  if (split === undefined) return EngineLane.start(request, onProgress, signal);
  return SplitLane.start(request, split, onProgress, signal, EngineLane.start);
}
