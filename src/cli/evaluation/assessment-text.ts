import { LABELS } from '../../domain/classes.ts';
import type { Assessment, RowFigures, Slice } from '../../stats/figures/assess.ts';
import type { AdapterFigures } from '../../stats/figures/assess-adapters.ts';
import type { Estimate } from '../../stats/methods/bootstrap.ts';
import { CALIBRATION_BINS, EPSILON } from '../../stats/methods/metrics.ts';

/**
 * Formats an assessment: tables of figures with their intervals, and an explanation. Lines have up to 120 characters.
 * @param adapters figures of each of several adapters, of whose mean the assessment is; empty for one.
 * @param decided figures of the rows not labelled tie, for a model that never predicts one; else null.
 */
export function assessmentText(
  assessment: Assessment,
  adapters: readonly AdapterFigures[],
  options: { draws: number; seed: number },
  decided: RowFigures | null = null,
): string {
  const { all, byLength, bySource, byJudge } = assessment;
  return [
    mainTable(all, decided),
    adapterTable(adapters),
    classTable(assessment),
    confusionTable(assessment),
    sliceTable('tokens', byLength),
    sliceTable('source', bySource),
    sliceTable('judge', byJudge),
    notes(assessment, options, decided),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function mainTable(all: RowFigures, decided: RowFigures | null): string {
  const rows = [
    ['log loss', number(all.logLoss)],
    ['  of the label frequencies', number(all.frequencyLogLoss)],
    ['  difference', number(all.overFrequencies)],
  ];
  if (all.votedRows > 0) {
    const which = all.votedRows === all.rows ? '' : `, ${all.votedRows} rows`;
    rows.push([`log loss of votes${which}`, number(all.votesLogLoss)]);
  }
  rows.push(
    ['accuracy', share(all.accuracy)],
    ['calibration error', number(all.calibrationError)],
    ['Brier score', number(all.brierScore)],
  );
  if (decided !== null) {
    rows.push(
      [`accuracy on decided pairs, ${decided.rows} rows`, share(decided.accuracy)],
      ['log loss of decided pairs', number(decided.logLoss)],
    );
  }
  return table([['', 'value and 95 % interval'], ...rows]);
}

function classTable({ classes }: Assessment): string {
  const rows = classes.map((c) => [
    c.label,
    String(c.count),
    share(c.share),
    share(c.meanProbability),
    String(c.predictedCount),
    share(c.predictedShare),
  ]);
  const header = ['label', 'rows', 'share', 'mean probability', 'predicted', 'share predicted'];
  return table([header, ...rows]);
}

function confusionTable({ confusion, classes }: Assessment): string {
  const rows = classes.map(({ label }) => [
    label,
    ...confusion
      .filter((cell) => cell.label === label)
      .map((cell) => `${cell.count}, ${share(cell.share)}`),
  ]);
  return table([['label', ...LABELS.map((label) => `predicted ${label}`)], ...rows]);
}

function adapterTable(adapters: readonly AdapterFigures[]): string {
  if (adapters.length === 0) return '';
  const rows = adapters.map(({ adapter, figures, difference }) => [
    adapter ?? 'none',
    number(figures.logLoss),
    number(difference),
    share(figures.accuracy),
    number(figures.calibrationError, 3),
  ]);
  const header = ['adapter alone', 'log loss', 'difference from the mean', 'accuracy'];
  return table([[...header, 'calibration error'], ...rows]);
}

function sliceTable(what: string, slices: readonly Slice[]): string {
  if (slices.length === 0) return '';
  const rows = slices.map((slice) => [
    slice.name,
    String(slice.rows),
    number(slice.logLoss),
    number(slice.overFrequencies),
    share(slice.accuracy),
    number(slice.calibrationError, 3),
  ]);
  const header = [what, 'rows', 'log loss', 'against frequencies', 'accuracy', 'calibration error'];
  return table([header, ...rows]);
}

function notes(
  { all, unit }: Assessment,
  { draws, seed }: { draws: number; seed: number },
  decided: RowFigures | null,
): string {
  const units = unit === 'group' ? `${all.units} groups` : 'rows';
  const drawn =
    draws === 0
      ? 'Intervals: none were asked for.'
      : `Intervals: percentiles of ${draws} bootstrap draws of ${units}, seed ${seed}; in brackets, 95 %.`;
  const ties = [
    'Decided pairs: those not labelled tie. This model gives a tie the probability 0, so every row labelled tie counts as',
    `wrong and, clipped to 2.2e-16, adds ${(-Math.log(EPSILON)).toFixed(1)} to the sum of which log loss is the mean.`,
  ];
  return [
    drawn,
    'Log loss: natural, probabilities clipped to 2.2e-16 as in scikit-learn. Label frequencies: those of the same rows, the',
    'best that can be done without reading a row; a difference below 0 is better than that.',
    `Calibration error: of the top probability, ${CALIBRATION_BINS} bins of equal width. With few rows it is too large by chance,`,
    'and its interval even more so. Brier score: summed over the classes, 0 to 2. Confusion: shares of the label’s rows.',
    ...(decided === null ? [] : ties),
  ].join('\n');
}

function number(estimate: Estimate, digits = 4): string {
  return withInterval(estimate, (value) => value.toFixed(digits), '');
}

function share(estimate: Estimate): string {
  return withInterval(estimate, (value) => (100 * value).toFixed(1), ' %');
}

function withInterval(
  { value, low, high }: Estimate,
  text: (value: number) => string,
  unit: string,
): string {
  if (value === null) return '-';
  const middle = text(value) + unit;
  return low === null || high === null ? middle : `${middle} [${text(low)}, ${text(high)}]`;
}

/** Formats rows of cells as a table. Whole numbers are aligned to the right, everything else to the left. */
function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column]!;
          return /^\d+$/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
