import { useLayoutEffect } from 'react';

/** Milliseconds that a screen may take to regain its height. */
const PATIENCE_MS = 2000;

/** Scroll offset of each screen when it was left, by fragment. */
const places = new Map<string, number>();

if (globalThis.window !== undefined) {
  // The browser would restore the offset before the screen has its height.
  history.scrollRestoration = 'manual';
  // Runs before any other listener draws the next screen.
  window.addEventListener('hashchange', ({ oldURL }) => places.set(new URL(oldURL).hash, scrollY));
}

/** Restores the scroll offset of a screen; a new screen starts at its top. */
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
    // The user has begun to scroll.
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
