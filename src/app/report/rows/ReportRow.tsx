import { type KeyboardEvent, memo } from 'react';
import { type Field, fieldOf, type QueryData } from '../../../report/query.ts';
import { isScored } from '../../../stats/table/scored.ts';
import { count } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { RowMarks } from '../../results/RowMarks.tsx';
import { ProbabilityCell } from '../../ui/table/ProbabilityCell.tsx';
import { RowButton } from '../../ui/table/RowButton.tsx';
import { fixed } from '../text/numbers.ts';
import { words } from '../text/strings.ts';

/** A column of the report's table; `field` if it can be sorted. */
export interface TableColumn {
  key: keyof typeof words.table.columns;
  field: Field | null;
}

/**
 * One row of the report's table. It is memoised, since most rows stay the same while the table scrolls. The button in
 * its first cell covers the whole row, so a click anywhere opens it.
 */
export const ReportRow = memo(function ReportRow(props: {
  /** Index in the view, from 0. */
  place: number;
  /** Index in the file, from 0. */
  row: number;
  height: number;
  isActive: boolean;
  columns: readonly TableColumn[];
  data: QueryData;
  excerpt: string;
  onKeyDown: (event: KeyboardEvent) => void;
  onOpen: (place: number, row: number) => void;
}) {
  const { place, row, height, isActive, columns, data, excerpt, onKeyDown, onOpen } = props;
  return (
    <tr className="row" aria-rowindex={place + 2} data-place={place} style={{ height }}>
      <td className="cell-row">
        <RowButton
          row={row}
          isActive={isActive}
          onKeyDown={onKeyDown}
          onOpen={() => onOpen(place, row)}
        />
      </td>
      {columns.map(({ key }) => (
        <Cell key={key} column={key} row={row} data={data} excerpt={excerpt} />
      ))}
    </tr>
  );
});

function Cell(props: {
  column: TableColumn['key'];
  row: number;
  data: QueryData;
  excerpt: string;
}) {
  const { column, row, data, excerpt } = props;
  switch (column) {
    case 'row':
      return null; // the first cell has the button
    case 'prompt':
      return (
        <td className="cell-prompt">
          {excerpt === '' ? <span className="help">{strings.results.emptyPrompt}</span> : excerpt}
        </td>
      );
    case 'a':
    case 'b':
    case 'tie': {
      const values = data.probabilities.subarray(3 * row, 3 * row + 3);
      return <ProbabilityCell kind={column} values={isScored(data, row) ? values : null} />;
    }
    case 'label':
      return <td className="cell-label">{words.classNames[data.table.labels[row]!] ?? ''}</td>;
    case 'loss':
    case 'gap':
    case 'change':
      return <td className="cell-number">{fixed(fieldOf(data, column, row), 3)}</td>;
    case 'tokens':
    case 'length': {
      const value = fieldOf(data, column, row);
      return <td className="cell-number">{Number.isNaN(value) ? '' : count(value)}</td>;
    }
    case 'marks':
      return <RowMarks flags={data.flags[row]!} />;
  }
}
