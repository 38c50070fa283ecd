import { LANGUAGES, type Language } from '../../texts/languages.ts';

const KEY = 'tiebreak.language';

/** A language of the page, or `auto`: the browser's. */
export type LanguageChoice = Language | 'auto';

/**
 * The language that the page speaks: the first of the browser's languages that it knows; what was chosen on the page
 * goes before, and `?lang=ja` (or another tag) in the address before that. Settled when the page loads. English where
 * there is no page.
 */
export const language: Language =
  globalThis.location === undefined ? 'en' : chooseLanguage(location.search, preferredLanguages());

/** The language that was chosen on the page. */
export function chosenLanguage(storage: Pick<Storage, 'getItem'> | null): LanguageChoice {
  const saved = storage?.getItem(KEY);
  return isLanguage(saved) ? saved : 'auto';
}

/** Keeps a choice for the next load, where the browser allows it. */
export function chooseLanguageNext(
  storage: Pick<Storage, 'setItem'> | null,
  choice: LanguageChoice,
): void {
  try {
    storage?.setItem(KEY, choice);
  } catch {
    // The next page then speaks the browser's language.
  }
}

/** Loads the page again, at an address whose `?lang` does not go before the choice. */
export function loadInChosenLanguage(): void {
  const address = new URL(location.href);
  address.searchParams.delete('lang');
  if (address.href === location.href) location.reload();
  else location.replace(address);
}

function preferredLanguages(): readonly string[] {
  const preferred = globalThis.navigator?.languages ?? [];
  try {
    const chosen = chosenLanguage(globalThis.localStorage ?? null);
    return chosen === 'auto' ? preferred : [chosen, ...preferred];
  } catch {
    return preferred;
  }
}

/** See {@link language}. @param search of the address. @param preferred language tags, the best first. */
export function chooseLanguage(search: string, preferred: readonly string[]): Language {
  const asked = new URLSearchParams(search).get('lang');
  for (const tag of asked === null ? preferred : [asked, ...preferred]) {
    const [base] = tag.toLowerCase().split('-');
    if (isLanguage(base)) return base;
  }
  return 'en';
}

function isLanguage(tag: string | null | undefined): tag is Language {
  return typeof tag === 'string' && Object.hasOwn(LANGUAGES, tag);
}
