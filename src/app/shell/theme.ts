import type { PageStorage } from '../ui/files/page-storage.ts';

// public/theme.js reads it too, before the first paint.
const KEY = 'tiebreak.theme';

/** The themes; `auto` follows the system. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Returns the chosen theme. */
export function chosenTheme(storage: PageStorage | null): Theme {
  const saved = storage?.getItem(KEY);
  return THEMES.find((theme) => theme === saved) ?? 'auto';
}

/** Applies a theme, and stores it for the next visit if the browser allows it. */
export function chooseTheme(storage: PageStorage | null, theme: Theme): void {
  showTheme(theme);
  try {
    storage?.setItem(KEY, theme);
  } catch {
    // The theme then lasts until the page closes.
  }
}

/** Applies a theme, also to the browser's frame of the page. */
export function showTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'auto') root.removeAttribute('data-theme');
  else root.dataset.theme = theme;
  for (const scheme of ['light', 'dark'] as const) {
    const media = theme === 'auto' ? `(prefers-color-scheme: ${scheme})` : '';
    const shown = theme === 'auto' || theme === scheme;
    document
      .querySelector(`meta[name=theme-color][data-scheme=${scheme}]`)
      ?.setAttribute('media', shown ? media : 'not all');
  }
}
