import { LANGUAGES } from '../../texts/languages.ts';
import type { Texts } from '../../texts/texts.ts';
import { language } from './language.ts';

/** Every text of the page, in its language. Only this language is loaded. */
export const strings: Texts = await LANGUAGES[language].load();
