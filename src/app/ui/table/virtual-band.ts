/** Places of the rows that are in the page: from `first` on and below `end`. */
interface Band {
  first: number;
  end: number;
}

/** Rows that come and go together: drawing once in so many rows is cheaper than at every one. */
const STEP = 4;

/** What is scrolled and the height of what is in sight, both in CSS pixels. */
interface Sight {
  top: number;
  height: number;
}

/**
 * The rows in sight and up to a {@link STEP} beyond on either side, and `margin` more steps. It stays the same while
 * less than a step is scrolled.
 * @param rowHeight in CSS pixels.
 */
export function bandOf({ top, height }: Sight, rowHeight: number, margin: number): Band {
  const block = STEP * rowHeight;
  const first = Math.floor(top / block) - margin;
  const end = Math.ceil((top + height) / block) + margin;
  return { first: STEP * Math.max(0, first), end: STEP * end };
}

/**
 * Rows of a band that there are, in their order. The row in the tab order is always among them, or the keyboard would
 * lose its place when the mouse scrolls.
 */
export function placesOf({ first, end }: Band, count: number, current: number): number[] {
  const last = Math.min(end, count);
  const places = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  if (current >= count || (current >= first && current < last)) return places;
  return current < first ? [current, ...places] : [...places, current];
}

/** A band as it is drawn: which element each row is in, told by its key. */
export interface DrawnBand extends Band {
  /** Place of the row with the key 0, which may be out of sight. */
  base: number;
  /** A row whose element stays its own, whatever the others are. */
  kept: { place: number; key: string } | null;
}

/**
 * The next band. Where most rows are others, new rows take over the elements of old ones, in their order, since other
 * words in an element cost a fraction of a new element; and there are few beyond those in sight, since the next rows
 * are likely others again. The row in the tab order keeps its element: it may have the focus.
 * @param current place of the row in the tab order.
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

/** The key of a row's element, different for each row of a band. */
export function keyOf({ base, kept }: DrawnBand, place: number): string {
  if (place === kept?.place) return kept.key;
  const key = String(place - base);
  // Its element may be taken.
  return key === kept?.key ? 'instead' : key;
}
