import { EPSILON } from './metrics.ts';

/** Bounds of a temperature. */
export const TEMPERATURE_RANGE = { min: 0.05, max: 20 } as const;

const STEPS = 60;

/**
 * Finds the temperature with the least log loss on some rows, within {@link TEMPERATURE_RANGE}. The loss is convex in
 * its inverse, so Newton's method, safeguarded by bisection, converges.
 * @param probabilities [rows, 3] @param labels [rows]
 * @returns NaN without rows.
 */
export function bestTemperature(probabilities: Float64Array, labels: Uint8Array): number {
  if (labels.length === 0) return Number.NaN;
  const logs = probabilities.map((p) => Math.log(Math.max(p, EPSILON)));
  let low = 1 / TEMPERATURE_RANGE.max;
  let high = 1 / TEMPERATURE_RANGE.min;
  let inverse = 1;
  for (let step = 0; step < STEPS; step += 1) {
    const { slope, curvature } = derivatives(logs, labels, inverse);
    if (slope > 0) high = inverse;
    else low = inverse;
    let next = inverse - slope / curvature;
    // The midpoint replaces a step that leaves the interval or is NaN.
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - inverse) < 1e-12 * inverse) break;
    inverse = next;
  }
  return 1 / inverse;
}

/** Derivatives of the mean log loss with respect to the inverse temperature. */
function derivatives(logs: Float64Array, labels: Uint8Array, inverse: number) {
  let slope = 0;
  let curvature = 0;
  for (const [row, label] of labels.entries()) {
    const at = 3 * row;
    const most = Math.max(logs[at]!, logs[at + 1]!, logs[at + 2]!);
    let sum = 0;
    let mean = 0;
    let square = 0;
    for (let c = 0; c < 3; c += 1) {
      const log = logs[at + c]!;
      const weight = Math.exp(inverse * (log - most));
      sum += weight;
      mean += weight * log;
      square += weight * log * log;
    }
    mean /= sum;
    slope += mean - logs[at + label]!;
    curvature += square / sum - mean * mean;
  }
  return { slope: slope / labels.length, curvature: curvature / labels.length };
}
