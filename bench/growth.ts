/** Measurements after a number of rows. */
export interface Point {
  rows: number;
  bytes: Record<string, number>;
}

/** Share of a run before the measured slope, so that one-time allocations do not count as growth. */
const WARM = 0.2;

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

/** Lists each series with its value, in MB. */
export function inWords(bytes: Record<string, number>): string {
  return Object.entries(bytes)
    .map(([name, value]) => `${name} ${megabytes(value)}`)
    .join(', ');
}

/** Prints the first and last value of each series, and its slope per `per` rows. */
export function printGrowth(points: Point[], rows: number, per: number): void {
  const warm = points.filter((point) => point.rows >= WARM * rows);
  for (const name of Object.keys(warm.at(-1)?.bytes ?? {})) {
    const values = warm.map(({ rows: x, bytes }) => [x, bytes[name] ?? 0] as const);
    process.stdout.write(
      `  ${name}: ${megabytes(values[0]![1])} at ${values[0]![0]} rows, ${megabytes(values.at(-1)![1])} at ${values.at(-1)![0]}; slope ${((slope(values) * per) / 1000).toFixed(2)} kB per ${per} rows\n`,
    );
  }
}

/** The slope of a least-squares fit. */
function slope(values: readonly (readonly [number, number])[]): number {
  const mean = (of: (value: readonly [number, number]) => number) =>
    values.reduce((sum, value) => sum + of(value), 0) / values.length;
  const [x, y] = [mean(([a]) => a), mean(([, b]) => b)];
  const over = mean(([a, b]) => (a - x) * (b - y));
  const under = mean(([a]) => (a - x) ** 2);
  return under === 0 ? 0 : over / under;
}
