import { useLayoutEffect } from 'react';

/** How long a screen may take to become as high as it was, in ms. */
const PATIENCE_MS = 2000;

/** How far each screen was scrolled when it was left, by fragment. */
const places = new Map<string, number>();

if (globalThis.window !== undefined) {
  // The browser's own would come before the screen has its height.
  history.scrollRestoration = 'manual';
  // Before anything else hears of it, and draws the next screen.
  window.addEventListener('hashchange', ({ oldURL }) => places.set(new URL(oldURL).hash, scrollY));
}

/** Shows a screen where it was scrolled to when it was left; one that is new from its top. */
export function useKeptScroll(screen: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen has another place
  useLayoutEffect(() => {
    const place = places.get(location.hash) ?? 0;
    const go = () => {
      scrollTo(0, place);
      return Math.abs(scrollY - place) < 2;
    };
    if (go()) return;
    const stop = new AbortController();
    const growing = new ResizeObserver(() => {
      if (go()) stop.abort();
    });
    const { signal } = stop;
    signal.addEventListener('abort', () => growing.disconnect());
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    // The user knows better.
    for (const type of ['wheel', 'pointerdown', 'keydown', 'touchstart']) {
      window.addEventListener(type, () => stop.abort(), { signal, passive: true });
    }
    growing.observe(document.body);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [screen]);
}
