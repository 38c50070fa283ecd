/** Places of the rows that are in the page: from `first` on and below `end`. */
export interface Band {
  first: number;
  end: number;
}

/** Rows that come and go together: drawing once in so many rows is cheaper than at every one. */
const STEP = 4;

/**
 * The rows in sight and up to two {@link STEP}s beyond on either side. It stays the same while less than a step is scrolled.
 * @param top what is scrolled, @param height of what is in sight, @param rowHeight all in CSS pixels.
 */
export function bandOf(top: number, height: number, rowHeight: number): Band {
  const block = STEP * rowHeight;
  const first = Math.floor(top / block) - 1;
  const end = Math.ceil((top + height) / block) + 1;
  return { first: STEP * Math.max(0, first), end: STEP * end };
}

/**
 * Rows of a band that there are, in their order. The row in the tab order is always among them, or the keyboard would lose
 * its place when the mouse scrolls.
 */
export function placesOf({ first, end }: Band, count: number, current: number): number[] {
  const last = Math.min(end, count);
  const places = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  if (current >= count || (current >= first && current < last)) return places;
  return current < first ? [current, ...places] : [...places, current];
}
