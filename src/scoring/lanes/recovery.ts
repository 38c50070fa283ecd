import type { TiebreakError } from '../../domain/errors.ts';
import { isMemoryFailure } from '../../engine/device/memory-failure.ts';

/**
 * The kinds of failures of a batch on a lane.
 * - `memory`: memory was short; a smaller batch may fit.
 * - `device`: the device was lost, hung, returned NaN or failed otherwise; a new device may succeed.
 * - `refused`: the device computes wrongly or no longer exists; another attempt would fail too.
 * - `fatal`: the lane is not the cause (cancelled, damaged package, invalid input); every lane would fail.
 */
export type FailureKind = 'memory' | 'device' | 'refused' | 'fatal';

/** Facts about the batch that failed. */
export interface FailedWork {
  rows: number;
  /** Tokens of the batch, padding included. */
  tokens: number;
  /** Number of its previous failures on any lane, except those for lack of memory. */
  failures: number;
}

/** Facts about the lane on which it failed. */
export interface FailedLane {
  /** Failures since its last finished batch, except those that were answered by a smaller batch. */
  failures: number;
  /** Tokens of the largest batch that it finished, padding included. */
  largestDone: number;
  canRebuild: boolean;
}

/** The answer to a failure. */
type Decision =
  /** The run ends with this failure. */
  | { lane: 'stop' }
  /**
   * `rebuild`: device and model are restarted. `end`: the lane is no longer used. In both cases the batch returns to
   * the queue, with `halve` as two batches. `smaller`: the lane takes smaller batches from now on.
   */
  | { lane: 'rebuild' | 'end'; halve: boolean; smaller: boolean };

/** Number of failures in a row, without a finished batch between them, that ends a lane. */
const LANE_FAILURES = 3;
/** Number of failures of one batch, on any lanes, that ends the run: no device can compute this batch. */
const BATCH_FAILURES = 4;

/** Decides what follows a failure, from these facts alone. */
export function decide(kind: FailureKind, work: FailedWork, lane: FailedLane): Decision {
  if (kind === 'fatal') return { lane: 'stop' };
  if (kind === 'refused') return { lane: 'end', halve: false, smaller: false };
  const halvable = work.rows > 1;
  if (kind === 'memory' && halvable) {
    return { lane: lane.canRebuild ? 'rebuild' : 'end', halve: true, smaller: true };
  }
  if (work.failures + 1 >= BATCH_FAILURES) return { lane: 'stop' };
  // One failure may be chance. After two, a single row may be at fault, which halving isolates.
  const halve = halvable && work.failures > 0;
  const worn = lane.failures + 1 >= LANE_FAILURES || !lane.canRebuild;
  return { lane: worn ? 'end' : 'rebuild', halve, smaller: false };
}

/** Codes of failures that another attempt on the same lane would repeat. */
const REFUSED = new Set([
  'engine/self-test',
  'engine/stuck',
  'gpu/none',
  'gpu/kernels',
  'gpu/no-float16',
  'gpu/binding-size',
]);
/** Codes of failures of a device. `internal/unexpected` stands for unknown errors of a driver or of ONNX Runtime. */
const DEVICE = /^(engine|gpu|internal)\//;
/** Codes in these areas that a device does not cause. */
const INPUT = new Set(['engine/tokens', 'engine/not-loaded']);

/**
 * Classifies an error. A device that is lost during the largest batch so far counts as short of memory, because drivers
 * that run out of memory, or take too long for one batch, often report no more than the loss.
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
