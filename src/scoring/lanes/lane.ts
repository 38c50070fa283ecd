import type { BatchBounds, EngineInfo } from '../../engine/engine.ts';
import { BATCH_TOKENS, LARGE_BATCH_TOKENS } from '../../engine/planning/batches.ts';
import type { BatchPlan } from '../rows/batches.ts';

/** A device with a model, which turns rows of token ids into logits: an engine on this thread or in a worker. */
export interface Lane {
  readonly info: EngineInfo;
  readonly bounds: BatchBounds;
  /**
   * True if the lane prepares the next batch while it computes one: `logits` may be called again before the previous
   * call has settled.
   */
  readonly overlaps?: boolean;
  /** Logits [adapters, rows, labels] of all adapters set. Rejects with `run/cancelled` soon after the signal fires. */
  logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array>;
  /**
   * Restarts device and model with the same adapters, even while the old ones hang. A lane without this method is no
   * longer used after its first failure.
   */
  rebuild?(signal?: AbortSignal): Promise<void>;
  /** Ends the lane and frees its memory, even while it hangs. */
  close?(): void;
}

/**
 * Bounds of batches that every lane can compute, so that a batch, and with it the last digits of its rows, does not
 * depend on the lane that takes it.
 * @param batchTokens tokens of a batch, padding included; by default what suits the lanes.
 */
export function planOf(lanes: readonly Lane[], batchTokens?: number): BatchPlan {
  const device = lanes.every((lane) => lane.info.device === 'webgpu') ? 'webgpu' : 'wasm';
  const several = lanes.length > 1 || lanes.some((lane) => lane.info.parts !== undefined);
  const usual = device === 'webgpu' && several ? LARGE_BATCH_TOKENS : BATCH_TOKENS[device];
  return {
    maxTokens: Math.min(
      batchTokens ?? usual,
      ...lanes.map((lane) => lane.bounds.maxTokens ?? Number.POSITIVE_INFINITY),
    ),
    padMultiple: Math.max(...lanes.map((lane) => lane.bounds.padMultiple)),
    maxScoreBytes: Math.min(...lanes.map((lane) => lane.bounds.maxScoreBytes)),
    scoreBytesOfOne: Math.max(...lanes.map((lane) => lane.bounds.scoreBytesOfOne)),
    // Our kernels store no scores and have no groups, so the lane that needs most bytes for scores decides.
    headGroups: lanes.reduce((a, b) =>
      b.bounds.scoreBytesOfOne > a.bounds.scoreBytesOfOne ? b : a,
    ).bounds.headGroups,
    ...(lanes.every((lane) => lane.bounds.sharesPrefixes) ? { sharesPrefixes: true } : {}),
  };
}
