import { expect, test } from 'vitest';
import { fuzz } from '../../testing/fuzz/run.ts';
import { TARGETS } from '../../testing/fuzz/targets.ts';

// bench/fuzz-import.ts runs more cases, and reproduces a failing one by --seed and --from.
test('files that are nearly right are read or refused', async () => {
  const { outcomes } = await fuzz({ seed: 1, cases: 400 * TARGETS.length });
  for (const [target, counts] of outcomes) {
    const refused = [...counts.keys()].filter((outcome) => outcome !== 'read');
    // Mutations that are never noticed, or always refused, would test little.
    expect([target, counts.get('read') ?? 0]).toEqual([target, expect.toSatisfy((n) => n > 4)]);
    expect([target, refused.length]).toEqual([target, expect.toSatisfy((n) => n > 0)]);
  }
});
