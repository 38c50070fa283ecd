import { LANGUAGES, type Language } from '../../texts/languages.ts';

const KEY = 'tiebreak.language';

/** A language of the page, or `auto` for the browser's. */
export type LanguageChoice = Language | 'auto';

/**
 * The language of the page, settled when the page loads. In this order: `?lang=ja` (or another tag) in the address, the
 * user's choice on the page, the first of the browser's languages that the page has, English. English also where no
 * page exists, as in tests.
 */
export const language: Language =
  globalThis.location === undefined ? 'en' : chooseLanguage(location.search, preferredLanguages());

/** Returns the language that the user chose on the page. */
export function chosenLanguage(storage: Pick<Storage, 'getItem'> | null): LanguageChoice {
  const saved = storage?.getItem(KEY);
  return isLanguage(saved) ? saved : 'auto';
}

/** Stores a choice for the next load if the browser allows it. */
export function chooseLanguageNext(
  storage: Pick<Storage, 'setItem'> | null,
  choice: LanguageChoice,
): void {
  try {
    storage?.setItem(KEY, choice);
  } catch {
    // The next load then takes the browser's language.
  }
}

/** Reloads the page at an address without a `?lang` that would override the choice. */
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

/** Implements {@link language}. @param search of the address. @param preferred language tags, the best first. */
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
