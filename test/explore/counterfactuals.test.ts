import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { samePair } from '../../src/domain/pair.ts';
import { COUNTERFACTUALS, counterfactual } from '../../src/explore/counterfactuals.ts';
import { anyPair, pairOf } from '../../testing/texts.ts';

describe('counterfactuals', () => {
  test('exchange', () => {
    expect(counterfactual(pairOf('p', 'a', 'b'), 'exchange')).toEqual(pairOf('p', 'b', 'a'));
    expect(counterfactual(pairOf('p', 'a', 'a'), 'exchange')).toBeNull();
  });

  test('equal length cuts the longer answer between words', () => {
    const pair = pairOf('p', 'Ten words.', 'Twice as many words are here.');
    expect(counterfactual(pair, 'equal-length')).toEqual(pairOf('p', 'Ten words.', 'Twice as'));
    const japanese = pairOf('p', '雪が降る朝の静けさ', '短い');
    expect(counterfactual(japanese, 'equal-length')).toEqual(pairOf('p', '雪が', '短い'));
    expect(counterfactual(pairOf('p', 'ab', 'cd'), 'equal-length')).toBeNull();
    // Surrogate pairs are not split.
    expect(counterfactual(pairOf('p', '😀😀', 'abc'), 'equal-length')!.responseA).toEqual(['😀']);
  });

  test('equal length leaves lengths that are nearly equal, and no mark of a lost list item', () => {
    const near = pairOf('p', 'x'.repeat(97), 'y'.repeat(100));
    expect(counterfactual(near, 'equal-length')).toBeNull();
    const list = pairOf('p', 'Twelve chars.', 'Two steps:\n1. Heat the water.\n2. Wait.');
    expect(counterfactual(list, 'equal-length')!.responseB).toEqual(['Two steps:']);
  });

  test('equal length counts all turns', () => {
    const pair = { prompt: ['p', 'q'], responseA: ['one', 'two'], responseB: ['three', 'four'] };
    expect(counterfactual(pair, 'equal-length')!.responseB).toEqual(['three', 'f']);
  });

  test.each([
    ["I'm sorry, but I can't help with that. Call a locksmith.", 'Call a locksmith.'],
    ['As an AI language model, I have no hands. Press it.', 'Press it.'],
    ['Press it. I cannot say more.', 'Press it.'],
    ['Lo siento, no puedo. Pulse el botón.', 'Pulse el botón.'],
    ['申し訳ありませんが、お手伝いできません。電池を替えてください。', '電池を替えてください。'],
  ])('dropping the refusal of %s', (answer, left) => {
    expect(counterfactual(pairOf('p', answer, 'b'), 'no-refusal')).toEqual(pairOf('p', left, 'b'));
  });

  test('without a refusal there is none to drop', () => {
    const code = '```\nI cannot say\n```';
    const pair = pairOf('p', 'You can press it. Can I help? I cannot wait!', code);
    expect(counterfactual(pair, 'no-refusal')).toBeNull();
  });

  test('repeating the question and emptying', () => {
    const pair = { prompt: ['p', ''], responseA: ['a', 'c'], responseB: ['b'] };
    expect(counterfactual(pair, 'repeat-a')!.responseA).toEqual(['p\n\na', 'c']);
    expect(counterfactual(pair, 'empty-b')!.responseB).toEqual(['']);
    expect(counterfactual({ ...pair, responseB: [''] }, 'empty-b')).toBeNull();
  });

  test('change something or are none, and never the prompt', () => {
    fc.assert(
      fc.property(anyPair, fc.constantFrom(...COUNTERFACTUALS), (pair, kind) => {
        const changed = counterfactual(pair, kind);
        if (changed === null) return;
        expect(samePair(changed, pair)).toBe(false);
        expect(changed.prompt).toEqual(pair.prompt);
        expect(changed.responseA).toHaveLength(
          kind === 'exchange' ? pair.responseB.length : pair.responseA.length,
        );
      }),
    );
  });

  test('leave no more of a longer answer than the shorter one has', () => {
    fc.assert(
      fc.property(anyPair, (pair) => {
        const changed = counterfactual(pair, 'equal-length');
        if (changed === null) return;
        const [a, b] = [pair.responseA, pair.responseB].map((turns) => turns.join(' ').length);
        const longer = a! <= b! ? changed.responseB : changed.responseA;
        const turns = Math.max(pair.responseA.length, pair.responseB.length);
        expect(longer.join(' ').length).toBeLessThanOrEqual(Math.min(a!, b!) + turns);
      }),
    );
  });
});
