import { LABELS } from '../../domain/classes.ts';
import type { TiebreakError } from '../../domain/errors.ts';

/** A row with a label, without its texts. */
export interface LabelledRow {
  /** From 1: the line of a JSON lines file, or the data row of a CSV. Unlike ids it is unique. */
  row: number;
  id: string;
  /** 0, 1 or 2: A won, B won, tie. */
  label: number;
  /** Votes for A, B and tie; null if unknown. */
  votes: [number, number, number] | null;
  source: string | null;
  judge: string | null;
  /** Rows of one group belong together: their prompts are equal. */
  group: string | null;
}

/** An unusable row, with the reason. */
export interface UnreadRow {
  row: number;
  id: string;
  error: TiebreakError;
}

/** A row that was read: with its line of the competition's CSV, or with an error. */
export type ReadRow = { labelled: LabelledRow; line: Uint8Array } | UnreadRow;

/** Quotes a text from the user's file for a message, shortened if necessary. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** The valid labels, for messages. */
export const LABEL_NAMES = LABELS.map((name) => JSON.stringify(name)).join(', ');
