import type { PackagesState } from '../models/state/packages-state.ts';
import { type AppState, isRunning } from '../page/state.ts';

const KEY = 'tiebreak.reloaded';

/** Another load within so many ms would be a loop. */
const PAUSE_MS = 10 * 60_000;

/** Says whether a reload loses nothing that was chosen, entered or computed on the screens that a visit begins with. */
export function nothingToLose(app: AppState, { job, form }: PackagesState): boolean {
  const isFormEmpty = form.base === null && form.adapters.length === 0 && form.tokenizer === null;
  return (
    !isRunning(app) &&
    app.csv.status === 'none' &&
    app.results === null &&
    job === null &&
    isFormEmpty
  );
}

/** Says whether the page may reload itself now: once in ten minutes, and never where that cannot be noted. */
export function mayReload(storage: Pick<Storage, 'getItem' | 'setItem'>, now: number): boolean {
  try {
    const last = Number(storage.getItem(KEY));
    if (last > 0 && now - last < PAUSE_MS) return false;
    storage.setItem(KEY, String(now));
    return true;
  } catch {
    return false;
  }
}

/**
 * Loads the page again after one of its scripts did not arrive, as a new version may have taken their place. Does
 * nothing where the server does not answer (a page that says so is better than the browser's own), or where it was done
 * just now.
 */
export async function reloadForNewVersion(): Promise<void> {
  const there = await fetch(document.baseURI, { method: 'HEAD', cache: 'no-store' }).catch(
    () => null,
  );
  if (there?.ok && mayReload(sessionStorage, Date.now())) location.reload();
}
