import { flopsOf } from '../../engine/planning/flops.ts';
import type { Foreseen } from '../../scoring/worker/api.ts';
import { operationsOf, type Rate } from '../page/rate.ts';
import { modelNames, type SizeName, shapeConfig } from './gemma-sizes.ts';

/** Numbers of rows for which times are shown. */
export const ROWS = [1000, 25_000] as const;
/** Operations per token below which a model leaves a device mostly idle between calls. */
const SMALL = 1e9;

/** True if the timed model is far smaller than those predicted, which are then likely to be faster than predicted. */
export function isRough({ flops }: Rate): boolean {
  return flops.token < SMALL;
}

/** Predicts the seconds for this text with a model of each size. */
export function timesOf(rate: Rate, text: Foreseen): Record<SizeName, number> {
  const seconds = modelNames.map((model) => {
    const operations = operationsOf(flopsOf(shapeConfig(model)), text);
    return [model, rate.secondsPerOperation * operations] as const;
  });
  return Object.fromEntries(seconds) as Record<SizeName, number>;
}
