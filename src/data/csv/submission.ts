import { TiebreakError } from '../../domain/errors.ts';
import { RESULT_COLUMNS } from './column-names.ts';
import { type CsvColumn, classColumns, columnsCsv } from './columns.ts';
import { csvField } from './field.ts';

/** A row of the submission: probabilities of A, of B and of a tie. */
interface SubmissionRow {
  id: string;
  probabilities: ArrayLike<number>;
}

const COLUMNS: CsvColumn<SubmissionRow>[] = [
  { name: RESULT_COLUMNS[0], cell: checkedId },
  ...classColumns<SubmissionRow>(
    ({ probabilities }, place) => probabilities[place]!,
    (_, line) => line,
  ),
];

/**
 * Writes the submission file in pieces of about 256 Ki characters to concatenate. Lines end in LF.
 * @throws TiebreakError `csv/bad-probability`, with the row, unless a row has three probabilities.
 */
export function submissionCsv(rows: Iterable<SubmissionRow>): string[] {
  return [...columnsCsv(COLUMNS, rows)];
}

function checkedId({ id, probabilities }: SubmissionRow, row: number): string {
  if (probabilities.length !== 3) {
    throw new TiebreakError('csv/bad-probability:count', {
      params: { row, id, length: probabilities.length },
      place: { row },
    });
  }
  return csvField(id);
}
