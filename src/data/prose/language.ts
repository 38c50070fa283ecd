/** Languages to distinguish, by script and, for Latin script, by the commonest English words. */
export const TEXT_LANGUAGES = [
  'english',
  'latin',
  'chinese',
  'japanese',
  'korean',
  'cyrillic',
  'other',
] as const;
type TextLanguage = (typeof TEXT_LANGUAGES)[number];

const SCRIPTS = {
  kana: /[\p{Script=Hiragana}\p{Script=Katakana}]/gu,
  han: /\p{Script=Han}/gu,
  hangul: /\p{Script=Hangul}/gu,
  cyrillic: /\p{Script=Cyrillic}/gu,
  latin: /\p{Script=Latin}/gu,
  letters: /\p{L}/gu,
} as const;

const WORDS = /[\p{L}'’]+/gu;
const ENGLISH = new Set(
  'the of and to in is a that for it with as on are this be by or from you can how what your an if which not have'.split(
    ' ',
  ),
);
/** Even in terse English, one word in twelve is one of these. */
const ENGLISH_SHARE = 1 / 12;
/** Common words of Spanish, Portuguese, French, Italian, German and Dutch, which share a few words with English. */
const OTHER_LATIN = new Set(
  'de la el que en los las del un una por con para se su es al como le les des du et une est dans qui pour pas sur der die und den von zu das mit dem nicht ein eine ist es auf bei wie ich che di il non sono da si do em um os na uma het een van te dat'.split(
    ' ',
  ),
);
/** Letters with diacritics, which English lacks. */
const MARKED = /[\u00c0-\u024f]/;
const NOT_ASCII = /[\u0080-\uffff]/;
const ASCII_LETTER = /[A-Za-z]/;

/** Guesses the main language of a text, well enough for grouping. */
export function languageOf(text: string): TextLanguage {
  // Most texts are ASCII and need no counting of scripts.
  if (!NOT_ASCII.test(text)) return ASCII_LETTER.test(text) ? latinLanguageOf(text) : 'other';
  const count = (script: keyof typeof SCRIPTS) => text.match(SCRIPTS[script])?.length ?? 0;
  const letters = count('letters');
  if (letters === 0) return 'other';
  const kana = count('kana');
  const han = count('han');
  // A Chinese or Japanese character carries as much as a few Latin letters.
  if (4 * (kana + han) > letters) return 10 * kana > han ? 'japanese' : 'chinese';
  if (3 * count('hangul') > letters) return 'korean';
  if (2 * count('cyrillic') > letters) return 'cyrillic';
  return 2 * count('latin') < letters ? 'other' : latinLanguageOf(text);
}

function latinLanguageOf(text: string): TextLanguage {
  const words = text.toLowerCase().match(WORDS) ?? [];
  let english = 0;
  let other = 0;
  for (const word of words) {
    if (OTHER_LATIN.has(word) || MARKED.test(word)) other += 1;
    else if (ENGLISH.has(word)) english += 1;
  }
  return english >= ENGLISH_SHARE * words.length && english > other ? 'english' : 'latin';
}
