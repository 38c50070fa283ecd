import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { Fragment, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { type Field, fieldOf, type QueryData } from '../../report/query.ts';
import { NO_LABEL } from '../../report/table.ts';
import { ROW_FLAG } from '../../run/events.ts';
import { ProbabilityCell } from '../components/ProbabilityCell.tsx';
import { useStore } from '../context.ts';
import { count } from '../format.ts';
import { strings } from '../strings.ts';
import { fixed } from './numbers.ts';
import { words } from './strings.ts';
import { useReport, useReportStore } from './use-report.ts';

const OVERSCAN = 10;
const texts = words.table;
const MARKS = ['problem', 'truncated', 'duplicate', 'plainText'] as const;

type Column = keyof typeof texts.columns;
const NO_ROWS = new Uint32Array(0);

/**
 * The rows of the view, of which only those in sight are in the page. Headings sort; one row at a time is in the tab order,
 * and arrow keys, Page Up and Down, Home and End move to others.
 */
export function ReportTable(props: { rowHeight: number; onOpen: (row: number) => void }) {
  const { rowHeight, onOpen } = props;
  const store = useReportStore();
  const { rows: columns } = useStore();
  const rows = useReport(({ view }) => view?.rows ?? NO_ROWS);
  const table = useReport((state) => state.table);
  const probabilities = useReport((state) => state.probabilities);
  const sort = useReport(({ query }) => query.sort);
  const other = useReport((state) => state.other);
  const hasLabels = useReport(({ facts }) => (facts?.labelled ?? 0) > 0);
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const focusWanted = useRef(false);
  const current = Math.min(active, Math.max(0, rows.length - 1));
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    // The row in the tab order stays in the page, or the keyboard would lose its place when the mouse scrolls.
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      if (current >= rows.length || seen.includes(current)) return seen;
      return current < seen[0]! ? [current, ...seen] : [...seen, current];
    },
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: another order begins at its top
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    setActive(0);
  }, [sort]);

  useEffect(() => {
    if (!focusWanted.current) return;
    focusWanted.current = false;
    scroller.current
      ?.querySelector<HTMLElement>(`[data-place="${active}"] button`)
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
    const next = Math.max(0, Math.min(rows.length - 1, current + step));
    if (next === current) return;
    virtualizer.scrollToIndex(next);
    focusWanted.current = true;
    setActive(next);
  }

  const hasOrders = columns.forward !== null;
  const shown: { key: Column; field: Field | null }[] = [
    { key: 'row', field: 'row' },
    { key: 'prompt', field: null },
    { key: 'a', field: 'a' },
    { key: 'b', field: 'b' },
    { key: 'tie', field: 'tie' },
    ...(hasLabels
      ? ([
          { key: 'label', field: null },
          { key: 'loss', field: 'loss' },
        ] as const)
      : []),
    ...(hasOrders ? ([{ key: 'gap', field: 'gap' }] as const) : []),
    ...(other === null ? [] : ([{ key: 'change', field: 'change' }] as const)),
    { key: 'tokens', field: 'tokens' },
    { key: 'length', field: 'length' },
    { key: 'marks', field: null },
  ];
  const data: QueryData | null =
    table === null || probabilities === null
      ? null
      : {
          table,
          probabilities: probabilities as Float64Array<ArrayBuffer>,
          raw: columns.probabilities as Float64Array<ArrayBuffer>,
          forward: columns.forward as Float64Array<ArrayBuffer> | null,
          tokens: columns.tokens as Uint32Array<ArrayBuffer>,
          flags: columns.flags as Uint8Array<ArrayBuffer>,
          other: other?.probabilities ?? null,
        };
  const number = (field: Field, row: number, decimals: number) =>
    data === null ? '' : fixed(fieldOf(data, field, row), decimals);
  const items = virtualizer.getVirtualItems();
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);

  function cell(key: Column, row: number) {
    const values =
      probabilities === null || Number.isNaN(probabilities[3 * row]!)
        ? null
        : probabilities.subarray(3 * row, 3 * row + 3);
    switch (key) {
      case 'prompt': {
        const excerpt = columns.excerpts[row] ?? '';
        return (
          <td key={key} className="cell-prompt">
            {excerpt === '' ? <span className="help">{strings.results.emptyPrompt}</span> : excerpt}
          </td>
        );
      }
      case 'a':
      case 'b':
      case 'tie':
        return <ProbabilityCell key={key} kind={key} values={values} />;
      case 'label': {
        const label = table?.labels[row] ?? NO_LABEL;
        return (
          <td key={key} className="cell-label">
            {words.classNames[label] ?? ''}
          </td>
        );
      }
      case 'loss':
      case 'gap':
      case 'change':
        return (
          <td key={key} className="cell-number">
            {number(key, row, 3)}
          </td>
        );
      case 'tokens':
      case 'length':
        return (
          <td key={key} className="cell-number">
            {data === null ? '' : wholeOf(fieldOf(data, key, row))}
          </td>
        );
      case 'marks':
        return (
          <td key={key} className="cell-marks">
            {MARKS.filter((mark) => (columns.flags[row] ?? 0) & ROW_FLAG[mark]).map((mark) => (
              <span key={mark} className={`mark mark-${mark}`}>
                {strings.results.marks[mark]}
              </span>
            ))}
          </td>
        );
      case 'row':
        return null;
    }
  }

  return (
    <div className="table-scroll report-scroll" ref={scroller}>
      <table
        className="table report-table"
        aria-label={texts.label}
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
                        store.setSort({
                          field,
                          // Numbers are mostly looked at from the top, rows from the first.
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
          {items.map(({ index, start }, i) => {
            const row = rows[index]!;
            return (
              <Fragment key={index}>
                <Gap height={start - (items[i - 1]?.end ?? 0)} columns={shown.length} />
                <tr
                  className="row"
                  aria-rowindex={index + 2}
                  data-place={index}
                  style={{ height: rowHeight }}
                >
                  <td className="cell-row">
                    <button
                      type="button"
                      className="row-button"
                      tabIndex={index === current ? 0 : -1}
                      aria-label={strings.results.openRow(row + 1)}
                      onKeyDown={onKeyDown}
                      onClick={() => {
                        setActive(index);
                        onOpen(row);
                      }}
                    >
                      {count(row + 1)}
                    </button>
                  </td>
                  {shown.map(({ key }) => cell(key, row))}
                </tr>
              </Fragment>
            );
          })}
          <Gap height={after} columns={shown.length} />
        </tbody>
      </table>
    </div>
  );
}

function wholeOf(value: number): string {
  return Number.isNaN(value) ? '' : count(value);
}

function Gap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className="gap" style={{ height }}>
      <td colSpan={columns} />
    </tr>
  );
}
