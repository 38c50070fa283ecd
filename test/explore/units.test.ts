import fc from 'fast-check';
import { expect, test } from 'vitest';
import { samePair } from '../../src/domain/pair.ts';
import { removableUnits } from '../../src/explore/units.ts';
import { anyPair } from '../../testing/texts.ts';

test('units are left out of their own turn only', () => {
  fc.assert(
    fc.property(anyPair, fc.integer({ min: 8, max: 60 }), (pair, most) => {
      for (const { part, turn, without, start, end } of removableUnits(pair, most)) {
        const own = pair[part][turn]!;
        const letters = (text: string) => text.replaceAll(/\s/g, '');
        expect(letters(without[part][turn]!)).toBe(letters(own.slice(0, start) + own.slice(end)));
        const restored = {
          ...without,
          [part]: without[part].map((text, t) => (t === turn ? own : text)),
        };
        expect(samePair(restored, pair)).toBe(true);
      }
    }),
  );
});

test('there are never many more than asked for: every turn has one at least', () => {
  const long = Array.from({ length: 500 }, (_, i) => `Sentence ${i}.`).join(' ');
  const units = removableUnits({ prompt: ['One. Two.'], responseA: [long], responseB: [long] }, 40);
  expect(units.length).toBeLessThanOrEqual(42);
  expect(units.filter(({ part }) => part === 'prompt')).toHaveLength(1);
  expect(
    removableUnits({ prompt: ['One. Two.'], responseA: [''], responseB: ['x'] }, 40),
  ).toHaveLength(3);
});
