import { readFileSync } from 'node:fs';
import { compareIds } from '../../src/domain/ids.ts';
import type { Variant } from '../../src/engine/executor/variants.ts';
import { planBatches } from '../../src/engine/planning/batches.ts';
import type { WgslAdapter } from '../../src/engine/wgsl/adapter.ts';
import { packBatch } from '../../src/engine/wgsl/batch.ts';
import type { WgslModel } from '../../src/engine/wgsl/model.ts';
import { options, print, results } from './context.ts';

/** Real rows in batches of 4,096 tokens, longest first, in one order and in both. */
export async function wholeRun(
  variant: Variant,
  model: WgslModel,
  adapter: WgslAdapter,
  vocabulary: number,
): Promise<void> {
  const pairs: number[][][] = JSON.parse(readFileSync(options.rows!, 'utf8'));
  // The synthetic model has a smaller vocabulary; equal ids stay equal.
  const known = (ids: number[]) => Int32Array.from(ids, (id) => 3 + (id % (vocabulary - 3)));
  const seconds = async (rows: Int32Array[]) => {
    rows.sort((a, b) => b.length - a.length || compareIds(a, b));
    const lengths = rows.map((row) => row.length);
    const limits = { maxTokens: 4096, padMultiple: 1, maxScoreBytes: 1, scoreBytes: () => 0 };
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    let computed = 0;
    const from = performance.now();
    const before = process.cpuUsage();
    for (const { start, end } of planBatches(lengths, limits)) {
      const batch = rows.slice(start, end);
      await model.forward(batch, [adapter]);
      computed += packBatch(batch, { queriesPerBlock: 32 }).tokens;
    }
    const { user, system } = process.cpuUsage(before);
    return {
      rows: rows.length,
      tokens,
      computed,
      seconds: (performance.now() - from) / 1000,
      cpuSeconds: (user + system) / 1e6,
    };
  };
  const one = await seconds(pairs.map(([given]) => known(given!)));
  const both = await seconds(pairs.flatMap((pair) => pair.map(known)));
  results[`run ${variant}`] = { one, both };
  for (const [name, run] of Object.entries({ one, both })) {
    print(
      `${variant}, ${name === 'one' ? 'one order' : 'both orders'}: ${run.rows} rows of ${(run.tokens / run.rows).toFixed(0)} tokens in ${run.seconds.toFixed(1)} s (CPU ${run.cpuSeconds.toFixed(1)} s), ${(run.tokens / run.seconds).toFixed(0)} tokens/s, ${((100 * run.computed) / run.tokens).toFixed(1)} % of them computed`,
    );
  }
  print(`${variant}: both orders take ${(both.seconds / one.seconds).toFixed(2)} times one`);
}
