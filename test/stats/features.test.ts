import { describe, expect, test } from 'vitest';
import {
  FEATURE,
  LANGUAGES,
  languageOf,
  looksLikeRefusal,
  pairFeatures,
} from '../../src/stats/features.ts';

describe('what shows in the texts', () => {
  test.each([
    ['What is the best way to cook rice for a large family?', 'english'],
    ['Write a poem', 'english'],
    ['Explique a diferença entre dois algoritmos de ordenação, por favor.', 'latin'],
    ['Wie spät ist es jetzt gerade bei euch in München?', 'latin'],
    ['東京はどんな街ですか？', 'japanese'],
    ['请写一首关于春天的诗。', 'chinese'],
    ['한국의 수도는 어디입니까?', 'korean'],
    ['Как приготовить борщ?', 'cyrillic'],
    ['ما هي عاصمة مصر؟', 'other'],
    ['12 + 30 = ?', 'other'],
    ['', 'other'],
    // Code with a question in Japanese is Japanese.
    ['print(x) はなぜ動きませんか', 'japanese'],
  ] as const)('%j is taken for %s', (text, language) => {
    expect(languageOf(text)).toBe(language);
  });

  test.each([
    ["I'm sorry, but I can't help with that.", true],
    ['I’m sorry, I do not know.', true],
    ['As an AI language model, I have no opinion.', true],
    ['I cannot provide that.', true],
    ['申し訳ありませんが、お答えできません。', true],
    ['Sure! Here is the list.', false],
    ['The car cannot start without fuel.', false],
    [`${'A long answer. '.repeat(20)}I'm sorry for the length.`, false],
  ])('%j as a refusal: %s', (text, expected) => {
    expect(looksLikeRefusal(text)).toBe(expected);
  });

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
    expect(LANGUAGES[found.language]).toBe('english');
    expect(found.promptLength).toBe('How do I sort? And the other way?'.length);
    const same = pairFeatures({
      prompt: ['p'],
      responseA: ['-5 degrees'],
      responseB: ['-5 degrees'],
    });
    // A minus sign is no list.
    expect(same.bits).toBe(FEATURE.identical);
    expect(pairFeatures({ prompt: [], responseA: [], responseB: [] }).bits).toBe(
      FEATURE.emptyA | FEATURE.emptyB | FEATURE.identical,
    );
  });
});
