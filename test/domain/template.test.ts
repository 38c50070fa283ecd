import { describe, expect, test } from 'vitest';
import type { Pair } from '../../src/domain/settings.ts';
import { joinTurns, pairText, partTexts } from '../../src/domain/template.ts';

const pair: Pair = { prompt: ['p1', 'p2'], responseA: ['a1', ''], responseB: [] };

describe('joinTurns', () => {
  test('puts one space between turns and nothing else', () => {
    expect(joinTurns([])).toBe('');
    expect(joinTurns(['one'])).toBe('one');
    expect(joinTurns(['one ', '', ' two'])).toBe('one    two');
  });
});

describe('partTexts', () => {
  test('gives every part its heading, empty parts too', () => {
    expect(partTexts(pair, false)).toEqual([
      '<prompt>: p1 p2',
      '\n\n<response_a>: a1 ',
      '\n\n<response_b>: ',
    ]);
  });

  test('swapping exchanges the answers and leaves the headings', () => {
    expect(partTexts(pair, true)).toEqual([
      '<prompt>: p1 p2',
      '\n\n<response_a>: ',
      '\n\n<response_b>: a1 ',
    ]);
  });
});

test('pairText is the parts in one piece', () => {
  expect(pairText(pair, false)).toBe('<prompt>: p1 p2\n\n<response_a>: a1 \n\n<response_b>: ');
  expect(pairText(pair, true)).toBe(partTexts(pair, true).join(''));
});
