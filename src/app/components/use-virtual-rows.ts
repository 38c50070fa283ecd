import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';

/** Rows of a long table, of which only those in sight are in the page. */
export interface VirtualRows {
  /** The element that scrolls. */
  scroller: RefObject<HTMLDivElement | null>;
  /** Place of the row in the tab order. */
  current: number;
  setActive: (place: number) => void;
  /** For the button of every row: arrow keys, Page Up and Down, Home and End move to others. */
  onKeyDown: (event: KeyboardEvent) => void;
  /** Rows that are in the page, each with the height of the empty space before it in CSS pixels. */
  items: { place: number; before: number }[];
  /** Height of the empty space behind the last of them. */
  after: number;
}

/**
 * Keeps the rows in sight in the page, and one of all rows in the tab order: the first button of the element whose
 * `data-place` is its place.
 * @param rowHeight in CSS pixels. @param overscan rows beyond those in sight, on either side.
 */
export function useVirtualRows(count: number, rowHeight: number, overscan: number): VirtualRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const focusWanted = useRef(false);
  const current = Math.min(active, Math.max(0, count - 1));
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan,
    // The row in the tab order stays in the page, or the keyboard would lose its place when the mouse scrolls.
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      if (current >= count || seen.includes(current)) return seen;
      return current < seen[0]! ? [current, ...seen] : [...seen, current];
    },
  });

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
      Home: -count,
      End: count,
    };
    const step = steps[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(count - 1, current + step));
    if (next === current) return;
    virtualizer.scrollToIndex(next);
    focusWanted.current = true;
    setActive(next);
  }

  const shown = virtualizer.getVirtualItems();
  return {
    scroller,
    current,
    setActive,
    onKeyDown,
    items: shown.map(({ index, start }, i) => ({
      place: index,
      before: start - (shown[i - 1]?.end ?? 0),
    })),
    after: virtualizer.getTotalSize() - (shown.at(-1)?.end ?? 0),
  };
}
