import { notes } from '../../texts/en/notes.ts';

/** A remark about a file as a whole; not an error. */
export type CsvNote =
  | { kind: 'byteOrderMark' }
  | { kind: 'utf16' }
  /** Rows are numbered from 1. */
  | { kind: 'noIds' }
  /** `named`: the first of them, for display, joined by commas. */
  | { kind: 'unusedColumns'; columns: number; named: string }
  /** `row`: the first row after such a line, from 1. */
  | { kind: 'blankLines'; row: number }
  /** `ids`: number of ids that occur in more than one row; `named`: the first of them. */
  | { kind: 'repeatedIds'; ids: number; named: readonly string[] };

/** A sentence for every kind of note, in one language. */
type NoteTexts = {
  [Kind in CsvNote['kind']]: (note: Extract<CsvNote, { kind: Kind }>) => string;
};

/** Returns the function that words notes in a language. */
export function notesIn(texts: NoteTexts): (note: CsvNote) => string {
  return (note) => (texts[note.kind] as (note: CsvNote) => string)(note);
}

/** Words a note as an English sentence. */
export const noteText = notesIn(notes);
