import { predictedClass } from '../../domain/classes.ts';
import { ROW_FLAG } from '../../domain/row-flag.ts';
import { type Bin, binOf, emptyBins } from '../methods/histogram.ts';
import { confidence, isFlipped, isScored, rowOrderGap, type ScoredTable } from '../table/scored.ts';
import { lengthDifference } from '../table/table.ts';

const PROBABILITY_BINS = 20;
const LENGTH_BINS = 10;

/** Means over some rows; NaN without rows. */
export interface Means {
  rows: number;
  /** Means for A, B and tie. */
  probabilities: [number, number, number];
  /** Mean of the largest probability. */
  confidence: number;
}

/** Describes the predictions of a run without using labels. */
export interface Distribution {
  rows: number;
  scored: number;
  all: Means;
  /** Counts of rows by their most likely class. */
  predicted: [number, number, number];
  /** Histograms of the probabilities of A, B and tie. */
  classes: [Bin[], Bin[], Bin[]];
  /** Histogram of the largest probability. */
  confidence: Bin[];
  /** Histogram of {@link lengthDifference}, with the means over the rows of each bin. */
  lengths: { bin: Bin; means: Means }[];
  /** Effects of the order of the answers; null if only one order was scored. */
  orders: {
    rows: number;
    /** Rows whose most likely class changes with the order. */
    flipped: number;
    meanGap: number;
    gaps: Bin[];
    /** Probability that an answer wins when it comes first, minus that when it comes second; mean over rows. */
    firstAdvantage: number;
  } | null;
  whole: Means;
  truncated: Means;
}

/** Describes the predictions of a run. */
export function distributionOf(data: ScoredTable): Distribution {
  const { table, probabilities, raw, forward, flags } = data;
  const bins = () => emptyBins(0, 1, PROBABILITY_BINS);
  const classes: Distribution['classes'] = [bins(), bins(), bins()];
  const confidences = bins();
  const lengths = emptyBins(-1, 1, LENGTH_BINS);
  const all = new MeansOf(probabilities);
  const whole = new MeansOf(probabilities);
  const truncated = new MeansOf(probabilities);
  const byLength = new Map(lengths.map((bin) => [bin, new MeansOf(probabilities)]));
  const predicted: Distribution['predicted'] = [0, 0, 0];
  const gaps = bins();
  let bothOrders = 0;
  let flipped = 0;
  let gapSum = 0;
  let firstSum = 0;
  for (let row = 0; row < table.length; row += 1) {
    if (!isScored(data, row)) continue;
    all.add(row);
    (flags[row]! & ROW_FLAG.truncated ? truncated : whole).add(row);
    predicted[predictedClass(probabilities, row)]! += 1;
    for (let c = 0; c < 3; c += 1) binOf(classes[c]!, probabilities[3 * row + c]!)!.count += 1;
    binOf(confidences, confidence(probabilities, row))!.count += 1;
    const bin = binOf(lengths, lengthDifference(table, row))!;
    bin.count += 1;
    byLength.get(bin)!.add(row);
    const gap = rowOrderGap(data, row);
    if (forward === null || Number.isNaN(gap)) continue;
    bothOrders += 1;
    gapSum += gap;
    binOf(gaps, gap)!.count += 1;
    if (isFlipped(data, row)) flipped += 1;
    // First place minus second: A minus B in the order of the file, B minus A in the swapped one; then the mean.
    const at = 3 * row;
    firstSum += forward[at]! - forward[at + 1]! - (raw[at]! - raw[at + 1]!);
  }
  return {
    rows: table.length,
    scored: all.rows,
    all: all.means(),
    predicted,
    classes,
    confidence: confidences,
    lengths: lengths.map((bin) => ({ bin, means: byLength.get(bin)!.means() })),
    orders:
      bothOrders === 0
        ? null
        : {
            rows: bothOrders,
            flipped,
            meanGap: gapSum / bothOrders,
            gaps,
            firstAdvantage: firstSum / bothOrders,
          },
    whole: whole.means(),
    truncated: truncated.means(),
  };
}

class MeansOf {
  rows = 0;
  private readonly probabilities: Float64Array;
  private readonly sums: [number, number, number] = [0, 0, 0];
  private top = 0;

  constructor(probabilities: Float64Array) {
    this.probabilities = probabilities;
  }

  add(row: number): void {
    this.rows += 1;
    for (let c = 0; c < 3; c += 1) this.sums[c]! += this.probabilities[3 * row + c]!;
    this.top += confidence(this.probabilities, row);
  }

  means(): Means {
    const [a, b, tie] = this.sums;
    const { rows } = this;
    return { rows, probabilities: [a / rows, b / rows, tie / rows], confidence: this.top / rows };
  }
}
