/** What was found out about a file as a whole, and is no error. */
export type CsvNote =
  | { kind: 'byteOrderMark' }
  | { kind: 'utf16' }
  /** `names` as they are shown, with commas between them. */
  | { kind: 'unusedColumns'; names: string }
  /** `row`: the first row after such a line, from 1. */
  | { kind: 'blankLines'; row: number }
  /** `ids` stand in more than one row; `named` are the first of them. */
  | { kind: 'repeatedIds'; ids: number; named: readonly string[] };

/** A note as an English sentence. */
export function noteText(note: CsvNote): string {
  switch (note.kind) {
    case 'byteOrderMark':
      return 'The file starts with a byte order mark; it is skipped.';
    case 'utf16':
      return 'The file is UTF-16; it was converted to UTF-8 in memory.';
    case 'unusedColumns':
      return `Columns that are not used: ${note.names}.`;
    case 'blankLines':
      return `Blank lines between rows are skipped, the first before row ${note.row}.`;
    case 'repeatedIds': {
      const { ids, named } = note;
      const more = ids > named.length ? ` and ${ids - named.length} more` : '';
      return `${ids} ids stand in more than one row (${named.join(', ')}${more}). Every row is scored and written, in order; Kaggle refuses a submission with repeated ids.`;
    }
  }
}
