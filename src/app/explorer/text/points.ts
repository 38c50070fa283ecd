/** Writes a difference of probabilities in percentage points, with its sign: `+3.1`, `−0.4`, `0.0`. */
export function points(difference: number): string {
  const rounded = (Math.abs(difference) * 100).toFixed(1);
  if (rounded === '0.0') return rounded;
  return `${difference < 0 ? '−' : '+'}${rounded}`;
}
