import type { LabelledTable } from '../../data/labelled/labelled-table.ts';
import { nameOf } from '../../data/labelled/names.ts';
import { LABELS, type Label } from '../../domain/classes.ts';
import { type BootstrapOptions, type Estimate, estimate, resample } from '../methods/bootstrap.ts';
import type { Sums } from '../methods/metrics.ts';
import * as metrics from '../methods/metrics.ts';
import { partsBy, quarters } from '../methods/parts.ts';
import { unitsOf } from '../table/units.ts';

/** Figures that are a single number. */
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
export type RowFigures = Record<FigureName, Estimate> & {
  rows: number;
  /** Units of the bootstrap: groups, and single rows without a group. */
  units: number;
  votedRows: number;
};

/** A class among the labels and among the predictions. */
interface ClassFigures {
  label: Label;
  count: number;
  share: Estimate;
  meanProbability: Estimate;
  predictedCount: number;
  predictedShare: Estimate;
}

/** Rows with one label that were predicted as one class, the same or another. */
interface ConfusionCell {
  label: Label;
  predicted: Label;
  count: number;
  /** Share of the label's rows. */
  share: Estimate;
}

/** Figures of a part of the rows. */
export type Slice = RowFigures & { name: string };

/** Figures of all predictions together. */
export interface OverallAssessment {
  all: RowFigures;
  classes: ClassFigures[];
  confusion: ConfusionCell[];
  /** The unit that the bootstrap draws. */
  unit: 'group' | 'row';
}

/** Figures of all predictions, and of parts of the rows. */
export interface Assessment extends OverallAssessment {
  /** In quarters of the rows, by the tokens that the model saw. */
  byLength: Slice[];
  /** Empty if rows have no source. */
  bySource: Slice[];
  /** Empty if rows have no judge. */
  byJudge: Slice[];
}

/** Rows with their predictions. */
interface Judged {
  table: LabelledTable;
  /** [rows of the table, 3] */
  probabilities: Float64Array;
}

/**
 * Computes all figures of some predictions, each with its bootstrap interval. The bootstrap draws whole groups; a row
 * without a group is its own.
 * @param rows with a label and a result, see `judgedRows`.
 * @param tokens [rows of the table]: tokens that the model saw.
 */
export function assess(
  data: Judged,
  rows: readonly number[],
  tokens: ArrayLike<number>,
  options: BootstrapOptions,
): Assessment {
  const slices = (parts: Map<string, number[]>): Slice[] =>
    Array.from(parts, ([name, members]) => {
      const part = members.map((place) => rows[place]!);
      return { name, ...figuresOf(drawn(data, part, options)) };
    });
  const { source, judge } = data.table;
  return {
    ...assessAll(data, rows, options),
    byLength: slices(quarters(rows.map((row) => tokens[row]!))),
    bySource: slices(partsBy(rows.map((row) => nameOf(source, row)))),
    byJudge: slices(partsBy(rows.map((row) => nameOf(judge, row)))),
  };
}

/** {@link assess} without parts of the rows. */
export function assessAll(
  data: Judged,
  rows: readonly number[],
  options: BootstrapOptions,
): OverallAssessment {
  const { sums, units, draws } = drawn(data, rows, options);
  const figure = (of: (sums: Sums) => number) => estimate(sums, draws, of);
  const { group } = data.table;
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
    unit: rows.some((row) => nameOf(group, row) !== null) ? 'group' : 'row',
  };
}

interface Drawn {
  sums: Sums;
  units: number;
  draws: Sums[];
}

/** Sums over some rows, and over draws of their groups. */
function drawn(
  { table, probabilities }: Judged,
  rows: readonly number[],
  options: BootstrapOptions,
): Drawn {
  const { labels, votes } = table;
  const data = { probabilities, labels, votes };
  const { of, count } = unitsOf(table, rows);
  const units = Array.from({ length: count }, metrics.noRows);
  const sums = metrics.noRows();
  for (const [i, row] of rows.entries()) {
    metrics.addRow(units[of[i]!]!, data, row);
    metrics.addRow(sums, data, row);
  }
  return { sums, units: count, draws: resample(units, options) };
}

function figuresOf({ sums, units, draws }: Drawn): RowFigures {
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
