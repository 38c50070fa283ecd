import type { PageStorage } from '../ui/files/page-storage.ts';

// public/theme.js reads it too, before anything is drawn.
const KEY = 'tiebreak.theme';

/** The themes that can be chosen; `auto` follows the system. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** The theme that was chosen. */
export function chosenTheme(storage: PageStorage | null): Theme {
  const saved = storage?.getItem(KEY);
  return THEMES.find((theme) => theme === saved) ?? 'auto';
}

/** Shows a theme, and keeps it for the next visit where the browser allows it. */
export function chooseTheme(storage: PageStorage | null, theme: Theme): void {
  showTheme(theme);
  try {
    storage?.setItem(KEY, theme);
  } catch {
    // It then lasts as long as the page.
  }
}

/** Shows a theme, in the browser's own frame of the page too. */
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
