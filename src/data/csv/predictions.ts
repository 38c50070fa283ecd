import { LABELS, type LabelledPredictions, rowLoss } from '../../stats/metrics.ts';
import type { LabelledRow } from '../labelled/labelled-row.ts';
import { LABEL_COLUMNS } from './header.ts';
import { csvField, formatProbability } from './submission.ts';

const HEADER = [
  'row',
  'id',
  'source',
  'judge',
  'group',
  'label',
  ...LABEL_COLUMNS,
  'log_loss',
  'tokens',
];

/** Predictions beside the labels, as lines of a CSV. `row` is the line or data row of the labelled file, from 1. */
export function* predictionsCsv(
  rows: readonly LabelledRow[],
  probabilities: LabelledPredictions['probabilities'],
  tokens: readonly number[],
): Generator<string> {
  yield `${HEADER.join(',')}\n`;
  for (const [i, { row, id, source, judge, group, label }] of rows.entries()) {
    const texts = [id, source, judge, group].map((text) => csvField(text ?? ''));
    const shown = [0, 1, 2].map((c) => formatProbability(probabilities[3 * i + c]!, { row }));
    const loss = rowLoss(probabilities, i, label).toPrecision(9);
    yield `${[row, ...texts, LABELS[label], ...shown, Number(loss), tokens[i]].join(',')}\n`;
  }
}
