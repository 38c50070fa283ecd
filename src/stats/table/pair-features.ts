import { languageOf, TEXT_LANGUAGES } from '../../data/prose/language.ts';
import { marksOf } from '../../data/prose/markdown.ts';
import { beginsWithRefusal } from '../../data/prose/refusal.ts';
import type { Pair } from '../../domain/settings.ts';
import { joinTurns } from '../../domain/template.ts';
import { FEATURE } from './features.ts';

/** Features of a row's texts, which a table keeps instead of the texts. */
export interface PairFeatures {
  /** In UTF-16 units, turns joined. */
  promptLength: number;
  lengthA: number;
  lengthB: number;
  /** Turns of the prompt. */
  turns: number;
  /** Index in {@link TEXT_LANGUAGES}. */
  language: number;
  /** Bits of {@link FEATURE}. */
  bits: number;
}

/** The features of an unreadable row. */
export const NO_FEATURES: PairFeatures = {
  promptLength: 0,
  lengthA: 0,
  lengthB: 0,
  turns: 0,
  language: 0,
  bits: 0,
};

/** Computes the features of a pair. An answer has a list, code or a refusal if one of its turns has. */
export function pairFeatures({ prompt: turns, responseA, responseB }: Pair): PairFeatures {
  const prompt = joinTurns(turns);
  const a = joinTurns(responseA);
  const b = joinTurns(responseB);
  let bits = 0;
  const inA = marksOfAnswer(responseA);
  const inB = marksOfAnswer(responseB);
  if (inA.hasCode) bits |= FEATURE.codeA;
  if (inB.hasCode) bits |= FEATURE.codeB;
  if (inA.hasList) bits |= FEATURE.listA;
  if (inB.hasList) bits |= FEATURE.listB;
  if (responseA.some(beginsWithRefusal)) bits |= FEATURE.refusalA;
  if (responseB.some(beginsWithRefusal)) bits |= FEATURE.refusalB;
  if (a.trim() === '') bits |= FEATURE.emptyA;
  if (b.trim() === '') bits |= FEATURE.emptyB;
  if (a === b) bits |= FEATURE.identical;
  const sample = `${prompt.slice(0, 600)} ${a.slice(0, 500)} ${b.slice(0, 500)}`;
  return {
    promptLength: prompt.length,
    lengthA: a.length,
    lengthB: b.length,
    turns: turns.length,
    language: TEXT_LANGUAGES.indexOf(languageOf(sample)),
    bits,
  };
}

function marksOfAnswer(turns: readonly string[]) {
  const found = turns.map(marksOf);
  return {
    hasCode: found.some(({ hasCode }) => hasCode),
    hasList: found.some(({ hasList }) => hasList),
  };
}
