import { randomIntegers } from './random.ts';

/** Share of the draws outside an interval on each side. */
const TAIL = 0.025;

/** Settings of a bootstrap. */
export interface BootstrapOptions {
  /** Number of draws; 0 gives no intervals. */
  draws: number;
  /** A whole number from 0 to 2^32 - 1. */
  seed: number;
}

/** A figure with its 95 % interval; null where it is undefined. */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

/**
 * Draws as many units as there are, with replacement, and adds up their sums; repeats this for each draw.
 * @param units Sums of each unit (a group of rows, or a row), all of one length.
 * @returns the sums of each draw; empty for fewer than two units, since all draws would be equal.
 */
export function resample(
  units: readonly Float64Array[],
  options: BootstrapOptions,
): Float64Array<ArrayBuffer>[] {
  if (units.length < 2) return [];
  const { length } = units[0]!;
  const all = new Float64Array(units.length * length);
  for (const [u, unit] of units.entries()) all.set(unit, u * length);
  return resampleFlat(all, length, options);
}

/** {@link resample} for units in one array [units, length]. */
export function resampleFlat(
  all: Float64Array,
  length: number,
  options: BootstrapOptions,
): Float64Array<ArrayBuffer>[] {
  const count = all.length / length;
  return Array.from(drawUnits(count, options), (times) => {
    const sums = new Float64Array(length);
    for (let u = 0; u < count; u += 1) {
      const factor = times[u]!;
      if (factor === 0) continue;
      const at = u * length;
      for (let i = 0; i < length; i += 1) sums[i]! += factor * all[at + i]!;
    }
    return sums;
  });
}

/**
 * Yields for each draw the number of times that each unit is in it. The array is reused. There are no draws of fewer
 * than two units.
 */
export function* drawUnits(
  count: number,
  { draws, seed }: BootstrapOptions,
): Generator<Uint32Array<ArrayBuffer>> {
  if (count < 2) return;
  const integer = randomIntegers(seed);
  // Counting first makes the later reads sequential, which is several times faster with many units.
  const times = new Uint32Array(count);
  for (let draw = 0; draw < draws; draw += 1) {
    times.fill(0);
    for (let drawn = 0; drawn < count; drawn += 1) times[integer(count)]! += 1;
    yield times;
  }
}

/**
 * A figure of all rows with its percentile interval. Draws in which the figure is undefined (a class without rows) do
 * not count.
 */
export function estimate<S extends Float64Array>(
  all: S,
  draws: readonly S[],
  figure: (sums: S) => number,
): Estimate {
  const value = figure(all);
  const values = draws.map(figure).filter((drawn) => !Number.isNaN(drawn));
  values.sort((a, b) => a - b);
  if (Number.isNaN(value)) return { value: null, low: null, high: null };
  if (values.length === 0) return { value, low: null, high: null };
  return { value, low: quantile(values, TAIL), high: quantile(values, 1 - TAIL) };
}

/** A quantile of sorted numbers, interpolated linearly as by NumPy's `quantile`; NaN without numbers. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - below);
}

/** The meaning of the interval of a difference in log loss; unknown bounds leave it open. */
export function differenceVerdict({ low, high }: Estimate): 'better' | 'worse' | 'open' {
  if (high !== null && high < 0) return 'better';
  return low !== null && low > 0 ? 'worse' : 'open';
}
