import type { Pair } from '../domain/settings.ts';
import { joinTurns } from '../domain/template.ts';

/** Bits that say something about the texts of a row. */
export const FEATURE = {
  codeA: 1,
  codeB: 2,
  listA: 4,
  listB: 8,
  refusalA: 16,
  refusalB: 32,
  emptyA: 64,
  emptyB: 128,
  /** Both answers are the same text. */
  identical: 256,
} as const;

/** Languages that are told apart, by script and, among Latin ones, by the commonest English words. */
export const LANGUAGES = [
  'english',
  'latin',
  'chinese',
  'japanese',
  'korean',
  'cyrillic',
  'other',
] as const;
export type TextLanguage = (typeof LANGUAGES)[number];

/** What a report keeps of the texts of a row. */
export interface PairFeatures {
  /** In UTF-16 units, turns joined. */
  promptLength: number;
  lengthA: number;
  lengthB: number;
  /** Turns of the prompt. */
  turns: number;
  /** Place in {@link LANGUAGES}. */
  language: number;
  /** Bits of {@link FEATURE}. */
  bits: number;
}

const CODE = /```/;
const LIST = /^[ \t]*(?:[-*•]|\d{1,3}[.)])[ \t]+\S/m;
/** Refusals stand at the beginning; later on the same words mean other things. */
const REFUSAL_CHARACTERS = 240;
const REFUSAL =
  /\b(?:i['’]?m (?:very )?sorry|i am (?:very )?sorry|i apologi[sz]e|sorry, but|i (?:can ?not|can['’]t|won['’]t|will not) (?:help|assist|provide|fulfil|create|write|generate|do|engage|answer|support|discuss|comply)|i(?:['’]m| am) (?:not able|unable)|as an ai\b|i (?:don['’]t|do not) feel comfortable|against my programming)|申し訳(?:ありません|ございません)|お答え(?:できません|することはできません)|抱歉|无法(?:提供|回答)|lo siento|es tut mir leid|je suis désolé/i;

/** What the report's slices need of a pair. */
export function pairFeatures(pair: Pair): PairFeatures {
  const prompt = joinTurns(pair.prompt);
  const a = joinTurns(pair.responseA);
  const b = joinTurns(pair.responseB);
  let bits = 0;
  if (CODE.test(a)) bits |= FEATURE.codeA;
  if (CODE.test(b)) bits |= FEATURE.codeB;
  if (LIST.test(a)) bits |= FEATURE.listA;
  if (LIST.test(b)) bits |= FEATURE.listB;
  if (looksLikeRefusal(a)) bits |= FEATURE.refusalA;
  if (looksLikeRefusal(b)) bits |= FEATURE.refusalB;
  if (a.trim() === '') bits |= FEATURE.emptyA;
  if (b.trim() === '') bits |= FEATURE.emptyB;
  if (a === b) bits |= FEATURE.identical;
  const sample = `${prompt.slice(0, 600)} ${a.slice(0, 500)} ${b.slice(0, 500)}`;
  return {
    promptLength: prompt.length,
    lengthA: a.length,
    lengthB: b.length,
    turns: pair.prompt.length,
    language: LANGUAGES.indexOf(languageOf(sample)),
    bits,
  };
}

/** Does a text begin as refusals do? */
export function looksLikeRefusal(text: string): boolean {
  return REFUSAL.test(text.slice(0, REFUSAL_CHARACTERS));
}

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
/** Even terse English has one of these words in twelve. */
const ENGLISH_SHARE = 1 / 12;
/** Of Spanish, Portuguese, French, Italian, German, Dutch: other languages share a few words with English too. */
const OTHER_LATIN = new Set(
  'de la el que en los las del un una por con para se su es al como le les des du et une est dans qui pour pas sur der die und den von zu das mit dem nicht ein eine ist es auf bei wie ich che di il non sono da si do em um os na uma het een van te dat'.split(
    ' ',
  ),
);
/** Letters with marks, which English has not. */
const MARKED = /[\u00c0-\u024f]/;

/** The language that most of a text is in. A guess, good enough for grouping. */
export function languageOf(text: string): TextLanguage {
  const count = (script: keyof typeof SCRIPTS) => text.match(SCRIPTS[script])?.length ?? 0;
  const letters = count('letters');
  if (letters === 0) return 'other';
  const kana = count('kana');
  const han = count('han');
  // A sign of Chinese or Japanese says as much as a few Latin letters.
  if (4 * (kana + han) > letters) return 10 * kana > han ? 'japanese' : 'chinese';
  if (3 * count('hangul') > letters) return 'korean';
  if (2 * count('cyrillic') > letters) return 'cyrillic';
  if (2 * count('latin') < letters) return 'other';
  const words = text.toLowerCase().match(WORDS) ?? [];
  let english = 0;
  let other = 0;
  for (const word of words) {
    if (OTHER_LATIN.has(word) || MARKED.test(word)) other += 1;
    else if (ENGLISH.has(word)) english += 1;
  }
  return english >= ENGLISH_SHARE * words.length && english > other ? 'english' : 'latin';
}
