import { randomIntegers } from './random.ts';

/** Share of the draws that an interval leaves out on each side. */
const TAIL = 0.025;

/** Settings of a bootstrap. */
export interface BootstrapOptions {
  /** Draws; 0 for no intervals. */
  draws: number;
  /** A whole number from 0 to 2^32 - 1. */
  seed: number;
}

/** A figure with its 95 % interval; null where it is not defined. */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

/**
 * In each draw takes as many units as there are, with replacement, and adds up their sums.
 * @param units Sums of each unit (a group of rows, or a row), all of one length.
 * @returns the sums of each draw; none where fewer than two units could be drawn, since all draws would be
 *   equal.
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

/** {@link resample} of units that lie one after the other: `all` is [units, length]. */
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
 * The counts of units, draw by draw: how often each is in it. The array is the same one every time. There are
 * no draws of fewer than two units.
 */
export function* drawUnits(
  count: number,
  { draws, seed }: BootstrapOptions,
): Generator<Uint32Array<ArrayBuffer>> {
  if (count < 2) return;
  const integer = randomIntegers(seed);
  // Counting first reads memory in order afterwards, which is several times faster with many units.
  const times = new Uint32Array(count);
  for (let draw = 0; draw < draws; draw += 1) {
    times.fill(0);
    for (let drawn = 0; drawn < count; drawn += 1) times[integer(count)]! += 1;
    yield times;
  }
}

/**
 * A figure of all rows with its percentile interval. Draws in which it is not defined (a class has no rows
 * there) do not count.
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

/** A quantile of sorted numbers, between neighbours in proportion, as NumPy's `quantile`. NaN of none. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - below);
}

/** The meaning of an interval of a difference in log loss; unknown ends leave it open. */
export function differenceVerdict({ low, high }: Estimate): 'better' | 'worse' | 'open' {
  if (high !== null && high < 0) return 'better';
  return low !== null && low > 0 ? 'worse' : 'open';
}
