import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { Fragment, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { RowColumns } from '../rows.ts';
import { strings } from '../strings.ts';
import { COLUMNS, TableRow } from './TableRow.tsx';

const OVERSCAN = 10;
const words = strings.results;

/**
 * A table of which only the rows in view are in the page; empty rows hold the place of the others. One row at a time
 * is in the tab order; arrow keys, Page Up and Down, Home and End move to others.
 */
export function VirtualTable(props: {
  rows: RowColumns;
  rowHeight: number;
  onOpen: (row: number) => void;
}) {
  const { rows, rowHeight, onOpen } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const focusWanted = useRef(false);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    // The row in the tab order stays in the page, or the keyboard would lose its place when the mouse scrolls.
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      if (active >= rows.length || seen.includes(active)) return seen;
      return active < seen[0]! ? [active, ...seen] : [...seen, active];
    },
  });

  useEffect(() => {
    if (!focusWanted.current) return;
    focusWanted.current = false;
    scroller.current
      ?.querySelector<HTMLElement>(`[data-row="${active}"] button`)
      ?.focus({ preventScroll: true });
  }, [active]);

  function onKeyDown(event: KeyboardEvent) {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -rows.length,
      End: rows.length,
    };
    const step = steps[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, active + step));
    if (next === active) return;
    virtualizer.scrollToIndex(next);
    focusWanted.current = true;
    setActive(next);
  }

  const items = virtualizer.getVirtualItems();
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
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
            {items.map(({ index, start }, i) => (
              <Fragment key={index}>
                <Gap height={start - (items[i - 1]?.end ?? 0)} />
                <TableRow
                  rows={rows}
                  row={index}
                  height={rowHeight}
                  isActive={index === active}
                  onKeyDown={onKeyDown}
                  onOpen={() => {
                    setActive(index);
                    onOpen(index);
                  }}
                />
              </Fragment>
            ))}
            <Gap height={after} />
          </tbody>
        </table>
      </div>
    </>
  );
}

function Gap({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr className="gap" style={{ height }}>
      <td colSpan={COLUMNS.length} />
    </tr>
  );
}
