import { classDifference, predictedClass } from '../../domain/classes.ts';
import type { BootstrapOptions, Estimate } from '../methods/bootstrap.ts';
import { type Bin, binOf, emptyBins } from '../methods/histogram.ts';
import { logLoss, sumsOf } from '../methods/metrics.ts';
import { isScored } from '../table/scored.ts';
import type { Table } from '../table/table.ts';
import { judgedRows, pick } from '../table/units.ts';
import { pairedDifference } from './paired.ts';

const CHANGE_BINS = 20;
const MOST_CHANGED = 20;

/** Compares two runs over the same file, or two adapters of one run. */
export interface Comparison {
  /** Rows with a result on both sides. */
  rows: number;
  /** Rows among them with the same most likely class on both sides. */
  sameClass: number;
  /** Mean over rows of the largest difference of a class. */
  meanChange: number;
  changes: Bin[];
  /** Rows of the file that changed most. */
  changed: { row: number; change: number }[];
  /** Figures of the rows that also have a label; null without any. */
  judged: {
    rows: number;
    logLoss: number;
    otherLogLoss: number;
    /** Log loss of one side minus that of the other. */
    difference: Estimate;
  } | null;
}

/** Compares two results [rows, 3] for the same rows; NaN marks a row that a side lacks. */
export function compareRuns(
  table: Table,
  { one, other }: Record<'one' | 'other', Float64Array<ArrayBuffer>>,
  options: BootstrapOptions,
): Comparison {
  const changes = emptyBins(0, 1, CHANGE_BINS);
  const changed: { row: number; change: number }[] = [];
  let sameClass = 0;
  let sum = 0;
  for (let row = 0; row < table.length; row += 1) {
    const change = classDifference(one, other, row);
    if (Number.isNaN(change)) continue;
    changed.push({ row, change });
    sum += change;
    binOf(changes, change)!.count += 1;
    if (predictedClass(one, row) === predictedClass(other, row)) sameClass += 1;
  }
  const judged = judgedRows({ table, probabilities: one }).filter((row) =>
    isScored({ probabilities: other }, row),
  );
  return {
    rows: changed.length,
    sameClass,
    meanChange: sum / changed.length,
    changes,
    judged:
      judged.length === 0
        ? null
        : {
            rows: judged.length,
            logLoss: logLoss(sumsOf(pick(table, one, judged))),
            otherLogLoss: logLoss(sumsOf(pick(table, other, judged))),
            difference: pairedDifference(table, one, other, judged, options),
          },
    changed: changed.sort((x, y) => y.change - x.change || x.row - y.row).slice(0, MOST_CHANGED),
  };
}
