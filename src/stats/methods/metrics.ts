import { LABELS, predictedClass } from '../../domain/classes.ts';

const CLASSES = LABELS.length;

/** Bins of the calibration error: of equal width, from 0 to 1. */
export const CALIBRATION_BINS = 10;

/** Probabilities are clipped to [EPSILON, 1 - EPSILON], as scikit-learn's `log_loss` does for float64. */
export const EPSILON = Number.EPSILON;

/** Rows with predictions and labels. */
export interface LabelledPredictions {
  /** [rows, 3]; each row sums to 1. */
  probabilities: Float64Array;
  /** [rows]: 0, 1 or 2. */
  labels: Uint8Array;
  /** [rows, 3]: counts of votes, zeros for a row without any. Null or absent if no row has votes. */
  votes?: Float64Array | null;
}

/**
 * Sums over rows from which every figure follows. Adding two of them gives the sums over both sets of rows, so a
 * bootstrap adds groups instead of visiting rows.
 */
export type Sums = Float64Array<ArrayBuffer>;

// Offsets of the sums.
const ROWS = 0;
const LOSS = 1;
const SQUARES = 2;
const VOTED_ROWS = 3;
const VOTES_LOSS = 4;
/** [class] */
const MASS = 5;
/** [label, predicted] */
const CONFUSION = MASS + CLASSES;
/** [bin]: sum of top probabilities minus number of correct rows. */
const OVERCONFIDENCE = CONFUSION + CLASSES * CLASSES;
const LENGTH = OVERCONFIDENCE + CALIBRATION_BINS;

/** Returns the sums over no rows. */
export function noRows(): Sums {
  return new Float64Array(LENGTH);
}

/** Sums over some rows, by default all. A row may occur several times. */
export function sumsOf(data: LabelledPredictions, rows?: Iterable<number>): Sums {
  const sums = noRows();
  for (const row of rows ?? data.labels.keys()) addRow(sums, data, row);
  return sums;
}

/** Adds a row to sums. */
export function addRow(sums: Sums, data: LabelledPredictions, row: number): void {
  const { probabilities, votes } = data;
  const label = data.labels[row]!;
  const at = CLASSES * row;
  const predicted = predictedClass(probabilities, row);
  const top = probabilities[at + predicted]!;
  sums[ROWS]! += 1;
  sums[LOSS]! += rowLoss(probabilities, row, label);
  let voted = 0;
  let votesLoss = 0;
  for (let c = 0; c < CLASSES; c += 1) {
    const p = probabilities[at + c]!;
    sums[SQUARES]! += (p - (c === label ? 1 : 0)) ** 2;
    sums[MASS + c]! += p;
    const count = votes?.[at + c] ?? 0;
    voted += count;
    if (count > 0) votesLoss += count * rowLoss(probabilities, row, c);
  }
  if (voted > 0) {
    sums[VOTED_ROWS]! += 1;
    sums[VOTES_LOSS]! += votesLoss / voted;
  }
  sums[CONFUSION + CLASSES * label + predicted]! += 1;
  const bin = Math.min(Math.floor(CALIBRATION_BINS * top), CALIBRATION_BINS - 1);
  sums[OVERCONFIDENCE + bin]! += top - (predicted === label ? 1 : 0);
}

/** Log loss (natural) of one row of [rows, 3] if `label` were its class; see {@link EPSILON}. */
export function rowLoss(probabilities: Float64Array, row: number, label: number): number {
  const p = probabilities[CLASSES * row + label]!;
  return -Math.log(Math.min(Math.max(p, EPSILON), 1 - EPSILON));
}

// Figures of sums. Each is NaN if its denominator is 0.

/** Rows in the sums. */
export function rowCount(sums: Sums): number {
  return sums[ROWS]!;
}

/** Rows in the sums that have votes. */
export function votedRows(sums: Sums): number {
  return sums[VOTED_ROWS]!;
}

/** Mean log loss (natural) against the hard labels. */
export function logLoss(sums: Sums): number {
  return sums[LOSS]! / sums[ROWS]!;
}

/** Mean log loss (natural) against the distribution of the votes, over the rows that have votes. */
export function votesLogLoss(sums: Sums): number {
  return sums[VOTES_LOSS]! / sums[VOTED_ROWS]!;
}

/** Log loss of always predicting the label frequencies of these very rows: the best possible without reading a row. */
export function frequencyLogLoss(sums: Sums): number {
  let loss = 0;
  for (let c = 0; c < CLASSES; c += 1) {
    const share = labelShare(sums, c);
    if (share !== 0) loss -= share * Math.log(share);
  }
  return loss;
}

/** Log loss minus {@link frequencyLogLoss}: below 0 if the predictions are worth something. */
export function overFrequencies(sums: Sums): number {
  return logLoss(sums) - frequencyLogLoss(sums);
}

/** Share of rows whose most likely class is the label. */
export function accuracy(sums: Sums): number {
  let right = 0;
  for (let c = 0; c < CLASSES; c += 1) right += confusion(sums, c, c);
  return right / sums[ROWS]!;
}

/** Brier score: the squared differences to the label's one-hot vector, summed over classes (0 to 2), mean over rows. */
export function brierScore(sums: Sums): number {
  return sums[SQUARES]! / sums[ROWS]!;
}

/**
 * Expected calibration error of the top probability: rows fall into {@link CALIBRATION_BINS} bins of equal width, lower
 * bounds inclusive; the difference of mean top probability and accuracy in each is weighted by its rows.
 */
export function calibrationError(sums: Sums): number {
  let error = 0;
  for (let bin = 0; bin < CALIBRATION_BINS; bin += 1)
    error += Math.abs(sums[OVERCONFIDENCE + bin]!);
  return error / sums[ROWS]!;
}

/** Rows with this label whose most likely class is `predicted`. */
export function confusion(sums: Sums, label: number, predicted: number): number {
  return sums[CONFUSION + CLASSES * label + predicted]!;
}

/** Rows with this label. */
export function labelCount(sums: Sums, label: number): number {
  let count = 0;
  for (let c = 0; c < CLASSES; c += 1) count += confusion(sums, label, c);
  return count;
}

/** Share of rows with this label. */
export function labelShare(sums: Sums, label: number): number {
  return labelCount(sums, label) / sums[ROWS]!;
}

/** Rows whose most likely class is this one. */
export function predictedCount(sums: Sums, predicted: number): number {
  let count = 0;
  for (let c = 0; c < CLASSES; c += 1) count += confusion(sums, c, predicted);
  return count;
}

/** Share of rows whose most likely class is this one. */
export function predictedShare(sums: Sums, predicted: number): number {
  return predictedCount(sums, predicted) / sums[ROWS]!;
}

/** Mean probability of a class. */
export function meanProbability(sums: Sums, index: number): number {
  return sums[MASS + index]! / sums[ROWS]!;
}

/** Share of the rows with this label whose most likely class is `predicted`. */
export function confusionShare(sums: Sums, label: number, predicted: number): number {
  return confusion(sums, label, predicted) / labelCount(sums, label);
}
