import { Fragment } from 'react';
import { strings } from '../../i18n/strings.ts';
import type { RowColumns } from '../../page/rows.ts';
import { RowGap } from '../../ui/table/RowGap.tsx';
import { useVirtualRows } from '../../ui/table/use-virtual-rows.ts';
import { COLUMNS, TableRow } from './TableRow.tsx';

const words = strings.results;

/**
 * A table with only the visible rows in the page; gaps replace the others. One row at a time is in the tab order; arrow
 * keys, Page Up, Page Down, Home and End move the focus.
 */
export function VirtualTable(props: {
  rows: RowColumns;
  /** Rows in the order of the table; null for the order of the file. */
  order: Uint32Array | null;
  rowHeight: number;
  onOpen: (row: number) => void;
}) {
  const { rows, order, rowHeight, onOpen } = props;
  const rowAt = (place: number) => order?.[place] ?? place;
  const { scroller, current, setActive, onKeyDown, items, after } = useVirtualRows(
    rows.length,
    rowHeight,
  );
  return (
    <>
      <p className="hidden" id="table-help">
        {words.tableHelp}
      </p>
      <div className="table-scroll" ref={scroller}>
        <table
          className="table"
          aria-label={words.table}
          aria-describedby="table-help"
          aria-rowcount={rows.length + 1}
        >
          <thead>
            <tr aria-rowindex={1}>
              {COLUMNS.map(({ key, title }) => (
                <th key={key} className={`cell-${key}`} scope="col" title={title}>
                  {words.columns[key]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map(({ place, key, before }) => (
              <Fragment key={key}>
                <RowGap height={before} columns={COLUMNS.length} />
                <TableRow
                  rows={rows}
                  row={rowAt(place)}
                  place={place}
                  height={rowHeight}
                  isActive={place === current}
                  onKeyDown={onKeyDown}
                  onOpen={() => {
                    setActive(place);
                    onOpen(rowAt(place));
                  }}
                />
              </Fragment>
            ))}
            <RowGap height={after} columns={COLUMNS.length} />
          </tbody>
        </table>
      </div>
    </>
  );
}
