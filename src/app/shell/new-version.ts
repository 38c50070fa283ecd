import type { PackagesState } from '../models/state/packages-state.ts';
import { type AppState, isRunning } from '../page/state.ts';

const KEY = 'tiebreak.reloaded';

/** Milliseconds within which a second reload would be a loop. */
const PAUSE_MS = 10 * 60_000;

/** True if a reload loses nothing that was chosen, entered or computed on the screens of a visit's start. */
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

/** True if the page may reload itself now: once in ten minutes, and never if that cannot be recorded. */
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
 * Reloads the page after one of its scripts did not load, since a new version may have replaced them. Does nothing if
 * the server does not answer (the page's own message beats the browser's), or just after another reload.
 */
export async function reloadForNewVersion(): Promise<void> {
  const there = await fetch(document.baseURI, { method: 'HEAD', cache: 'no-store' }).catch(
    () => null,
  );
  if (there?.ok && mayReload(sessionStorage, Date.now())) location.reload();
}
