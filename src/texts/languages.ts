import type { Texts } from './texts.ts';

interface LanguageEntry {
  /** Name of the language in itself. */
  name: string;
  /** Loads its texts. The page loads those of one language only. */
  load: () => Promise<Texts>;
}

/** The languages of the page, by tag. The first is used if the browser requests none of them. */
export const LANGUAGES = {
  en: { name: 'English', load: async () => (await import('./en/index.ts')).english },
  ja: { name: '日本語', load: async () => (await import('./ja/index.ts')).japanese },
} satisfies Record<string, LanguageEntry>;

/** The tag of a language. */
export type Language = keyof typeof LANGUAGES;
