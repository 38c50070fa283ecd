import type { BatchBounds, EngineInfo } from '../../engine/engine.ts';
import { BATCH_TOKENS, LARGE_BATCH_TOKENS } from '../../engine/planning/batches.ts';
import type { BatchPlan } from '../rows/batches.ts';

/** Something that turns token rows into logits: an engine on this thread, or one in a worker. */
export interface Lane {
  readonly info: EngineInfo;
  readonly bounds: BatchBounds;
  /**
   * True where the next batch is prepared while one is computed: `logits` is then called for it before the other has
   * settled.
   */
  readonly overlaps?: boolean;
  /** Logits [adapters, rows, 3]: of every adapter in use. Rejects with `run/cancelled` soon after the signal fires. */
  logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array>;
  /**
   * Starts device and model anew with the same adapters, whatever the old ones are doing. A lane that has none of this
   * is not used any more after its first failure.
   */
  rebuild?(signal?: AbortSignal): Promise<void>;
  /** Ends the lane and frees what it holds, even while it hangs. */
  close?(): void;
}

/** Bounds that every lane keeps. `batchTokens`: tokens of a batch, padding included. */
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
    // An executor that keeps no scores has no groups: those of one that does decide.
    headGroups: lanes.reduce((a, b) =>
      b.bounds.scoreBytesOfOne > a.bounds.scoreBytesOfOne ? b : a,
    ).bounds.headGroups,
    ...(lanes.every((lane) => lane.bounds.sharesPrefixes) ? { sharesPrefixes: true } : {}),
  };
}
