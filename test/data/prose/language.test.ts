import { expect, test } from 'vitest';
import { languageOf } from '../../../src/data/prose/language.ts';

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
