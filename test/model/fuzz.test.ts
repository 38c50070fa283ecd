import { expect, test } from 'vitest';
import { fuzz } from '../../testing/fuzz/run.ts';
import { TARGETS } from '../../testing/fuzz/targets.ts';

// bench/fuzz-import.ts runs more of the same; a case that fails is seen again with its --seed and --from.
test('files that are nearly right are read or refused', async () => {
  const { outcomes } = await fuzz({ seed: 1, cases: 400 * TARGETS.length });
  for (const [target, counts] of outcomes) {
    const refused = [...counts.keys()].filter((outcome) => outcome !== 'read');
    // Changes that nothing notices, or that everything trips over, would test little.
    expect([target, counts.get('read') ?? 0]).toEqual([target, expect.toSatisfy((n) => n > 4)]);
    expect([target, refused.length]).toEqual([target, expect.toSatisfy((n) => n > 0)]);
  }
});
