import { predictedClass } from '../../domain/classes.ts';
import {
  type BootstrapOptions,
  type Estimate,
  estimate,
  resampleFlat,
} from '../methods/bootstrap.ts';
import { type ReliabilityBin, type ReliabilityOf, reliability } from '../methods/calibration.ts';
import { rowLoss } from '../methods/metrics.ts';
import { bestTemperature, TEMPERATURE_RANGE } from '../methods/temperature.ts';
import type { ScoredTable } from '../table/scored.ts';
import { SLICE_IDS, type SliceId, slicePartOf, slicePartsOf } from '../table/slices.ts';
import { judgedRows, pick, unitsOf } from '../table/units.ts';
import { assessAll, type OverallAssessment } from './assess.ts';
import { pairedDifference } from './paired.ts';
import { withTemperature } from './post.ts';

/** Number of worst rows that are listed. */
const WORST = 20;
/** Folds of the cross-validation of a temperature. */
const FOLDS = 5;

/** Draws for the intervals of slices; fewer, since there are dozens of slices. */
export const SLICE_DRAWS = 300;

/** Figures of a part of a slice. */
interface SlicePart {
  /** Index among the slice's parts. */
  part: number;
  rows: number;
  logLoss: Estimate;
  accuracy: Estimate;
  /** Log loss minus that of the part's own label frequencies. */
  overFrequencies: Estimate;
}

/** A slice with those of its parts that have rows. */
interface SliceQuality {
  slice: SliceId;
  names: string[];
  parts: SlicePart[];
}

/** The best temperature and its expected gain. */
interface TemperatureAdvice {
  best: number;
  /** True if it lies at an end of {@link TEMPERATURE_RANGE}. */
  atEnd: boolean;
  /**
   * Change of the log loss, below 0 if the temperature helps, by cross-validation: each fifth of the rows gets the
   * temperature that is best for the other four.
   */
  gain: Estimate;
}

/** Figures of the rows with a label and a result. */
export interface Quality {
  rows: number;
  /** The same as in `npm run evaluate`. */
  assessment: OverallAssessment;
  /** Reliability of the largest probability, then of A, B and tie. */
  reliability: { of: ReliabilityOf; bins: ReliabilityBin[] }[];
  slices: SliceQuality[];
  /** Rows of the file with the largest log loss, the worst first. */
  worst: { row: number; loss: number }[];
  temperature: TemperatureAdvice;
}

/** Computes the figures of the rows with a label and a result; null without such rows. */
export function qualityOf(data: ScoredTable, options: BootstrapOptions): Quality | null {
  const { table, probabilities } = data;
  const rows = judgedRows(data);
  if (rows.length === 0) return null;
  const picked = pick(table, probabilities, rows);
  const losses = rows.map((row) => ({
    row,
    loss: rowLoss(probabilities, row, table.labels[row]!),
  }));
  return {
    rows: rows.length,
    assessment: assessAll(data, rows, options),
    reliability: (['top', 0, 1, 2] as const).map((of) => ({
      of,
      bins: reliability(picked.probabilities, picked.labels, of),
    })),
    slices: slicesOf(data, rows, { ...options, draws: Math.min(options.draws, SLICE_DRAWS) }),
    worst: losses.sort((a, b) => b.loss - a.loss || a.row - b.row).slice(0, WORST),
    temperature: temperatureAdvice(data, rows, options),
  };
}

// Sums for the bootstrap of a slice: rows by label, correct rows, loss.
const RIGHT = 3;
const LOSS = 4;
const SUMS = 5;

function slicesOf(data: ScoredTable, rows: number[], options: BootstrapOptions): SliceQuality[] {
  const slices: SliceQuality[] = [];
  for (const slice of SLICE_IDS) {
    const names = slicePartsOf(slice, data.table);
    const members: number[][] = names.map(() => []);
    for (const row of rows) members[slicePartOf(slice, data.table, data.flags, row)]?.push(row);
    const parts = members.flatMap((of, part) =>
      of.length === 0 ? [] : [{ part, ...partQuality(data, of, options) }],
    );
    // A single part would repeat the figures of all rows.
    if (parts.length > 1) slices.push({ slice, names, parts });
  }
  return slices;
}

function partQuality(
  { table, probabilities }: ScoredTable,
  rows: readonly number[],
  options: BootstrapOptions,
): Omit<SlicePart, 'part'> {
  const { of, count } = unitsOf(table, rows);
  const units = new Float64Array(SUMS * count);
  const sums = new Float64Array(SUMS);
  for (const [i, row] of rows.entries()) {
    const label = table.labels[row]!;
    const at = SUMS * of[i]!;
    const right = predictedClass(probabilities, row) === label ? 1 : 0;
    const loss = rowLoss(probabilities, row, label);
    units[at + label]! += 1;
    units[at + RIGHT]! += right;
    units[at + LOSS]! += loss;
    sums[label]! += 1;
    sums[RIGHT]! += right;
    sums[LOSS]! += loss;
  }
  const draws = resampleFlat(units, SUMS, options);
  const total = (s: Float64Array) => s[0]! + s[1]! + s[2]!;
  const figure = (of: (s: Float64Array) => number) => estimate<Float64Array>(sums, draws, of);
  return {
    rows: rows.length,
    logLoss: figure((s) => s[LOSS]! / total(s)),
    accuracy: figure((s) => s[RIGHT]! / total(s)),
    overFrequencies: figure((s) => s[LOSS]! / total(s) - entropy(s, total(s))),
  };
}

/** Log loss of always predicting the frequencies of the labels. */
function entropy(sums: Float64Array, rows: number): number {
  let loss = 0;
  for (let label = 0; label < 3; label += 1) {
    const share = sums[label]! / rows;
    if (share > 0) loss -= share * Math.log(share);
  }
  return loss;
}

function temperatureAdvice(
  { table, probabilities }: ScoredTable,
  rows: number[],
  options: BootstrapOptions,
): TemperatureAdvice {
  const all = pick(table, probabilities, rows);
  const best = bestTemperature(all.probabilities, all.labels);
  const { min, max } = TEMPERATURE_RANGE;
  const { of, count } = unitsOf(table, rows);
  const changed = Float64Array.from(probabilities);
  // A group is never divided between folds: its rows share a prompt, so a row would reveal the label of another.
  for (let fold = 0; fold < Math.min(FOLDS, count); fold += 1) {
    const isIn = (i: number) => of[i]! % FOLDS === fold;
    const others = rows.filter((_, i) => !isIn(i));
    if (others.length === 0) continue;
    const known = pick(table, probabilities, others);
    const temperature = bestTemperature(known.probabilities, known.labels);
    for (const [i, row] of rows.entries()) {
      if (isIn(i)) withTemperature(probabilities, row, temperature, changed);
    }
  }
  return {
    best,
    atEnd: best < 1.001 * min || best > 0.999 * max,
    gain: pairedDifference(table, changed, probabilities, rows, options),
  };
}
