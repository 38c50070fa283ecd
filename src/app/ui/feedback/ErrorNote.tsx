import type { ReactNode } from 'react';
import type { ErrorPlace, PlainError } from '../../../domain/errors.ts';
import { errorText } from '../../i18n/error-text.ts';
import { strings } from '../../i18n/strings.ts';

/** Shows an error, its place and its remedy. `isQuiet`: screen readers learn of it by other means. */
export function ErrorNote(props: { error: PlainError; isQuiet?: boolean; children?: ReactNode }) {
  const { error, isQuiet = false, children } = props;
  const where = whereText(error.place);
  const { message, action, original } = errorText(error);
  return (
    <div className="note note-error" role={isQuiet ? undefined : 'alert'}>
      <p className="note-title">{message}</p>
      {where !== '' && <p className="note-place">{where}</p>}
      {action !== undefined && <p>{action}</p>}
      {original !== null && (
        <details>
          <summary>{strings.errorNote.original}</summary>
          <p lang="en">{original}</p>
        </details>
      )}
      {children}
    </div>
  );
}

/** Words the place of an error: `test.csv, row 12, column prompt`. */
function whereText(place: ErrorPlace | undefined): string {
  const { file, row, column, byte } = place ?? {};
  const { place: words } = strings.errorNote;
  return [
    file,
    row === undefined ? undefined : words.row(row),
    column === undefined ? undefined : words.column(column),
    byte === undefined ? undefined : words.byte(byte),
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
