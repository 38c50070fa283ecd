import { flopsOf } from '../../engine/planning/flops.ts';
import type { Foreseen } from '../../scoring/worker/api.ts';
import { operationsOf, type Rate } from '../page/rate.ts';
import { modelNames, type SizeName, shapeConfig } from './gemma-sizes.ts';

/** Numbers of rows whose time is told for every size. */
export const ROWS = [1000, 25_000] as const;
/** A model with fewer operations per token than this leaves a device mostly idle between its calls. */
const SMALL = 1e9;

/**
 * Was a model timed that is far smaller than those that the times are for? These are likely to be faster than it says.
 */
export function isRough({ flops }: Rate): boolean {
  return flops.token < SMALL;
}

/** Seconds for so much text with a model of each size. */
export function timesOf(rate: Rate, text: Foreseen): Record<SizeName, number> {
  const seconds = modelNames.map((model) => {
    const operations = operationsOf(flopsOf(shapeConfig(model)), text);
    return [model, rate.secondsPerOperation * operations] as const;
  });
  return Object.fromEntries(seconds) as Record<SizeName, number>;
}
