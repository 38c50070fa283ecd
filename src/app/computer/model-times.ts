import type { Place } from '../../domain/place.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import { type Flops, flopsOf } from '../../engine/planning/flops.ts';
import type { Cost } from '../../scoring/rows/cost-model.ts';
import type { Foreseen } from '../../scoring/worker/api.ts';
import { modelNames, type SizeName, shapeConfig } from './gemma-sizes.ts';
import { secondsFor } from './known-costs.ts';

/** How fast a device computed a model. */
export interface Rate {
  secondsPerOperation: number;
  /** Of the model that was timed. */
  flops: Flops;
  place: Place;
  how: 'run' | 'measured';
}

/** Tokens of a row where no file says more: the mean of public preference pairs, of docs/performance.md. */
export const TYPICAL_TOKENS = 640;
/** Numbers of rows whose time is told for every size. */
export const ROWS = [1000, 25_000] as const;
/** A model with fewer operations per token than this leaves a device mostly idle between its calls. */
const SMALL = 1e9;

/** Operations of this much text. */
export function operationsOf(flops: Flops, { tokens, squares }: Foreseen): number {
  return flops.token * tokens + flops.square * squares;
}

/** The rate of a run, from what its work cost: at typical lengths, since a fit may leave single coefficients at 0. */
export function rateOfRun(cost: Cost, flops: Flops, { place }: Pick<EngineInfo, 'place'>): Rate {
  const text = rowsOf(1000, null);
  const secondsPerOperation = secondsFor(cost, text) / operationsOf(flops, text);
  return { secondsPerOperation, flops, place, how: 'run' };
}

/** Was a model timed that is far smaller than those that the times are for? These are likely to be faster than it says. */
export function isRough({ flops }: Rate): boolean {
  return flops.token < SMALL;
}

/** So many rows: like those of the open file where its lengths are known, else of {@link TYPICAL_TOKENS} each. */
export function rowsOf(rows: number, file: (Foreseen & { rows: number }) | null): Foreseen {
  if (file === null || file.rows === 0) {
    return { tokens: rows * TYPICAL_TOKENS, squares: rows * TYPICAL_TOKENS ** 2 };
  }
  const share = rows / file.rows;
  return { tokens: share * file.tokens, squares: share * file.squares };
}

/** Seconds for so much text with a model of each size. */
export function timesOf(rate: Rate, text: Foreseen): Record<SizeName, number> {
  const seconds = modelNames.map((model) => {
    const operations = operationsOf(flopsOf(shapeConfig(model)), text);
    return [model, rate.secondsPerOperation * operations] as const;
  });
  return Object.fromEntries(seconds) as Record<SizeName, number>;
}
