import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { simulateLanes } from '../../../testing/simulated-lanes.ts';

const known = JSON.parse(
  readFileSync(new URL('../../fixtures/lengths.json', import.meta.url), 'utf8'),
) as number[];
const lengths = Array.from({ length: 25_000 }, (_, i) => known[i % known.length]!).sort(
  (a, b) => b - a,
);
const limits = {
  maxTokens: 8192,
  padMultiple: 32,
  maxScoreBytes: Number.POSITIVE_INFINITY,
  scoreBytes: () => 1,
};

/** The difference between the ends of two lanes, as a share of the run. */
const apart = (ends: number[]) => 1 - Math.min(...ends) / Math.max(...ends);

describe('two lanes on a simulated clock', () => {
  // The last case has large batches; a slow lane's last batch is then twice as long.
  test.each([
    [1, 8192, false],
    [1, 8192, true],
    [3, 8192, false],
    [3, 8192, true],
    [10, 8192, false],
    [10, 8192, true],
    [10, 16_384, false],
    [10, 16_384, true],
  ])(
    'of speed 1:%i with batches of %i tokens end less than 2 % of the run apart, batches taken ahead: %s',
    async (ratio, maxTokens, ahead) => {
      const speeds = [1000, 1000 * ratio];
      const ends = await simulateLanes(lengths, { ...limits, maxTokens }, speeds, ahead);
      expect(ends).toHaveLength(2);
      expect(apart(ends)).toBeLessThan(0.02);
      // Both lanes received work.
      expect(Math.min(...ends)).toBeGreaterThan(0);
    },
  );

  test('take what their speed allows, where equal shares would leave the fast one idle', async () => {
    const [alone] = await simulateLanes(lengths, limits, [1000]);
    const ends = await simulateLanes(lengths, limits, [1000, 10_000]);
    expect(Math.max(...ends) / (alone! / 11)).toBeLessThan(1.02);
    // With equal shares, the slow lane alone computes half of all rows.
    expect(alone! / 2 / Math.max(...ends)).toBeGreaterThan(5);
  });
});
