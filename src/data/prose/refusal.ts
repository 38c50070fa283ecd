import { type Segment, segmentsOf } from './segments.ts';

/** Characters at the beginning of a text in which refusals occur; later the same words often mean something else. */
const BEGINNING = 240;

const PHRASES = [
  // Excludes sympathy.
  "\\bi(?:['’]?m| am) (?:(?:so|very|really|truly) )?sorry\\b(?! to hear)",
  '\\bsorry, but\\b',
  '\\bi apologi[sz]e\\b',
  '\\bmy apologies\\b',
  "\\bi(?:['’]m| am) afraid (?:that )?(?:i|we|it|this|that|there)\\b",
  "\\bi(?:['’]m| am) (?:not able|unable)\\b",
  // Only with a request to an assistant: "I can't wait" and "I won't be there" refuse nothing.
  "\\bi (?:can ?not|can['’]t|won['’]t|will not) (?:help|assist|provide|fulfil|create|write|generate|do|engage|answer|support|discuss|comply|say|tell|give|offer|recommend|suggest|share|access|confirm)",
  '\\bi must decline\\b',
  "\\bi (?:do not|don['’]t) feel comfortable\\b",
  '\\bas an ai\\b',
  '\\bas an? (?:ai|artificial intelligence|large language|language) (?:language )?model\\b',
  'against my programming',
  '申し訳(?:あり|ござい)ません',
  'お(?:答え|手伝い)(?:すること)?(?:は)?でき(?:ません|かねます)',
  'AI(?:言語)?モデルとして',
  '抱歉',
  '无法(?:提供|回答)',
  'lo siento',
  'es tut mir leid',
  'je suis désolé',
];
const REFUSAL = new RegExp(PHRASES.join('|'), 'i');

/** True if a segment of a text refuses, or apologises for refusing. Code never does. */
export function refuses(text: string, { start, end, kind }: Segment): boolean {
  return kind !== 'code' && REFUSAL.test(text.slice(start, end));
}

/** True if a text begins with a refusal, see {@link refuses}. */
export function beginsWithRefusal(text: string): boolean {
  const beginning = text.slice(0, BEGINNING);
  return (
    REFUSAL.test(beginning) && segmentsOf(beginning).some((segment) => refuses(beginning, segment))
  );
}
