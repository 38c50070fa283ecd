/**
 * How evenly lanes of different speed end a run, on realistic lengths: our queue against the notebook's split into even and
 * odd rows. Pure arithmetic: a batch takes its padded tokens divided by the lane's speed.
 *
 * `npx tsx bench/lanes.ts [ROWS]` (default 25,000; lengths from ../shared/data, one token per four characters)
 */
import { planBatches } from '../src/core/plan.ts';
import { preferencePairs } from './pairs.ts';

const MAX_LENGTH = 2048;
const PAD = 32;
const MAX_TOKENS = 8192;
const CHARACTERS_PER_TOKEN = 4;

const print = (line: string) => process.stdout.write(`${line}\n`);

/** When each lane ends: every lane takes the next batch as soon as it is free. */
function queueEnds(batches: number[], speeds: number[]): number[] {
  const free = speeds.map(() => 0);
  for (const tokens of batches) {
    const lane = free.indexOf(Math.min(...free));
    free[lane]! += tokens / speeds[lane]!;
  }
  return free;
}

/** The same when lane i gets every i-th row, as in the notebook. */
function splitEnds(lengths: number[], speeds: number[]): number[] {
  return speeds.map((speed, lane) => {
    const own = lengths.filter((_, i) => i % speeds.length === lane);
    return plainBatches(own).reduce((sum, tokens) => sum + tokens, 0) / speed;
  });
}

const limits = {
  maxTokens: MAX_TOKENS,
  padMultiple: PAD,
  maxScoreBytes: Number.POSITIVE_INFINITY,
  scoreBytes: () => 1,
};
const padded = (lengths: number[], start: number, end: number) =>
  (end - start) * Math.ceil(lengths[start]! / PAD) * PAD;

function plainBatches(lengths: number[]): number[] {
  return planBatches(lengths, limits).map(({ start, end }) => padded(lengths, start, end));
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const imbalance = (ends: number[]) => 1 - Math.min(...ends) / Math.max(...ends);
/** How much longer the run takes than if all lanes ended at once. */
const loss = (ends: number[], work: number, speeds: number[]) =>
  Math.max(...ends) / (work / speeds.reduce((sum, speed) => sum + speed, 0)) - 1;

const rows = Number(process.argv[2] ?? 25_000);
const pairs = preferencePairs(Math.min(rows, 3000));
const known = pairs.map(({ prompt, responseA, responseB }) => {
  const characters = [...prompt, ...responseA, ...responseB].join('').length;
  return Math.min(MAX_LENGTH, Math.max(16, Math.round(characters / CHARACTERS_PER_TOKEN)));
});
const lengths = Array.from({ length: rows }, (_, i) => known[i % known.length]!).sort(
  (a, b) => b - a,
);
const tokens = lengths.reduce((sum, length) => sum + length, 0);
print(`${rows} rows, ${tokens} tokens, longest ${lengths[0]}`);
for (const speeds of [
  [1, 1],
  [1, 3],
  [1, 10],
]) {
  const plain = plainBatches(lengths);
  const work = plain.reduce((sum, batch) => sum + batch, 0);
  const results = {
    queue: queueEnds(plain, speeds),
    'even/odd split': splitEnds(lengths, speeds),
  };
  print(`lanes ${speeds.join(':')}`);
  for (const [name, ends] of Object.entries(results)) {
    print(
      `  ${name}: lanes end ${percent(imbalance(ends))} of the run apart, ${percent(loss(ends, work, speeds))} longer than at best`,
    );
  }
}
