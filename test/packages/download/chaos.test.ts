import { expect, test } from 'vitest';
import { MemorySink } from '../../../src/storage/sink.ts';
import { chaos } from '../../../testing/download/chaos.ts';

// bench/download-chaos.ts does the same with more seeds.
for (let seed = 0; seed < 20; seed += 1) {
  test(`a host that misbehaves, seed ${seed}: complete and right, or a named error`, {
    timeout: 60_000,
  }, async () => {
    const { kind, end } = await chaos(seed, new MemorySink());
    if (kind === 'bounded') expect(end).toBe('complete');
    else expect(end).toMatch(/^(complete|[a-z]+\/[a-z-]+)$/);
  });
}
