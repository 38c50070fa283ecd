import { choose, count } from './format.ts';

/** English sentences about a file as a whole (`CsvNote`), by kind. */
export const notes = {
  byteOrderMark: () => 'The file starts with a byte order mark; it is skipped.',
  utf16: () => 'The file is UTF-16; it was converted to UTF-8 in memory.',
  noIds: () => 'There is no id column, so rows are numbered from 1.',
  unusedColumns: ({ columns, named }: { columns: number; named: string }) =>
    columns > 10
      ? `Unused columns: ${count(columns)}, the first are ${named}.`
      : `Unused columns: ${named}.`,
  blankLines: ({ row }: { row: number }) =>
    `Blank lines between rows are skipped, the first before row ${row}.`,
  repeatedIds: ({ ids, named }: { ids: number; named: readonly string[] }) => {
    const more = ids > named.length ? ` and ${ids - named.length} more` : '';
    const subject = choose(ids, { one: 'One id appears', other: `${ids} ids appear` });
    return `${subject} in more than one row (${named.join(', ')}${more}). Every row is scored and written, in order; Kaggle refuses a submission with repeated ids.`;
  },
};

/** English texts of the action after a failure of a device (`Incident.action`). */
export const incidentActions = {
  again: 'The model is loaded again and the batch tried again.',
  halve: 'The model is loaded again and the batch tried in two halves.',
  reload: 'The model is loaded again.',
  end: 'This device is no longer used in this run.',
  stop: 'The run stops.',
};
