import { useSyncExternalStore } from 'react';

/** The screens of the page, in the order of their tabs. */
export const SCREENS = ['score', 'report', 'explore'] as const;
export type Screen = (typeof SCREENS)[number];

/** The screen that a fragment names, with or without a query: `#explore?…`. The first screen for any other fragment. */
export function screenOf(fragment: string): Screen {
  const name = fragment.replace(/^#/, '').split('?', 1)[0];
  return SCREENS.find((screen) => screen === name) ?? SCREENS[0];
}

/** Shows another screen; `query` follows its name in the fragment. Adds an entry to the history. */
export function showScreen(screen: Screen, query = ''): void {
  location.hash = query === '' ? screen : `${screen}?${query}`;
}

/** Returns the screen that the address names. */
export function useScreen(): Screen {
  return useSyncExternalStore(subscribe, () => screenOf(location.hash));
}

/** Returns the query after the screen's name in the fragment, without the `?`. */
export function useScreenQuery(): string {
  return useSyncExternalStore(subscribe, () => location.hash.split('?').slice(1).join('?'));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}
