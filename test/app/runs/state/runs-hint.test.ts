import { expect, test } from 'vitest';
import { expectedLineHeight, expectLineHeight } from '../../../../src/app/runs/state/runs-hint.ts';

test('the height of the line is known at the next visit, and nonsense is none', () => {
  let kept: string | null = null;
  const storage = {
    getItem: () => kept,
    setItem: (_: string, text: string) => {
      kept = text;
    },
  };
  expect(expectedLineHeight(storage)).toBe(0);
  expectLineHeight(storage, 189);
  expect(expectedLineHeight(storage)).toBe(189);
  for (const text of ['-5', 'high', '1e9']) {
    kept = text;
    expect(expectedLineHeight(storage)).toBe(0);
  }
  expect(expectedLineHeight(null)).toBe(0);
});
