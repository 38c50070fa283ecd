import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blocksOf, markdownParser, marksOf } from '../../../src/data/prose/markdown.ts';
import { anyText } from '../../../testing/texts.ts';

describe('lists and code', () => {
  test.each([
    ['Two:\n- a\n- b', true, false],
    ['+ a', true, false],
    ['> 1) a', true, false],
    ['Chat texts:\n• a\n• b', true, false],
    ['~~~\nx\n~~~', false, true],
    ['- a\n\n  ```\n  x\n  ```', true, true],
    ['Text:\n\n    x = 1', false, true],
    // Lookalikes that are neither.
    ['```yaml\n- a\n- b\n```', false, true],
    ['The year was\n1986. A good one.', false, false],
    ['* * *', false, false],
    ['-5 degrees', false, false],
    ['Say ```x``` in a line.', false, false],
    ['Text that goes on\n    far to the right', false, false],
    ['A • B', false, false],
  ])('%j: a list %s, code %s', (text, hasList, hasCode) => {
    expect(marksOf(text)).toEqual({ hasList, hasCode });
  });

  test('are those of the rendered text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const html = markdownParser().render(text);
        expect(marksOf(text)).toEqual({
          hasList: html.includes('<li>'),
          hasCode: html.includes('<pre>'),
        });
      }),
    );
  });
});

test('blocks lie in order, without common lines', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      let at = 0;
      for (const { from, to } of blocksOf(text)) {
        expect(from).toBeGreaterThanOrEqual(at);
        expect(to).toBeGreaterThan(from);
        at = to;
      }
      expect(at).toBeLessThanOrEqual(text.split(/\r\n?|\n/).length);
    }),
  );
});
