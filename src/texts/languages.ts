import type { Texts } from './texts.ts';

interface LanguageEntry {
  /** In the language itself. */
  name: string;
  /** Loads its texts; the page loads those of one language only. */
  load: () => Promise<Texts>;
}

/** The languages of the page by their tags. The first one stands in where the browser asks for none of them. */
export const LANGUAGES = {
  en: { name: 'English', load: async () => (await import('./en/index.ts')).english },
  ja: { name: '日本語', load: async () => (await import('./ja/index.ts')).japanese },
} satisfies Record<string, LanguageEntry>;

/** The tag of a language. */
export type Language = keyof typeof LANGUAGES;
