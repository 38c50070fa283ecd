import { expect, test } from 'vitest';
import { TEXT_LANGUAGES } from '../../../src/data/prose/language.ts';
import { FEATURE } from '../../../src/stats/table/features.ts';
import { pairFeatures } from '../../../src/stats/table/pair-features.ts';

test('lengths, turns, code, lists, empty and identical answers', () => {
  const pair = {
    prompt: ['How do I sort?', 'And the other way?'],
    responseA: ['```js\nx.sort()\n```', '1. Sort\n2. Reverse'],
    responseB: ['', ''],
  };
  const found = pairFeatures(pair);
  const { codeA, listA, emptyB } = FEATURE;
  expect(found.bits).toBe(codeA | listA | emptyB);
  expect(found.turns).toBe(2);
  expect(TEXT_LANGUAGES[found.language]).toBe('english');
  expect(found.promptLength).toBe('How do I sort? And the other way?'.length);
  const same = pairFeatures({
    prompt: ['p'],
    responseA: ['-5 degrees'],
    responseB: ['-5 degrees'],
  });
  // A minus sign is not a list.
  expect(same.bits).toBe(FEATURE.identical);
  expect(pairFeatures({ prompt: [], responseA: [], responseB: [] }).bits).toBe(
    FEATURE.emptyA | FEATURE.emptyB | FEATURE.identical,
  );
});

test('a list, code or refusal of any turn counts', () => {
  const answer = ['Sure.', '- a\n- b\n\n~~~\ncode\n~~~', "I'm sorry, I cannot help."];
  const { codeA, listA, refusalA } = FEATURE;
  const pair = { prompt: ['p', 'q', 'r'], responseA: answer, responseB: ['Sure.'] };
  expect(pairFeatures(pair).bits).toBe(codeA | listA | refusalA);
});
