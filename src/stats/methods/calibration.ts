import { predictedClass } from '../../domain/classes.ts';
import { CALIBRATION_BINS } from './metrics.ts';

/** A bin of a reliability diagram. */
export interface ReliabilityBin {
  from: number;
  to: number;
  rows: number;
  /** Mean probability; NaN without rows. */
  predicted: number;
  /** Share of the rows in which the prediction came true, with Wilson's 95 % interval; NaN without rows. */
  actual: number;
  low: number;
  high: number;
}

/** The probability to check: the largest of each row, or that of one class. */
export type ReliabilityOf = 'top' | 0 | 1 | 2;

/**
 * Predicted against actual shares in the bins of the calibration error.
 * @param probabilities [rows, 3] @param labels [rows]
 */
export function reliability(
  probabilities: Float64Array,
  labels: Uint8Array,
  of: ReliabilityOf,
): ReliabilityBin[] {
  const rows = new Float64Array(CALIBRATION_BINS);
  const mass = new Float64Array(CALIBRATION_BINS);
  const right = new Float64Array(CALIBRATION_BINS);
  for (const [row, label] of labels.entries()) {
    const index = of === 'top' ? predictedClass(probabilities, row) : of;
    const p = probabilities[3 * row + index]!;
    const bin = Math.min(Math.floor(CALIBRATION_BINS * p), CALIBRATION_BINS - 1);
    rows[bin]! += 1;
    mass[bin]! += p;
    if (label === index) right[bin]! += 1;
  }
  return Array.from(rows, (count, bin) => ({
    from: bin / CALIBRATION_BINS,
    to: (bin + 1) / CALIBRATION_BINS,
    rows: count,
    predicted: mass[bin]! / count,
    actual: right[bin]! / count,
    ...wilson(right[bin]!, count),
  }));
}

/** The normal quantile of a two-sided 95 % interval. */
const Z = 1.959963984540054;

/** Wilson's 95 % interval of a share; NaN without trials. */
function wilson(successes: number, trials: number): { low: number; high: number } {
  const share = successes / trials;
  const middle = (share + (Z * Z) / (2 * trials)) / (1 + (Z * Z) / trials);
  const half =
    (Z / (1 + (Z * Z) / trials)) *
    Math.sqrt((share * (1 - share)) / trials + (Z * Z) / (4 * trials * trials));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
