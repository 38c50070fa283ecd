import { notes } from '../../texts/en/notes.ts';

/** A remark about a file as a whole that is no error. */
export type CsvNote =
  | { kind: 'byteOrderMark' }
  | { kind: 'utf16' }
  /** Rows are numbered from 1. */
  | { kind: 'noIds' }
  /** `named`: the first of them as they are shown, with commas between them. */
  | { kind: 'unusedColumns'; columns: number; named: string }
  /** `row`: the first row after such a line, from 1. */
  | { kind: 'blankLines'; row: number }
  /** `ids` stand in more than one row; `named` are the first of them. */
  | { kind: 'repeatedIds'; ids: number; named: readonly string[] };

/** A sentence for every kind of note, in some language. */
type NoteTexts = {
  [Kind in CsvNote['kind']]: (note: Extract<CsvNote, { kind: Kind }>) => string;
};

/** How a language tells notes. */
export function notesIn(texts: NoteTexts): (note: CsvNote) => string {
  return (note) => (texts[note.kind] as (note: CsvNote) => string)(note);
}

/** A note as an English sentence. */
export const noteText = notesIn(notes);
