import type { PackagesStore } from './packages-store.ts';

const CHANNEL = 'tiebreak-packages';

/** The channel by which tabs announce changes of stored packages; null in browsers without BroadcastChannel. */
export function packagesChannel(): BroadcastChannel | null {
  return typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
}

/**
 * Keeps the list of stored packages up to date with the changes of other tabs, and when the user returns to this one.
 */
export function watchPackages(store: PackagesStore, channel: BroadcastChannel | null): void {
  channel?.addEventListener('message', () => void store.list.refresh());
  document.addEventListener('visibilitychange', () => {
    // A list that was never read is read when its card is opened.
    const isShown = store.getState().packages !== null;
    if (document.visibilityState === 'visible' && isShown) void store.list.refresh();
  });
}
