import Papa from 'papaparse';
import { type ErrorPlace, TiebreakError } from '../../domain/errors.ts';

const HEADER = 'id,winner_model_a,winner_model_b,winner_tie\n';
const PIECE_CHARACTERS = 256 * 1024;

/** A row of the submission: probabilities of A, of B and of a tie. */
export interface SubmissionRow {
  id: string;
  probabilities: ArrayLike<number>;
}

/**
 * A probability as the shortest decimal text of at most 9 significant digits, so three of them keep their sum to
 * 1e-8. Below 1e-6 the text has an exponent ("1e-7"), which CSV readers accept: no probability becomes 0.
 * @param place Where the number belongs, for the error.
 * @throws TiebreakError `csv/bad-probability` unless `0 <= p <= 1`.
 */
export function formatProbability(p: number, place?: ErrorPlace): string {
  if (!(p >= 0 && p <= 1)) {
    throw new TiebreakError('csv/bad-probability', `${p} is not a probability.`, {
      action: 'Score the row again.',
      place,
    });
  }
  return String(Number(p.toPrecision(9)));
}

/**
 * The submission file as pieces of about 256 Ki characters, to be joined without anything between them. Lines end
 * in LF.
 * @throws TiebreakError `csv/bad-probability`, with the row, unless a row has three probabilities.
 */
export function submissionCsv(rows: Iterable<SubmissionRow>): string[] {
  const pieces: string[] = [];
  let piece = HEADER;
  let row = 0;
  for (const { id, probabilities } of rows) {
    row++;
    if (probabilities.length !== 3) {
      throw new TiebreakError(
        'csv/bad-probability',
        `Row ${row} (id ${id}) has ${probabilities.length} probabilities instead of 3.`,
        { action: 'Score the row again.', place: { row } },
      );
    }
    const cells = Array.from(probabilities, (p) => formatProbability(p, { row }));
    piece += `${csvField(id)},${cells.join(',')}\n`;
    if (piece.length >= PIECE_CHARACTERS) {
      pieces.push(piece);
      piece = '';
    }
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}

/** A text as one field of a CSV file, in quotes where it needs them. */
export function csvField(text: string): string {
  // Papa sets up a writer for every call; most ids are digits and need none.
  return /^\w*$/.test(text) ? text : Papa.unparse([[text]]);
}
