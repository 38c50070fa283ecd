/** What was found out about a file as a whole, and is no error. */
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

/** A note as an English sentence. */
export function noteText(note: CsvNote): string {
  switch (note.kind) {
    case 'byteOrderMark':
      return 'The file starts with a byte order mark; it is skipped.';
    case 'utf16':
      return 'The file is UTF-16; it was converted to UTF-8 in memory.';
    case 'noIds':
      return 'There is no column id: the rows are numbered from 1.';
    case 'unusedColumns': {
      const { columns, named } = note;
      return columns > 10
        ? `Unused columns: ${columns.toLocaleString('en')}, the first are ${named}.`
        : `Unused columns: ${named}.`;
    }
    case 'blankLines':
      return `Blank lines between rows are skipped, the first before row ${note.row}.`;
    case 'repeatedIds': {
      const { ids, named } = note;
      const more = ids > named.length ? ` and ${ids - named.length} more` : '';
      const subject = ids === 1 ? 'One id stands' : `${ids} ids stand`;
      return `${subject} in more than one row (${named.join(', ')}${more}). Every row is scored and written, in order; Kaggle refuses a submission with repeated ids.`;
    }
  }
}
