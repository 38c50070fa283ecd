import { expect, test } from 'vitest';
import { beginsWithRefusal } from '../../../src/data/prose/refusal.ts';

test.each([
  ["I'm sorry, but I can't help with that.", true],
  ['I’m sorry, I do not know.', true],
  ['As an AI language model, I have no opinion.', true],
  ['I cannot provide that.', true],
  ['申し訳ありませんが、お答えできません。', true],
  ['Sure! Here is the list.', false],
  ['I can’t share such plans, as they are secret.', true],
  ['- As a large language model, I have no body.', true],
  ["I can't wait to tell you!", false],
  ["I'm so sorry to hear that.", false],
  ['```\nI cannot help\n```', false],
  ['The car cannot start without fuel.', false],
  [`${'A long answer. '.repeat(20)}I'm sorry for the length.`, false],
])('%j as a refusal: %s', (text, expected) => {
  expect(beginsWithRefusal(text)).toBe(expected);
});
