import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coarser, leaveOut, segmentsOf } from '../../../src/data/prose/segments.ts';
import { anyText } from '../../../testing/texts.ts';

const shown = (text: string) =>
  segmentsOf(text).map(({ start, end, kind }) => [kind, text.slice(start, end)]);

describe('segments', () => {
  test('of prose are sentences, in any language', () => {
    expect(shown('It is late. Is it? Yes!\nA verse\nof two lines')).toEqual([
      ['sentence', 'It is late.'],
      ['sentence', 'Is it?'],
      ['sentence', 'Yes!'],
      ['sentence', 'A verse'],
      ['sentence', 'of two lines'],
    ]);
    expect(shown('雪が降る。静かだ！終わり')).toEqual([
      ['sentence', '雪が降る。'],
      ['sentence', '静かだ！'],
      ['sentence', '終わり'],
    ]);
  });

  test('of Markdown are headings, items with what belongs to them, code blocks and rows', () => {
    const text = [
      '## Steps',
      'First. Then:',
      '1. Heat it. Wait.',
      '   It takes long.',
      '   - inner',
      '2) Stir',
      '```py',
      '# no heading',
      'x = 1. y',
      '```',
      '| a | b |',
      '|---|---|',
      '| 1 | 2 |',
      '',
      'End.',
    ].join('\n');
    expect(shown(text)).toEqual([
      ['heading', '## Steps'],
      ['sentence', 'First.'],
      ['sentence', 'Then:'],
      ['item', '1. Heat it. Wait.\n   It takes long.'],
      ['item', '- inner'],
      ['item', '2) Stir'],
      ['code', '```py\n# no heading\nx = 1. y\n```'],
      ['row', '| a | b |\n|---|---|'],
      ['row', '| 1 | 2 |'],
      ['sentence', 'End.'],
    ]);
  });

  test('are what Markdown says: marks alone make none', () => {
    expect(shown('| no | table |\nThe year was\n1986. Then')).toEqual([
      ['sentence', '| no | table |'],
      ['sentence', 'The year was'],
      ['sentence', '1986.'],
      ['sentence', 'Then'],
    ]);
    expect(shown('Head\n---\n-\n  a\n\n  b. c\n\n---\n> q')).toEqual([
      ['heading', 'Head\n---'],
      ['item', '-\n  a'],
      ['sentence', 'b. c'],
      ['sentence', '---'],
      ['sentence', '> q'],
    ]);
  });

  test('of an open code block last to the end', () => {
    expect(shown('```\na\n\nb')).toEqual([['code', '```\na\n\nb']]);
  });

  test('have everything but white space, once and in order', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let at = 0;
        for (const { start, end } of segmentsOf(text)) {
          expect(text.slice(at, start).trim()).toBe('');
          expect(text.slice(start, end)).toBe(text.slice(start, end).trim());
          expect(end).toBeGreaterThan(start);
          at = end;
        }
        expect(text.slice(at).trim()).toBe('');
      }),
    );
  });
});

describe('leaving out', () => {
  test('takes the space before along, and of the first segment the space after', () => {
    const text = 'One. Two.\n\n- a\n  - b\n- c';
    const segments = segmentsOf(text);
    const without = segments.map((_, i) => leaveOut(text, segments, i));
    expect(without).toEqual([
      'Two.\n\n- a\n  - b\n- c',
      'One.\n\n- a\n  - b\n- c',
      'One. Two.\n  - b\n- c',
      'One. Two.\n\n- a\n- c',
      'One. Two.\n\n- a\n  - b',
    ]);
    expect(leaveOut('Alone.', segmentsOf('Alone.'), 0)).toBe('');
  });

  test('takes the segment and nothing else but white space', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const segments = segmentsOf(text);
        const letters = (part: string) => part.replaceAll(/\s/g, '');
        for (const [i, { start, end }] of segments.entries()) {
          const rest = letters(text.slice(0, start) + text.slice(end));
          expect(letters(leaveOut(text, segments, i))).toBe(rest);
        }
      }),
    );
  });
});

test('coarser segments are few, and have the same text', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 5 }), (text, most) => {
      const segments = segmentsOf(text);
      const merged = coarser(segments, most);
      expect(merged.length).toBeLessThanOrEqual(most);
      expect(merged[0]?.start).toBe(segments[0]?.start);
      expect(merged.at(-1)?.end).toBe(segments.at(-1)?.end);
      for (const [i, { start }] of merged.entries()) {
        if (i > 0) expect(text.slice(merged[i - 1]!.end, start).trim()).toBe('');
      }
    }),
  );
});
