import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { type DrawnBand, keyOf, placesOf, redrawn } from './virtual-band.ts';

/** Rows of a long table, of which only those in sight are in the page. */
interface VirtualRows {
  /** The element that scrolls. */
  scroller: RefObject<HTMLDivElement | null>;
  /** Place of the row in the tab order. */
  current: number;
  setActive: (place: number) => void;
  /** For the button of every row: arrow keys, Page Up and Down, Home and End move to others. */
  onKeyDown: (event: KeyboardEvent) => void;
  /**
   * Rows that are in the page, each with the key of its element and the height of the empty space before it in CSS
   * pixels.
   */
  items: { place: number; key: string; before: number }[];
  /** Height of the empty space behind the last of them. */
  after: number;
}

// Until the height of what is in sight is known.
const FIRST_BAND: DrawnBand = { first: 0, end: 24, base: 0, kept: null };

/**
 * So long after the last step scrolling has come to rest. `scrollend` comes after every step of a script or a wheel.
 */
const REST_MS = 150;

/**
 * Keeps the rows in sight in the page, and one of all rows in the tab order: the first button of the element whose
 * `data-place` is its place. All rows have one height, so nothing is kept or measured for each of them.
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
      // Rows are drawn in the frame that shows them; a frame later there would be a gap.
      flushSync(look);
      // After a jump there are no more rows than those in sight.
      clearTimeout(rest);
      rest = setTimeout(look, REST_MS);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    // It also tells the first size, when it is known: asking for it now would compute the layout of the whole page at
    // once.
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
    // The table is scrolled already, but may be partly out of the window itself.
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
    // As little as brings the whole row into sight.
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
