/** Languages of the page. */
export type Language = 'en' | 'ja';

/**
 * The language that the page speaks: the first of the browser's languages that it knows; `?lang=en` or `?lang=ja` in the
 * address goes before. Settled when the page loads. English where there is no page.
 */
export const language: Language =
  globalThis.location === undefined
    ? 'en'
    : chooseLanguage(location.search, globalThis.navigator?.languages ?? []);

/** See {@link language}. @param search of the address. @param preferred language tags, the best first. */
export function chooseLanguage(search: string, preferred: readonly string[]): Language {
  const asked = new URLSearchParams(search).get('lang');
  for (const tag of asked === null ? preferred : [asked, ...preferred]) {
    const [base] = tag.toLowerCase().split('-');
    if (base === 'en' || base === 'ja') return base;
  }
  return 'en';
}

/** Texts in the page's language; the Japanese ones must be of the English ones' type. */
export function localised<T>(english: T, japanese: NoInfer<T>): T {
  return language === 'ja' ? japanese : english;
}
