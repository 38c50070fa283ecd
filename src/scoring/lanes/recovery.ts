import type { TiebreakError } from '../../domain/errors.ts';
import { isMemoryFailure } from '../../engine/device/memory-failure.ts';

/**
 * What a failed batch says about its lane.
 * - `memory`: too little memory; less at once may fit.
 * - `device`: the device was lost, hung, returned NaN or failed otherwise; a new one may do.
 * - `refused`: the device computes wrongly or is not there any more; a new try would be the same.
 * - `fatal`: not the lane's doing (cancelled, damaged package, wrong input); no lane could do it.
 */
export type FailureKind = 'memory' | 'device' | 'refused' | 'fatal';

/** Facts about the batch that failed. */
export interface FailedWork {
  rows: number;
  /** Padding included. */
  tokens: number;
  /** How often it failed before, on whatever lane, for another reason than memory. */
  failures: number;
}

/** Facts about the lane on which it failed. */
export interface FailedLane {
  /** Failures since its last finished batch, not counting those that were answered with a smaller batch. */
  failures: number;
  /** Tokens of the largest batch it finished, padding included. */
  largestDone: number;
  canRebuild: boolean;
}

/** The answer to a failure. */
type Decision =
  /** The run ends with the failure. */
  | { lane: 'stop' }
  /**
   * `rebuild`: device and model are started anew; `end`: the lane is not used again. The batch goes back into the
   * queue, with `halve` as two. `smaller`: the lane takes smaller batches from now on.
   */
  | { lane: 'rebuild' | 'end'; halve: boolean; smaller: boolean };

/** A lane that failed so often without finishing a batch is ended. */
const LANE_FAILURES = 3;
/** A batch that failed so often, on one lane or several, ends the run: it is the batch that no device can do. */
const BATCH_FAILURES = 4;

/** Decides what follows a failure. Pure. */
export function decide(kind: FailureKind, work: FailedWork, lane: FailedLane): Decision {
  if (kind === 'fatal') return { lane: 'stop' };
  if (kind === 'refused') return { lane: 'end', halve: false, smaller: false };
  const halvable = work.rows > 1;
  if (kind === 'memory' && halvable) {
    return { lane: lane.canRebuild ? 'rebuild' : 'end', halve: true, smaller: true };
  }
  if (work.failures + 1 >= BATCH_FAILURES) return { lane: 'stop' };
  // Once may be chance. After that one row of the batch may be what the device cannot do: halves find it.
  const halve = halvable && work.failures > 0;
  const worn = lane.failures + 1 >= LANE_FAILURES || !lane.canRebuild;
  return { lane: worn ? 'end' : 'rebuild', halve, smaller: false };
}

/** Codes of failures that another try on the same lane would repeat. */
const REFUSED = new Set([
  'engine/self-test',
  'engine/stuck',
  'gpu/none',
  'gpu/kernels',
  'gpu/no-float16',
  'gpu/binding-size',
]);
/** Codes of failures of a device; `internal/unexpected` is what a driver or ONNX Runtime threw past us. */
const DEVICE = /^(engine|gpu|internal)\//;
/** Codes in these areas that are not the device's doing. */
const INPUT = new Set(['engine/tokens', 'engine/not-loaded']);

/**
 * What kind of failure an error is. A device that is lost during the largest batch so far counts as short of memory:
 * drivers that run out of it, or take too long over one batch, often say no more than that.
 */
export function failureKind(
  error: TiebreakError,
  work: Pick<FailedWork, 'tokens'>,
  lane: Pick<FailedLane, 'largestDone'>,
): FailureKind {
  if (isMemoryFailure(error)) return 'memory';
  if (REFUSED.has(error.code)) return 'refused';
  if (INPUT.has(error.code) || !DEVICE.test(error.code)) return 'fatal';
  if (error.code === 'gpu/lost' && work.tokens > lane.largestDone) return 'memory';
  return 'device';
}
