import type { Place } from '../../domain/place.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { Flops } from '../../engine/planning/flops.ts';
import type { Cost } from '../../scoring/rows/cost-model.ts';
import type { Foreseen } from '../../scoring/worker/api.ts';
import { secondsFor } from './known-costs.ts';

/** The speed of a device with a model. */
export interface Rate {
  secondsPerOperation: number;
  /** Operations of the model that was timed. */
  flops: Flops;
  place: Place;
  how: 'run' | 'measured';
}

/** Tokens of a row if no file is open: the mean of public preference pairs (docs/performance.md). */
export const TYPICAL_TOKENS = 640;
/** Counts the operations for a text of this length. */
export function operationsOf(flops: Flops, { tokens, squares }: Foreseen): number {
  return flops.token * tokens + flops.square * squares;
}

/** The rate of a run, computed from its cost at typical lengths, since a fit may leave single coefficients at 0. */
export function rateOfRun(cost: Cost, flops: Flops, { place }: Pick<EngineInfo, 'place'>): Rate {
  const text = textOfRows(1000, null);
  const secondsPerOperation = secondsFor(cost, text) / operationsOf(flops, text);
  return { secondsPerOperation, flops, place, how: 'run' };
}

/**
 * The text of `rows` rows: like those of the open file if their lengths are known, else {@link TYPICAL_TOKENS} each.
 */
export function textOfRows(rows: number, file: (Foreseen & { rows: number }) | null): Foreseen {
  if (file === null || file.rows === 0) {
    return { tokens: rows * TYPICAL_TOKENS, squares: rows * TYPICAL_TOKENS ** 2 };
  }
  const share = rows / file.rows;
  return { tokens: share * file.tokens, squares: share * file.squares };
}
