import type { PackagesStore } from './packages-store.ts';

const CHANNEL = 'tiebreak-packages';

/** How tabs tell each other that stored packages have changed; null in browsers without BroadcastChannel. */
export function packagesChannel(): BroadcastChannel | null {
  return typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
}

/** Keeps the list of stored packages up to date: with what other tabs do, and when the user comes back to this one. */
export function watchPackages(store: PackagesStore, channel: BroadcastChannel | null): void {
  channel?.addEventListener('message', () => void store.list.refresh());
  document.addEventListener('visibilitychange', () => {
    // A list that nobody has asked for yet is read when its card is opened.
    const isShown = store.getState().packages !== null;
    if (document.visibilityState === 'visible' && isShown) void store.list.refresh();
  });
}
