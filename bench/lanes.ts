/**
 * Compares the times at which lanes of different speed finish, on realistic lengths: our queue against the notebook's
 * split into even and odd rows. Queue and lanes are the real ones, on a simulated clock on which a batch takes its
 * padded tokens divided by its lane's speed.
 *
 * `npx tsx bench/lanes.ts [ROWS] [TOKENS]` (default 25,000 rows, batches of 8,192 tokens). Lengths: those of
 * test/fixtures/lengths.json, over and over: 1,000 quantiles of the estimated lengths of
 * 3,000 preference pairs, cut at 2,048 tokens.
 */
import { readFileSync } from 'node:fs';
import { padLength, planBatches } from '../src/engine/planning/batches.ts';
import { simulateLanes } from '../testing/simulated-lanes.ts';

const [rows = 25_000, maxTokens = 8192] = process.argv.slice(2).map(Number);
const limits = {
  maxTokens,
  padMultiple: 32,
  maxScoreBytes: Number.POSITIVE_INFINITY,
  scoreBytes: () => 1,
};

const print = (line: string) => process.stdout.write(`${line}\n`);
const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const imbalance = (ends: number[]) => 1 - Math.min(...ends) / Math.max(...ends);

/** Padded tokens of all batches. */
function work(lengths: number[]): number {
  return planBatches(lengths, limits).reduce(
    (sum, { start, end }) => sum + (end - start) * padLength(lengths[start]!, limits.padMultiple),
    0,
  );
}

/** The end of each lane if lane i gets every i-th row, as in the notebook. */
function splitEnds(lengths: number[], speeds: number[]): number[] {
  return speeds.map(
    (speed, lane) => work(lengths.filter((_, i) => i % speeds.length === lane)) / speed,
  );
}

const known = JSON.parse(
  readFileSync(new URL('../test/fixtures/lengths.json', import.meta.url), 'utf8'),
) as number[];
// Spread over all lengths even for few rows, since the fixture is sorted.
const lengths = Array.from({ length: rows }, (_, i) => known[(617 * i) % known.length]!).sort(
  (a, b) => b - a,
);
const tokens = lengths.reduce((sum, length) => sum + length, 0);
print(`${rows} rows, ${tokens} tokens, longest ${lengths[0]}, batches of ${maxTokens} tokens`);
for (const ratio of [1, 3, 10]) {
  const speeds = [1000, 1000 * ratio];
  const best = work(lengths) / (1000 + 1000 * ratio);
  print(`lanes 1:${ratio}`);
  for (const [name, ends] of Object.entries({
    queue: await simulateLanes(lengths, limits, speeds),
    'queue, batches taken ahead': await simulateLanes(lengths, limits, speeds, true),
    'even/odd split': splitEnds(lengths, speeds),
  })) {
    const longer = Math.max(...ends) / best - 1;
    print(
      `  ${name}: lanes end ${percent(imbalance(ends))} of the run apart, ${percent(longer)} longer than at best`,
    );
  }
}
