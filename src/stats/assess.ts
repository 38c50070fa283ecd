import type { LabelledRow } from '../data/labelled/labelled-row.ts';
import { LABELS, type Label } from '../domain/classes.ts';
import { type BootstrapOptions, type Estimate, estimate, resample } from './bootstrap.ts';
import type { LabelledPredictions, Sums } from './metrics.ts';
import * as metrics from './metrics.ts';
import { partsBy, quarters } from './parts.ts';

/** Figures that are one number. */
const FIGURES = {
  logLoss: metrics.logLoss,
  votesLogLoss: metrics.votesLogLoss,
  frequencyLogLoss: metrics.frequencyLogLoss,
  overFrequencies: metrics.overFrequencies,
  accuracy: metrics.accuracy,
  calibrationError: metrics.calibrationError,
  brierScore: metrics.brierScore,
} as const;
export type FigureName = keyof typeof FIGURES;

/** Figures of a set of rows. */
export type Figures = Record<FigureName, Estimate> & {
  rows: number;
  /** What was drawn again for the intervals: groups, and rows without a group. */
  units: number;
  votedRows: number;
};

/** A class among the labels and among the predictions. */
export interface ClassFigures {
  label: Label;
  count: number;
  share: Estimate;
  meanProbability: Estimate;
  predictedCount: number;
  predictedShare: Estimate;
}

/** Rows of a label whose most likely class is another one, or the same. */
export interface ConfusionCell {
  label: Label;
  predicted: Label;
  count: number;
  /** Of the label's rows. */
  share: Estimate;
}

/** Figures of a part of the rows. */
export type Slice = Figures & { name: string };

/** How good predictions are as a whole. */
export interface OverallAssessment {
  all: Figures;
  classes: ClassFigures[];
  confusion: ConfusionCell[];
  /** What was drawn again for the intervals. */
  unit: 'group' | 'row';
}

/** How good predictions are: all that is told about them. */
export interface Assessment extends OverallAssessment {
  /** In quarters of the rows, by the tokens that the model saw. */
  byLength: Slice[];
  /** Empty where rows have no source. */
  bySource: Slice[];
  /** Empty where rows have no judge. */
  byJudge: Slice[];
}

/**
 * All figures of some predictions, each with its bootstrap interval: whole groups are drawn again; a row without a group
 * is one of its own.
 * @param probabilities [rows, 3]
 * @param tokens [rows]: tokens that the model saw.
 */
export function assess(
  rows: readonly LabelledRow[],
  probabilities: Float64Array,
  tokens: readonly number[],
  options: BootstrapOptions,
): Assessment {
  const data = dataOf(rows, probabilities);
  const groups = rows.map(({ group }) => group);
  const slices = (parts: Map<string, number[]>): Slice[] =>
    Array.from(parts, ([name, members]) => ({
      name,
      ...figuresOf(drawn(data, groups, members, options)),
    }));
  return {
    ...assessAll(rows, probabilities, options),
    byLength: slices(quarters(tokens)),
    bySource: slices(partsBy(rows.map(({ source }) => source))),
    byJudge: slices(partsBy(rows.map(({ judge }) => judge))),
  };
}

/** {@link assess} without parts of the rows. @param probabilities [rows, 3] */
export function assessAll(
  rows: readonly LabelledRow[],
  probabilities: Float64Array,
  options: BootstrapOptions,
): OverallAssessment {
  const data = dataOf(rows, probabilities);
  const groups = rows.map(({ group }) => group);
  const { sums, units, draws } = drawn(data, groups, [...rows.keys()], options);
  const figure = (of: (sums: Sums) => number) => estimate(sums, draws, of);
  return {
    all: figuresOf({ sums, units, draws }),
    classes: LABELS.map((label, c) => ({
      label,
      count: metrics.labelCount(sums, c),
      share: figure((s) => metrics.labelShare(s, c)),
      meanProbability: figure((s) => metrics.meanProbability(s, c)),
      predictedCount: metrics.predictedCount(sums, c),
      predictedShare: figure((s) => metrics.predictedShare(s, c)),
    })),
    confusion: LABELS.flatMap((label, l) =>
      LABELS.map((predicted, c) => ({
        label,
        predicted,
        count: metrics.confusion(sums, l, c),
        share: figure((s) => metrics.confusionShare(s, l, c)),
      })),
    ),
    unit: groups.some((group) => group !== null) ? 'group' : 'row',
  };
}

function dataOf(rows: readonly LabelledRow[], probabilities: Float64Array): LabelledPredictions {
  return {
    probabilities,
    labels: Uint8Array.from(rows, ({ label }) => label),
    votes: Float64Array.from(rows.flatMap(({ votes }) => votes ?? [0, 0, 0])),
  };
}

interface Drawn {
  sums: Sums;
  units: number;
  draws: Sums[];
}

/** Sums of some rows, and of draws of their groups. */
function drawn(
  data: LabelledPredictions,
  groups: readonly (string | null)[],
  members: readonly number[],
  options: BootstrapOptions,
): Drawn {
  const sums = metrics.noRows();
  const units: Sums[] = [];
  const ofGroup = new Map<string, Sums>();
  for (const row of members) {
    const group = groups[row]!;
    let unit = group === null ? undefined : ofGroup.get(group);
    if (unit === undefined) {
      unit = metrics.noRows();
      units.push(unit);
      if (group !== null) ofGroup.set(group, unit);
    }
    metrics.addRow(unit, data, row);
    metrics.addRow(sums, data, row);
  }
  return { sums, units: units.length, draws: resample(units, options) };
}

function figuresOf({ sums, units, draws }: Drawn): Figures {
  const names = Object.keys(FIGURES) as FigureName[];
  const figures = Object.fromEntries(
    names.map((name) => [name, estimate(sums, draws, FIGURES[name])]),
  ) as Record<FigureName, Estimate>;
  return {
    rows: metrics.rowCount(sums),
    units,
    votedRows: metrics.votedRows(sums),
    ...figures,
  };
}
