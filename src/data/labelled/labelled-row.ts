import { LABELS } from '../../domain/classes.ts';
import type { TiebreakError } from '../../domain/errors.ts';

/** A row with a label, without its texts. */
export interface LabelledRow {
  /** From 1: line of a JSON lines file, data row of a CSV. Ids may recur; this does not. */
  row: number;
  id: string;
  /** 0, 1 or 2: A won, B won, tie. */
  label: number;
  /** Votes for A, B and tie; null where they are not known. */
  votes: [number, number, number] | null;
  source: string | null;
  judge: string | null;
  /** Rows of one group belong together (their prompts are equal). */
  group: string | null;
}

/** A row that takes no part, with the reason. */
export interface UnreadRow {
  row: number;
  id: string;
  error: TiebreakError;
}

/** A row as it was read: with its line of the competition's CSV, or with an error. */
export type ReadRow = { labelled: LabelledRow; line: Uint8Array } | UnreadRow;

/** A text from the user's file for a message: quoted and not too long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** The valid labels, for messages. */
export const LABEL_NAMES = LABELS.map((name) => JSON.stringify(name)).join(', ');
