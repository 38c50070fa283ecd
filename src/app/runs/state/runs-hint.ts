import type { PageStorage } from '../../ui/files/page-storage.ts';

const KEY = 'tiebreak.unfinished-run';

/** How high the line of an unfinished run was in CSS pixels when the page was last open; 0 for none. */
export function expectedLineHeight(storage: PageStorage | null): number {
  const height = Number(storage?.getItem(KEY));
  return height > 0 && height < 4000 ? height : 0;
}

/** Notes it for the next visit, where the browser allows it. */
export function expectLineHeight(storage: PageStorage | null, height: number): void {
  try {
    storage?.setItem(KEY, String(height));
  } catch {
    // The page then moves once when the runs are read.
  }
}
