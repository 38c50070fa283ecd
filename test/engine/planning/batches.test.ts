import { describe, expect, test } from 'vitest';
import { compareIds } from '../../../src/domain/ids.ts';
import { planShared } from '../../../src/engine/planning/batches.ts';
import { packedTokens } from '../../../src/engine/planning/prefixes.ts';
import { random } from '../../../testing/synthetic.ts';

/** Groups of rows that share their first `common` tokens. */
function makeGroups(counts: number[], common: number, own: number) {
  const next = random(4);
  return counts.map((count) => {
    const prompt = Array.from({ length: common }, () => Math.floor(next() * 500));
    const rows = Array.from({ length: count }, () => {
      const length = 1 + Math.floor(next() * own);
      return Int32Array.from([
        ...prompt,
        ...Array.from({ length }, () => 500 + Math.floor(next() * 500)),
      ]);
    });
    return rows.sort(compareIds).map((ids) => ({ ids }));
  });
}

describe('batches of rows that begin alike', () => {
  const groups = makeGroups([1, 9, 2, 30, 3, 1, 1, 4], 160, 90);
  const rows = groups.flat();
  const batches = planShared(groups, 1000);
  const tokensOf = (batch: { ids: Int32Array }[]) => packedTokens(batch.map(({ ids }) => ids));

  test('have every row once and keep to the limit of tokens', () => {
    expect(new Set(batches.flat())).toEqual(new Set(rows));
    expect(batches.flat()).toHaveLength(rows.length);
    for (const batch of batches) expect(tokensOf(batch)).toBeLessThanOrEqual(1000);
  });

  test('compute a prompt once for each batch that has rows of it', () => {
    const whole = rows.reduce((sum, { ids }) => sum + ids.length, 0);
    const meetings = batches.reduce(
      (sum, batch) =>
        sum + groups.filter((group) => group.some((row) => batch.includes(row))).length,
      0,
    );
    const computed = batches.reduce((sum, batch) => sum + tokensOf(batch), 0);
    expect(computed).toBe(whole - 160 * (rows.length - meetings));
    // The minimum for these tokens, except for space that the largest piece leaves empty.
    expect(batches.length).toBeLessThanOrEqual(Math.ceil(computed / 1000) + 1);
  });

  test('hold a row that is too long for any alone', () => {
    const long = { ids: new Int32Array(1200) };
    expect(planShared([[long], ...groups], 1000)).toContainEqual([long]);
    expect(planShared([], 1000)).toEqual([]);
  });
});
