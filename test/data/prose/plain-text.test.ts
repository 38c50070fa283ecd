import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText } from '../../../src/data/prose/plain-text.ts';
import { anyText } from '../../../testing/texts.ts';

test.each([
  ['## Head ##', 'Head'],
  ['- **a**\n- *b*\n  1. c', 'a\nb\n  c'],
  ['```py\nx = 1\n```', 'x = 1\n'],
  ['[text](http://x "t") and ![alt](y)', 'text and alt'],
  ['> said\n\n---\nend', 'said\n\n\nend'],
  ['| a | b |\n|---|---|\n| 1 | 2 |', 'a, b\n1, 2'],
  ['2 * 3 * 4 and snake_case_name', '2 * 3 * 4 and snake_case_name'],
  ['`code` and ~~gone~~', 'code and gone'],
  ['Head\n===\r\nText\r\nmore', 'Head\nText\r\nmore'],
  ['• one\n  • `two`\n\nA • B', 'one\n  two\n\nA • B'],
  // Code contains no marks.
  ['```\n# - *x*\n• y', '# - *x*\n• y'],
  ['- a\n\n      *b*', 'a\n\n      *b*'],
  ['> ```\n> x\n> ```\n> **y**', 'x\ny'],
  ['Year\n1986. Then *on*', 'Year\n1986. Then on'],
  ['\\*plain\\* &amp; <b>', '*plain* & <b>'],
])('%j without marks', (marked, plain) => {
  expect(plainText(marked)).toBe(plain);
});

test('of a text nested too deeply is the text itself', () => {
  const deep = `${'> '.repeat(100)}**a**`;
  expect(plainText(deep)).toBe(deep);
});

test('adds no character but the comma of a cell, and no line', () => {
  const counts = (text: string) => text.split(/\r\n?|\n/).length;
  fc.assert(
    fc.property(anyText, (text) => {
      const plain = plainText(text);
      expect(counts(plain)).toBeLessThanOrEqual(counts(text));
      const known = new Set([...text, ',', ' ', '\n', '\ufffd']);
      expect([...plain].filter((character) => !known.has(character))).toEqual([]);
    }),
  );
});
