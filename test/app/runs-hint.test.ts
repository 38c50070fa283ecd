import { expect, test } from 'vitest';
import { expectedRunsHeight, expectRunsHeight } from '../../src/app/runs-hint.ts';

test('the height of the card is known at the next visit, and nonsense is none', () => {
  let kept: string | null = null;
  const storage = {
    getItem: () => kept,
    setItem: (_: string, text: string) => {
      kept = text;
    },
  };
  expect(expectedRunsHeight(storage)).toBe(0);
  expectRunsHeight(storage, 189);
  expect(expectedRunsHeight(storage)).toBe(189);
  for (const text of ['-5', 'high', '1e9']) {
    kept = text;
    expect(expectedRunsHeight(storage)).toBe(0);
  }
  expect(expectedRunsHeight(null)).toBe(0);
});
