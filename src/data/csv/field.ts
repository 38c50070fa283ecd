import Papa from 'papaparse';
import { type ErrorPlace, TiebreakError } from '../../domain/errors.ts';

/** Writes a text as one field of a CSV file, quoted if necessary. */
export function csvField(text: string): string {
  // Papa sets up a writer for every call; most ids are digits and need no quotes.
  return /^\w*$/.test(text) ? text : Papa.unparse([[text]]);
}

/**
 * Writes a probability as the shortest decimal text of at most 9 significant digits, so that three of them keep their
 * sum to 1e-8. Below 1e-6 the text has an exponent ("1e-7"), which CSV readers accept, so that no probability becomes
 * 0.
 * @param place Position of the number, for the error.
 * @throws TiebreakError `csv/bad-probability` unless `0 <= p <= 1`.
 */
export function formatProbability(p: number, place?: ErrorPlace): string {
  if (!(p >= 0 && p <= 1)) {
    throw new TiebreakError('csv/bad-probability', { params: { p }, place });
  }
  return String(Number(p.toPrecision(9)));
}
