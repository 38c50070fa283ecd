import type { PageStorage } from '../../ui/files/page-storage.ts';

const KEY = 'tiebreak.unfinished-run';

/** The height of the line of an unfinished run at the last visit, in CSS pixels; 0 for none. */
export function expectedLineHeight(storage: PageStorage | null): number {
  const height = Number(storage?.getItem(KEY));
  return height > 0 && height < 4000 ? height : 0;
}

/** Stores the height for the next visit if the browser allows it. */
export function expectLineHeight(storage: PageStorage | null, height: number): void {
  try {
    storage?.setItem(KEY, String(height));
  } catch {
    // Without the hint, the page moves once when the runs are read.
  }
}
