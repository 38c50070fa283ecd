import { useSyncExternalStore } from 'react';

/** The screens of the page, in the order of their tabs. */
export const SCREENS = ['score', 'report', 'explore'] as const;
export type Screen = (typeof SCREENS)[number];

/** The screen that a fragment names: `#explore`, also with more behind a `?`. The first one for any other. */
export function screenOf(fragment: string): Screen {
  const name = fragment.replace(/^#/, '').split('?', 1)[0];
  return SCREENS.find((screen) => screen === name) ?? SCREENS[0];
}

/** Shows another screen; `query` is what follows it in the fragment. Leaves an entry in the history. */
export function showScreen(screen: Screen, query = ''): void {
  location.hash = query === '' ? screen : `${screen}?${query}`;
}

/** The screen that the address names. */
export function useScreen(): Screen {
  return useSyncExternalStore(subscribe, () => screenOf(location.hash));
}

/** What follows the screen's name in the fragment, without the `?`. */
export function useScreenQuery(): string {
  return useSyncExternalStore(subscribe, () => location.hash.split('?').slice(1).join('?'));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}
