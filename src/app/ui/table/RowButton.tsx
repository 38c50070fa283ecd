import type { KeyboardEvent } from 'react';
import { count } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';

/**
 * The button in the first cell of a row, with the row's number. Its hit area covers the whole row; of all rows only the
 * active one is reached by Tab.
 * @param row of the file, from 0.
 */
export function RowButton(props: {
  row: number;
  isActive: boolean;
  onKeyDown: (event: KeyboardEvent) => void;
  onOpen: () => void;
}) {
  const { row, isActive, onKeyDown, onOpen } = props;
  return (
    <button
      type="button"
      className="row-button"
      tabIndex={isActive ? 0 : -1}
      aria-label={strings.results.openRow(row + 1)}
      onKeyDown={onKeyDown}
      onClick={onOpen}
    >
      {count(row + 1)}
    </button>
  );
}
