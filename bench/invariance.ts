/**
 * Checks that a result depends on nothing but the row: scores preference pairs in the competition's cell format with
 * the demo model in other batches, in another order of rows, and (some of them) with A and B swapped under TTA. Prints
 * the largest difference of a probability.
 *
 * `npx tsx bench/invariance.ts [rows] [webgpu|wasm]` (2,000 rows on the CPU unless said).
 */
import { modelFolder, openPairTokenizer } from '../src/cli/terminal/common.ts';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { CsvFile } from '../src/data/csv/reader.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '../src/domain/settings.ts';
import type { Device } from '../src/engine/device/backend.ts';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { Engine } from '../src/engine/engine.ts';
import { ModelPackage } from '../src/model/package.ts';
import { RowIndex } from '../src/scoring/rows/row-index.ts';
import { Run } from '../src/scoring/run.ts';
import { MemorySource } from '../src/storage/byte-source.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { inlinePool } from '../src/tokens/pool/pool.ts';
import { preferencePairs } from '../testing/preference-pairs.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);
const pairs = preferencePairs(Number(process.argv[2] ?? 2000));
const few = pairs.slice(0, Math.ceil(pairs.length / 10));
const pkg = await ModelPackage.open(new NodeDirectory(modelFolder()));
const engine = await Engine.load(pkg, await openNodeBackend((process.argv[3] ?? 'wasm') as Device));
await engine.setAdapter('demo');
const pool = inlinePool(await openPairTokenizer(modelFolder()));
const { info } = engine;
print(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${info.model} on ${info.computesOn}, ${info.precision}`,
);

const reference = await submission(pairs, {}, undefined);
const lines = reference.text.trimEnd().split('\n');
print(`header ${lines[0]}`);
print(`ids in order: ${lines.slice(1).every((line, i) => line.split(',')[0] === pairs[i]!.id)}`);
print(`largest |sum of a row - 1|: ${reference.sumError.toExponential(1)}`);
const other = await submission([...pairs].reverse(), {}, 700);
print(
  `rows reversed, batches of 700 tokens instead of 4,096: largest difference ${difference(reference.rows, other.rows).toExponential(1)}`,
);
const straight = await submission(few, { tta: true }, undefined);
const swapped = await submission(
  few.map((pair) => ({ ...pair, responseA: pair.responseB, responseB: pair.responseA })),
  { tta: true },
  undefined,
);
const exact = [...straight.rows].every(([id, [a, b, tie]]) => {
  const [a2, b2, tie2] = swapped.rows.get(id)!;
  return a === b2 && b === a2 && tie === tie2;
});
print(`${few.length} rows with TTA, A and B exchanged: exactly exchanged probabilities: ${exact}`);
process.exit(0);

async function submission(
  rows: typeof pairs,
  changed: Partial<RunSettings>,
  batchTokens: number | undefined,
): Promise<{ text: string; rows: Map<string, number[]>; sumError: number }> {
  const settings = { ...DEFAULT_SETTINGS, ...changed };
  const source = new MemorySource('test.csv', new TextEncoder().encode(toKaggleCsv(rows)));
  const { textMode, tta } = settings;
  const index = await RowIndex.read(await CsvFile.open(source), { textMode, tta });
  const run = new Run({ index, lanes: [engine], pool, settings, batchTokens });
  const summary = await run.score();
  print(
    `${summary.scoredRows} rows, ${summary.tokens} tokens in ${summary.seconds.toFixed(0)} s: ${Math.round(summary.tokens / summary.seconds)} tokens/s; ${summary.truncatedRows} truncated, ${summary.duplicateRows} duplicates`,
  );
  const text = run.results.csv('omit').join('');
  const byId = new Map<string, number[]>();
  let sumError = 0;
  for (const line of text.trimEnd().split('\n').slice(1)) {
    const [id, ...numbers] = line.split(',');
    const p = numbers.map(Number);
    byId.set(id!, p);
    sumError = Math.max(sumError, Math.abs(p[0]! + p[1]! + p[2]! - 1));
  }
  return { text, rows: byId, sumError };
}

function difference(a: Map<string, number[]>, b: Map<string, number[]>): number {
  let largest = 0;
  for (const [id, p] of a) {
    const q = b.get(id)!;
    for (let c = 0; c < 3; c += 1) largest = Math.max(largest, Math.abs(p[c]! - q[c]!));
  }
  return largest;
}
