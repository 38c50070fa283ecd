import type { MissingRows } from '../../scoring/rows/row-events.ts';
import type { RowColumns } from './rows.ts';

const ROWS_AT_A_TIME = 4000;
const THIRD = 1 / 3;

/**
 * Makes the results as CSV from the page's own columns, for when the worker cannot. Works in pieces, so that the page
 * stays responsive.
 */
export async function exportFromPage(rows: RowColumns, missing: MissingRows): Promise<Blob> {
  // Needed only after a failure, so it is not part of the first load.
  const { submissionCsv } = await import('../../data/csv/submission.ts');
  const pieces: string[] = [];
  for (let first = 0; first < rows.length || first === 0; first += ROWS_AT_A_TIME) {
    const text = submissionCsv(slice(rows, first, first + ROWS_AT_A_TIME, missing)).join('');
    // Every piece has the header; only the first keeps it.
    pieces.push(first === 0 ? text : text.slice(text.indexOf('\n') + 1));
    await new Promise((resolve) => setTimeout(resolve));
  }
  return new Blob(pieces, { type: 'text/csv' });
}

function* slice(rows: RowColumns, first: number, end: number, missing: MissingRows) {
  for (let row = first; row < Math.min(end, rows.length); row += 1) {
    const id = rows.ids[row]!;
    if (rows.has(row)) {
      yield { id, probabilities: rows.probabilities.subarray(3 * row, 3 * row + 3) };
    } else if (missing === 'uniform') {
      yield { id, probabilities: [THIRD, THIRD, THIRD] };
    }
  }
}
