import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clipPair } from '../../src/explore/clip.ts';
import { anyPair, pairOf } from '../../testing/texts.ts';

const LONE_HALF = /\p{Surrogate}/u;

test('of each text the beginning is kept, as many turns as before, and no half of a character', () => {
  fc.assert(
    fc.property(anyPair, fc.integer({ min: 1, max: 60 }), (pair, most) => {
      const { pair: kept, clipped } = clipPair(pair, most);
      for (const part of ['prompt', 'responseA', 'responseB'] as const) {
        const [before, after] = [pair[part].join(''), kept[part].join('')];
        expect(kept[part]).toHaveLength(pair[part].length);
        expect(before.startsWith(after)).toBe(true);
        expect(after.length).toBeLessThanOrEqual(most);
        expect(LONE_HALF.test(after)).toBe(false);
        const cut = clipped.find((one) => one.part === part);
        expect(cut?.length).toBe(before.length > most ? before.length : undefined);
        if (before.length <= most) expect(kept[part]).toEqual(pair[part]);
      }
    }),
  );
});

test('a pair that is short enough stays the same object', () => {
  const pair = pairOf('p', 'a', 'b');
  expect(clipPair(pair).pair).toBe(pair);
});
