import { quantile } from './bootstrap.ts';

/** Groups rows by their values, in alphabetical order; a row without a value (null) is in no part. */
export function partsBy(values: readonly (string | null)[]): Map<string, number[]> {
  const parts = new Map<string, number[]>();
  for (const [row, value] of values.entries()) {
    if (value === null) continue;
    const members = parts.get(value);
    if (members === undefined) parts.set(value, [row]);
    else members.push(row);
  }
  return new Map(Array.from(parts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Divides rows into quarters by length, shortest first, named `12 to 345`. Equal lengths stay together, so quarters can
 * differ in size, and be fewer than four.
 */
export function quarters(lengths: readonly number[]): Map<string, number[]> {
  const sorted = [...lengths].sort((a, b) => a - b);
  const bounds = [0.25, 0.5, 0.75].map((q) => quantile(sorted, q));
  const parts: number[][] = [[], [], [], []];
  for (const [row, length] of lengths.entries()) {
    const place = bounds.findIndex((bound) => length <= bound);
    parts.at(place)!.push(row);
  }
  const named = new Map<string, number[]>();
  for (const members of parts) {
    if (members.length === 0) continue;
    const inPart = members.map((row) => lengths[row]!);
    const [least, most] = inPart.reduce(
      ([low, high], length) => [Math.min(low!, length), Math.max(high!, length)],
      [Number.POSITIVE_INFINITY, 0],
    );
    named.set(`${least} to ${most}`, members);
  }
  return named;
}
