import type { Plugin } from 'vite';
import { LANGUAGES } from '../src/texts/languages.ts';

/** A dictionary of React Aria: `…/intl/dnd/de-DE.mjs`. */
const DICTIONARY = /[/\\]intl[/\\].*?([a-z]{2})-[A-Z]{2}\.mjs$/;

/**
 * Leaves React Aria's texts in languages that the page does not speak out of the build: some 20 kB of the first load.
 * React Aria passes over a dictionary that is undefined, as its own `optimize-locales-plugin` leaves it.
 */
export function ariaLanguages(): Plugin {
  return {
    name: 'tiebreak:aria-languages',
    apply: 'build',
    load: {
      filter: { id: DICTIONARY },
      handler(id) {
        const language = DICTIONARY.exec(id)?.[1] ?? '';
        return Object.hasOwn(LANGUAGES, language) ? null : 'export default undefined;';
      },
    },
  };
}
