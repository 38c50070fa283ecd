import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { type DrawnBand, keyOf, placesOf, redrawn } from './virtual-band.ts';

/** The rows of a long table, of which only the visible ones are in the page. */
interface VirtualRows {
  /** The element that scrolls. */
  scroller: RefObject<HTMLDivElement | null>;
  /** Index of the row in the tab order. */
  current: number;
  setActive: (place: number) => void;
  /** For the button of every row: arrow keys, Page Up, Page Down, Home and End move the focus. */
  onKeyDown: (event: KeyboardEvent) => void;
  /** Rows in the page, each with the key of its element and the height of the gap before it in CSS pixels. */
  items: { place: number; key: string; before: number }[];
  /** Height of the gap after the last of them, in CSS pixels. */
  after: number;
}

// Used until the height of the visible area is known.
const FIRST_BAND: DrawnBand = { first: 0, end: 24, base: 0, kept: null };

/**
 * Milliseconds after the last step until scrolling counts as ended. `scrollend` fires after every step of a script or a
 * wheel.
 */
const REST_MS = 150;

/**
 * Keeps the visible rows in the page, and one of all rows in the tab order: the first button of the element whose
 * `data-place` is its index. All rows have the same height, so no row is measured or remembered.
 * @param rowHeight in CSS pixels.
 */
export function useVirtualRows(count: number, rowHeight: number): VirtualRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const [band, setBand] = useState(FIRST_BAND);
  const focusWanted = useRef(false);
  const current = Math.min(active, Math.max(0, count - 1));
  const latest = useRef(current);
  latest.current = current;

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = () => {
      const sight = { top: element.scrollTop, height: element.clientHeight };
      setBand((band) => redrawn(band, sight, rowHeight, latest.current));
    };
    let rest: ReturnType<typeof setTimeout> | undefined;
    const onScroll = () => {
      // Rows are drawn in the frame that shows them; one frame later there would be a gap.
      flushSync(look);
      // After a jump only the visible rows are in the page.
      clearTimeout(rest);
      rest = setTimeout(look, REST_MS);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    // The observer also reports the first size; asking for it here would force a layout of the whole page.
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      clearTimeout(rest);
      observer.disconnect();
    };
  }, [rowHeight]);

  useEffect(() => {
    if (!focusWanted.current) return;
    focusWanted.current = false;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-place="${active}"]`);
    row?.querySelector('button')?.focus({ preventScroll: true });
    // The table has scrolled already, but may itself lie partly outside the window.
    row?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  function onKeyDown(event: KeyboardEvent) {
    const element = scroller.current;
    if (element === null) return;
    const head = element.querySelector('thead')?.getBoundingClientRect().height ?? 0;
    const inner = element.clientHeight - head;
    const page = Math.max(1, Math.floor(inner / rowHeight) - 1);
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
    // Scrolls by the least that shows the whole row.
    const top = next * rowHeight;
    element.scrollTop = Math.max(Math.min(element.scrollTop, top), top + rowHeight - inner);
    focusWanted.current = true;
    setActive(next);
  }

  const places = placesOf(band, count, current);
  return {
    scroller,
    current,
    setActive,
    onKeyDown,
    items: places.map((place, i) => ({
      place,
      key: keyOf(band, place),
      before: (place - (places[i - 1] ?? -1) - 1) * rowHeight,
    })),
    after: (count - 1 - (places.at(-1) ?? -1)) * rowHeight,
  };
}
