/** Indices of the rows in the page: from `first` up to, but not including, `end`. */
interface Band {
  first: number;
  end: number;
}

/** Rows that are added and removed together: drawing once for several rows is cheaper than for each. */
const STEP = 4;

/** The scroll offset and the height of the visible area, both in CSS pixels. */
interface Sight {
  top: number;
  height: number;
}

/**
 * Returns the visible rows, up to a {@link STEP} on either side, and `margin` more steps. The result stays the same
 * while scrolling less than a step.
 * @param rowHeight in CSS pixels.
 */
export function bandOf({ top, height }: Sight, rowHeight: number, margin: number): Band {
  const block = STEP * rowHeight;
  const first = Math.floor(top / block) - margin;
  const end = Math.ceil((top + height) / block) + margin;
  return { first: STEP * Math.max(0, first), end: STEP * end };
}

/**
 * Indices of the existing rows of a band, in order. They always include the row in the tab order: without it the
 * keyboard would lose its place when the mouse scrolls.
 */
export function placesOf({ first, end }: Band, count: number, current: number): number[] {
  const last = Math.min(end, count);
  const places = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  if (current >= count || (current >= first && current < last)) return places;
  return current < first ? [current, ...places] : [...places, current];
}

/** A band as it is drawn; the key of a row tells which element shows it. */
export interface DrawnBand extends Band {
  /** Index of the row with the key 0, which may be out of sight. */
  base: number;
  /** A row that keeps its element, whatever happens to the others. */
  kept: { place: number; key: string } | null;
}

/**
 * Computes the next band. If most rows change, new rows reuse the elements of old ones, in order, since changing the
 * words of an element is far cheaper than making one; and few rows beyond the visible ones are drawn, since the next
 * rows will probably change again. The row in the tab order keeps its element, which may have the focus.
 * @param current index of the row in the tab order.
 */
export function redrawn(
  before: DrawnBand,
  sight: Sight,
  rowHeight: number,
  current: number,
): DrawnBand {
  const next = bandOf(sight, rowHeight, 1);
  if (next.first === before.first && next.end === before.end) return before;
  const staying = Math.min(before.end, next.end) - Math.max(before.first, next.first);
  if (2 * staying >= next.end - next.first) return { ...before, ...next };
  const near = bandOf(sight, rowHeight, 0);
  const base = before.base + near.first - before.first;
  return { ...near, base, kept: { place: current, key: keyOf(before, current) } };
}

/** The key of a row's element, unique within a band. */
export function keyOf({ base, kept }: DrawnBand, place: number): string {
  if (place === kept?.place) return kept.key;
  const key = String(place - base);
  // The kept row may have the element of that key.
  return key === kept?.key ? 'instead' : key;
}
