import type { KeyboardEvent } from 'react';
import { count } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import type { RowColumns } from '../../page/rows.ts';
import { RowMarks } from '../../results/RowMarks.tsx';
import { ProbabilityCell } from '../../ui/table/ProbabilityCell.tsx';
import { RowButton } from '../../ui/table/RowButton.tsx';

const words = strings.results;

/** The columns of the table in their order. */
export const COLUMNS: { key: keyof typeof words.columns; title?: string }[] = [
  { key: 'row' },
  { key: 'id' },
  { key: 'prompt' },
  { key: 'a', title: words.columnTitles.a },
  { key: 'b', title: words.columnTitles.b },
  { key: 'tie', title: words.columnTitles.tie },
  { key: 'tokens', title: words.columnTitles.tokens },
  { key: 'marks' },
];

interface TableRowProps {
  rows: RowColumns;
  /** Index in the file, from 0. */
  row: number;
  /** Index in the table, from 0. */
  place: number;
  height: number;
  isActive: boolean;
  onKeyDown: (event: KeyboardEvent) => void;
  onOpen: () => void;
}

/** One row of the table. The button in its first cell covers the whole row, so a click anywhere opens it. */
export function TableRow({ rows, row, place, height, isActive, onKeyDown, onOpen }: TableRowProps) {
  const has = rows.has(row);
  const values = has ? rows.probabilities.subarray(3 * row, 3 * row + 3) : null;
  const excerpt = rows.excerpts[row]!;
  return (
    <tr className="row" aria-rowindex={place + 2} data-place={place} style={{ height }}>
      <td className="cell-row">
        <RowButton row={row} isActive={isActive} onKeyDown={onKeyDown} onOpen={onOpen} />
      </td>
      <td className="cell-id">{rows.ids[row]}</td>
      <td className="cell-prompt">
        {excerpt === '' ? <span className="help">{words.emptyPrompt}</span> : excerpt}
      </td>
      <ProbabilityCell kind="a" values={values} />
      <ProbabilityCell kind="b" values={values} />
      <ProbabilityCell kind="tie" values={values} />
      <td className="cell-tokens">{has ? count(rows.tokens[row]!) : ''}</td>
      <RowMarks flags={rows.flags[row]!} titled />
    </tr>
  );
}
