/** An interval of the number line, with a count of values. */
export interface Bin {
  /** Lower bound, inclusive. */
  from: number;
  /** Upper bound, exclusive except in the last bin. */
  to: number;
  count: number;
}

/** Makes equal bins from `min` to `max`, without values. */
export function emptyBins(min: number, max: number, bins: number): Bin[] {
  const bound = (i: number) => min + ((max - min) * i) / bins;
  return Array.from({ length: bins }, (_, i) => ({ from: bound(i), to: bound(i + 1), count: 0 }));
}

/** Finds the bin of a value. Values beyond the ends belong to the first or last bin. Undefined for NaN. */
export function binOf(bins: readonly Bin[], value: number): Bin | undefined {
  if (Number.isNaN(value)) return undefined;
  const { from } = bins[0]!;
  const width = bins.at(-1)!.to - from;
  let place = Math.floor(((value - from) / width) * bins.length);
  place = Math.min(Math.max(place, 0), bins.length - 1);
  // The quotient can be off in the last digit. The bounds decide, as they do when rows are filtered.
  if (place > 0 && value < bins[place]!.from) place -= 1;
  else if (place < bins.length - 1 && value >= bins[place]!.to) place += 1;
  return bins[place];
}

/** Counts values in equal bins; NaN is skipped. */
export function histogram(values: Iterable<number>, min: number, max: number, bins: number): Bin[] {
  const result = emptyBins(min, max, bins);
  for (const value of values) {
    const bin = binOf(result, value);
    if (bin !== undefined) bin.count += 1;
  }
  return result;
}

/** The bounds of a filter for a bin; the first and last bin are open-ended. */
export function boundsOf(bins: readonly Bin[], place: number): { min: number; max: number } {
  return {
    min: place === 0 ? Number.NEGATIVE_INFINITY : bins[place]!.from,
    max: place === bins.length - 1 ? Number.POSITIVE_INFINITY : bins[place]!.to,
  };
}
