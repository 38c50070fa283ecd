import {
  type CSSProperties,
  Fragment,
  type KeyboardEvent,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { strings } from '../../i18n/strings.ts';
import { useStore } from '../../page/context.ts';
import { RowGap } from '../../ui/table/RowGap.tsx';
import { useVirtualRows } from '../../ui/table/use-virtual-rows.ts';
import { useQueryData } from '../state/use-query-data.ts';
import { useReport, useReportStore } from '../state/use-report.ts';
import { words } from '../text/strings.ts';
import { ReportRow, type TableColumn } from './ReportRow.tsx';

const texts = words.table;
const NO_ROWS = new Uint32Array(0);

/**
 * The rows of the view, with only the visible ones in the page. Headings sort; one row at a time is in the tab order,
 * and arrow keys, Page Up, Page Down, Home and End move the focus.
 */
export function ReportTable(props: { rowHeight: number; onOpen: (row: number) => void }) {
  const { rowHeight, onOpen } = props;
  const store = useReportStore();
  const { rows: columns } = useStore();
  const rows = useReport(({ view }) => view?.rows ?? NO_ROWS);
  const sort = useReport(({ query }) => query.sort);
  const isCompared = useReport(({ other }) => other !== null);
  const hasLabels = useReport(({ facts }) => (facts?.labelled ?? 0) > 0);
  const all = useReport(({ facts }) => facts?.rows ?? 0);
  const isSettled = useReport(({ view, finding }) => view !== null && !finding);
  // A few rows need little room. During a search the height stays, so that nothing below jumps.
  const [held, hold] = useState(all);
  if (isSettled && held !== rows.length) hold(rows.length);
  const { scroller, current, setActive, onKeyDown, items, after } = useVirtualRows(
    rows.length,
    rowHeight,
  );

  // A new order starts at its top; but not when the table appears, since it is there already and scrolling forces a
  // layout.
  const sorted = useRef(sort);
  useEffect(() => {
    if (sorted.current === sort) return;
    sorted.current = sort;
    scroller.current?.scrollTo({ top: 0 });
    setActive(0);
  }, [sort, scroller, setActive]);

  // New functions at every render would draw all memoised rows again.
  const latest = useRef({ onKeyDown, onOpen });
  latest.current = { onKeyDown, onOpen };
  const handlers = useMemo(
    () => ({
      onKeyDown: (event: KeyboardEvent) => latest.current.onKeyDown(event),
      onOpen: (place: number, row: number) => {
        setActive(place);
        latest.current.onOpen(row);
      },
    }),
    [setActive],
  );

  const hasOrders = columns.forward !== null;
  const shown = useMemo(
    () => columnsOf({ hasLabels, hasOrders, isCompared }),
    [hasLabels, hasOrders, isCompared],
  );
  const data = useQueryData();

  return (
    <>
      <p className="hidden" id="report-table-help">
        {strings.results.tableHelp}
      </p>
      <div
        className="table-scroll report-scroll"
        style={{ '--rows-height': `${held * rowHeight}px` } as CSSProperties}
        ref={scroller}
      >
        <table
          className="table report-table"
          aria-label={texts.label}
          aria-describedby="report-table-help"
          aria-rowcount={rows.length + 1}
        >
          <thead>
            <tr aria-rowindex={1}>
              {shown.map(({ key, field }) => {
                const isSorted = field !== null && sort.field === field;
                const direction = sort.descending ? 'descending' : 'ascending';
                return (
                  <th
                    key={key}
                    scope="col"
                    className={`cell-${key}`}
                    aria-sort={isSorted ? direction : undefined}
                  >
                    {field === null ? (
                      texts.columns[key]
                    ) : (
                      <button
                        type="button"
                        className="sort-button"
                        onClick={() =>
                          store.finder.setSort({
                            field,
                            // Readers look at the largest numbers first, but at rows from the first.
                            descending: isSorted ? !sort.descending : field !== 'row',
                          })
                        }
                      >
                        {texts.columns[key]}
                        <span aria-hidden="true">
                          {isSorted ? (sort.descending ? ' ▼' : ' ▲') : ''}
                        </span>
                      </button>
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {items.map(({ place, key, before }) => {
              const row = rows[place]!;
              return (
                <Fragment key={key}>
                  <RowGap height={before} columns={shown.length} />
                  {data !== null && (
                    <ReportRow
                      place={place}
                      row={row}
                      height={rowHeight}
                      isActive={place === current}
                      columns={shown}
                      data={data}
                      excerpt={columns.excerpts[row] ?? ''}
                      onKeyDown={handlers.onKeyDown}
                      onOpen={handlers.onOpen}
                    />
                  )}
                </Fragment>
              );
            })}
            <RowGap height={after} columns={shown.length} />
          </tbody>
        </table>
      </div>
    </>
  );
}

function columnsOf(of: {
  hasLabels: boolean;
  hasOrders: boolean;
  isCompared: boolean;
}): TableColumn[] {
  const columns: (TableColumn | false)[] = [
    { key: 'row', field: 'row' },
    { key: 'prompt', field: null },
    { key: 'a', field: 'a' },
    { key: 'b', field: 'b' },
    { key: 'tie', field: 'tie' },
    of.hasLabels && { key: 'label', field: null },
    of.hasLabels && { key: 'loss', field: 'loss' },
    of.hasOrders && { key: 'gap', field: 'gap' },
    of.isCompared && { key: 'change', field: 'change' },
    { key: 'tokens', field: 'tokens' },
    { key: 'length', field: 'length' },
    { key: 'marks', field: null },
  ];
  return columns.filter((column) => column !== false);
}
