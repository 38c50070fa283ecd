import type { SettingsStorage } from './settings-storage.ts';

const KEY = 'tiebreak.packages';

/** Were packages stored when the page was last open? If so it lists them at once; else the worker need not start. */
export function packagesExpected(storage: SettingsStorage | null): boolean {
  try {
    return storage?.getItem(KEY) === 'yes';
  } catch {
    return false;
  }
}

/** Notes for the next visit whether packages are stored. */
export function expectPackages(storage: SettingsStorage | null, stored: boolean): void {
  try {
    storage?.setItem(KEY, stored ? 'yes' : 'no');
  } catch {
    // The list is then read when its card is opened.
  }
}
