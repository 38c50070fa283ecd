/**
 * Measures the accuracy of a run's predicted end: scores preference pairs with the demo model on the CPU, as `npm run
 * score` does, records the predicted time left every second, and compares it with the actual one.
 *
 * `npx tsx bench/time-left.ts [--pairs 2000] [--tta] [--write FILE]`; without ../shared/data rows are generated.
 * `npx tsx bench/time-left.ts --trace FILE` replays a recorded run's batches, also those of `bench/full-run.ts`: the
 * time that is left is predicted anew by the code as it is, for the work that there was.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { NodeLane } from '../src/cli/engine/node-lane.ts';
import { threadPool } from '../src/cli/engine/tokenizer-pool.ts';
import { modelFolder } from '../src/cli/terminal/common.ts';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { CsvFile } from '../src/data/csv/reader.ts';
import { DEFAULT_SETTINGS } from '../src/domain/settings.ts';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NO_WORK, plus } from '../src/scoring/rows/cost-model.ts';
import { RowIndex } from '../src/scoring/rows/row-index.ts';
import { expectedCost, TimeLeft, workOf } from '../src/scoring/rows/time-left.ts';
import { Run } from '../src/scoring/run.ts';
import { MemorySource } from '../src/storage/byte-source.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { PAIRS, preferencePairs } from '../testing/preference-pairs.ts';
import { random } from '../testing/synthetic.ts';
import {
  type Prediction,
  predictionLines,
  type TimeTrace,
  type TracedBatch,
} from './prediction.ts';

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: '2000' },
    tta: { type: 'boolean', default: false },
    write: { type: 'string' },
    trace: { type: 'string' },
  },
});

const trace =
  options.trace === undefined
    ? await record()
    : replay(JSON.parse(readFileSync(options.trace, 'utf8')) as TimeTrace);
if (options.write !== undefined) writeFileSync(options.write, JSON.stringify(trace));
for (const line of predictionLines(trace.predictions, trace.seconds)) print(line);
process.exit(0);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function record(): Promise<TimeTrace> {
  const rows = existsSync(PAIRS)
    ? preferencePairs(Number(options.pairs))
    : generatedPairs(Number(options.pairs));
  const settings = { ...DEFAULT_SETTINGS, tta: options.tta };
  const source = new MemorySource('pairs.csv', new TextEncoder().encode(toKaggleCsv(rows)));
  const index = await RowIndex.read(await CsvFile.open(source), settings);
  const folder = modelFolder();
  const pkg = await ModelPackage.open(new NodeDirectory(folder));
  const lane = await NodeLane.start({
    pkg,
    openBackend: () => openNodeBackend('wasm'),
    adapters: [pkg.adapterNames[0] ?? null],
  });
  const batches: TracedBatch[] = [];
  const predictions: Prediction[] = [];
  const began = performance.now();
  const now = () => (performance.now() - began) / 1000;
  let said = -1;
  const run = new Run({
    index,
    pool: await threadPool(folder),
    settings,
    lanes: [
      {
        info: lane.info,
        bounds: lane.bounds,
        overlaps: lane.overlaps,
        async logits(rows, signal) {
          const logits = await lane.logits(rows, signal);
          batches.push({ at: now(), work: workOf(rows, lane.bounds) });
          return logits;
        },
      },
    ],
    onProgress: ({ secondsLeft, tokensTotal }) => {
      if (now() < said + 1) return;
      said = now();
      predictions.push({ at: said, left: secondsLeft });
      process.stderr.write(
        `${said.toFixed(0)} s: ${tokensTotal} tokens, ${secondsLeft?.toFixed(0) ?? '?'} s left\n`,
      );
    },
  });
  const { seconds, tokens } = await run.score();
  print(`${rows.length} rows, ${tokens} tokens, ${batches.length} batches, ${seconds} s`);
  const total = batches.reduce((sum, { work }) => plus(sum, work), NO_WORK);
  return {
    device: lane.info.computesOn,
    balance: lane.bounds.balance ?? null,
    total,
    batches,
    predictions,
    seconds,
  };
}

/** Predicts a recorded run again with the present code. */
function replay(trace: TimeTrace): TimeTrace {
  let at = 0;
  const timeLeft = new TimeLeft(1, () => 1000 * at, expectedCost(trace.balance ?? undefined));
  let done = NO_WORK;
  const predictions = trace.batches.map((batch): Prediction => {
    at = batch.at;
    done = plus(done, batch.work);
    timeLeft.add(1, batch.work);
    return { at, left: timeLeft.seconds(plus(trace.total, done, -1)) };
  });
  const { batches, tokens, squares } = timeLeft.cost()!;
  print(
    `cost in the end: ${batches} s a batch, ${tokens} s a token, attention as much at ${(tokens / squares).toFixed(0)} tokens (expected ${trace.balance})`,
  );
  return { ...trace, predictions };
}

/** Generates pairs of various lengths, most of them short, if there are no real ones. */
function generatedPairs(count: number) {
  const next = random(5);
  const text = (most: number) => {
    const words = Math.ceil(most * next() ** 3);
    return [Array.from({ length: words }, () => `word${Math.floor(100 * next())}`).join(' ')];
  };
  return Array.from({ length: count }, (_, i) => ({
    id: String(i + 1),
    prompt: text(200),
    responseA: text(700),
    responseB: text(700),
  }));
}
