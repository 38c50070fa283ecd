/**
 * Runs preference pairs on a GPU from end to end: CSV, tokenizer, queue, lane, journal and results as in `npm run
 * score`, with a generated model of Gemma-2-9B's shape and vocabulary. Prints tokens/s beside those of full batches in
 * the same process, the tokens that were shared, the GPU's idle time and memory, the CPU's time, and the accuracy of
 * the predicted end.
 *
 * `npx tsx bench/full-run.ts --write-csv FILE [--pairs 2000]` writes the file with the pairs of `../shared/data`.
 * `node full-run.mjs --csv FILE --tokenizer FOLDER [--runs 2000:8192:one,…] [--layers 42] [--shape 9b|small]`: bundled,
 * on the GPU host. A run is rows, tokens of a batch, and one order or both. Writes `$OUT/full-run.json` and a trace for
 * each run.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NodeLane } from '../src/cli/engine/node-lane.ts';
import { threadPool } from '../src/cli/engine/tokenizer-pool.ts';
import { openJournal } from '../src/cli/files/journal.ts';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { CsvFile } from '../src/data/csv/reader.ts';
import { DEFAULT_SETTINGS } from '../src/domain/settings.ts';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { type BufferCount, countBuffers } from '../src/engine/device/buffer-count.ts';
import { packedTokens } from '../src/engine/planning/prefixes.ts';
import { planWgslMemory } from '../src/engine/wgsl/memory.ts';
import { ModelPackage } from '../src/model/package.ts';
import { journalHeader } from '../src/scoring/journal/start-journal.ts';
import { type Lane, planOf } from '../src/scoring/lanes/lane.ts';
import { RowIndex } from '../src/scoring/rows/row-index.ts';
import { Run } from '../src/scoring/run.ts';
import { NodeDirectory, NodeFileSource } from '../src/storage/node-file.ts';
import { executorText } from '../src/texts/en/errors/engine.ts';
import { preferencePairs } from '../testing/preference-pairs.ts';
import { random } from '../testing/synthetic.ts';
import { gigabytes, percent } from './figures.ts';
import { firstRows, LORA, VOCABULARY, writeGeneratedModel } from './generated-model.ts';
import { chromeTrace, GpuTrace, type Interval, idleOf } from './gpu-trace.ts';
import { type Prediction, predictionLines } from './prediction.ts';

const { values: options } = parseArgs({
  options: {
    'write-csv': { type: 'string' },
    pairs: { type: 'string', default: '2000' },
    csv: { type: 'string' },
    tokenizer: { type: 'string' },
    runs: { type: 'string', default: '2000:8192:one,2000:8192:both' },
    layers: { type: 'string', default: '42' },
    shape: { type: 'string', default: '9b' },
  },
});
const started = performance.now();
const print = (line: string): void => {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(`${seconds.padStart(4)} s  ${line}\n`);
};
const results: Record<string, unknown> = {};

if (options['write-csv'] !== undefined) {
  writeFileSync(options['write-csv'], toKaggleCsv(preferencePairs(Number(options.pairs))));
} else if (options.csv === undefined || options.tokenizer === undefined) {
  throw new Error('--csv FILE and --tokenizer FOLDER are needed');
} else await bench(options.csv, options.tokenizer);
process.exit(0);

async function bench(csvPath: string, tokenizerFolder: string): Promise<void> {
  const small = options.shape === 'small';
  const directory = mkdtempSync(join(tmpdir(), 'tiebreak-full-run-'));
  const layers = Number(options.layers);
  await writeGeneratedModel(directory, layers, small);
  const pkg = await ModelPackage.open(new NodeDirectory(directory));
  print(`a model of ${layers} layers and ${VOCABULARY} words is written`);

  let count!: BufferCount;
  let trace!: GpuTrace;
  const lane = await NodeLane.start({
    pkg,
    openBackend: async () => {
      const backend = await openNodeBackend('webgpu');
      if (backend.device !== 'webgpu') throw new Error('no GPU');
      count = countBuffers(backend.gpuDevice);
      trace = new GpuTrace(backend.gpuDevice);
      return backend;
    },
    executor: 'wgsl',
    adapters: [LORA.name],
  });
  const { info } = lane;
  Object.assign(results, {
    date: new Date().toISOString(),
    node: process.version,
    cpu: `${cpus().length} x ${cpus()[0]?.model}`,
    engine: info,
  });
  print(
    `${results.date}, Node ${process.version}, ${results.cpu}, ${info.computesOn}, ${executorText(info)}, weights ${gigabytes(info.weightBytes)}`,
  );
  const full = await fullBatches(lane, small ? 64 : 1024);
  results.fullBatches = full;
  print(
    `batches of 4 rows of equal length: ${full.alone.toFixed(0)} tokens/s one after the other, ${full.ahead.toFixed(0)} with the next given ahead`,
  );

  const file = readFileSync(csvPath);
  const pool = await threadPool(tokenizerFolder);
  const runs: unknown[] = [];
  results.runs = runs;
  const seconds = new Map<string, { seconds: number; computed: number }>();
  for (const name of options.runs.split(',')) {
    const [rows, tokens, orders] = name.split(':');
    const settings = { ...DEFAULT_SETTINGS, tta: orders === 'both' };
    const batchTokens = Number(tokens);
    const part = join(directory, 'pairs.csv');
    writeFileSync(part, firstRows(file, Number(rows)));
    const csv = await CsvFile.open(await NodeFileSource.open(part));
    const index = await RowIndex.read(csv, settings);
    const recorded = recording(lane);
    trace.reset();
    const out = join(directory, `${runs.length}.csv`);
    const journal = await openJournal(out, {
      header: journalHeader(
        index,
        { name: pkg.manifest.name, sha256: pkg.sha256 },
        [LORA.name],
        settings,
        null,
      ),
      engine: { engine: info, plan: planOf([lane], batchTokens) },
      restart: true,
      otherEngine: false,
      batchTokens,
    });
    const predictions: Prediction[] = [];
    let began = 0;
    const run = new Run({
      index,
      lanes: [recorded.lane],
      onProgress: ({ secondsLeft }) => {
        const at = (performance.now() - began) / 1000;
        if (at >= (predictions.at(-1)?.at ?? -1) + 1) predictions.push({ at, left: secondsLeft });
      },
      pool,
      settings,
      plan: journal.plan,
      journal,
    });
    const cpuBefore = process.cpuUsage();
    began = performance.now();
    const summary = await run.score();
    writeFileSync(out, run.results.csv('omit').join(''));
    const wall = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    await journal.close();
    const passes = await trace.passes();
    const idle = idleOf(passes);
    const longest = Math.max(...recorded.rows.map((row) => row.length));
    const largest = Math.max(...recorded.computed);
    const plan = planWgslMemory({
      config: pkg.config,
      variant: info.variant!,
      quantization: info.quantization,
      weightBytes: info.weightBytes - info.adapterBytes,
      adapterBytes: info.adapterBytes,
      adapters: 1,
      rank: 3 * LORA.rank,
      maxLength: longest,
      batchTokens: largest,
      limits: info.gpu!,
    });
    const computed = recorded.computed.reduce((sum, value) => sum + value, 0);
    const figures = {
      name,
      rows: summary.scoredRows,
      texts: recorded.rows.length,
      tokens: summary.tokens,
      computed,
      batches: recorded.computed.length,
      seconds: wall,
      cpuSeconds: (user + system) / 1e6,
      tokensPerSecond: summary.tokens / wall,
      computedPerSecond: computed / wall,
      ofFullBatches: computed / wall / full.alone,
      idle,
      peakBytes: count.peak,
      plannedBytes: plan.peakBytes,
    };
    runs.push(figures);
    print(
      `${name}: ${figures.texts} texts, ${summary.tokens} tokens, ${computed} computed (${percent(computed / summary.tokens)}; padding 0) in ${figures.batches} batches, ${wall.toFixed(1)} s (CPU ${figures.cpuSeconds.toFixed(1)} s): ${figures.tokensPerSecond.toFixed(0)} tokens/s, computed ${figures.computedPerSecond.toFixed(0)}, ${percent(figures.ofFullBatches)} of full batches`,
    );
    print(
      `${name}: the GPU was idle for ${percent(idle.idleShare)} of ${(idle.milliseconds / 1000).toFixed(1)} s, at most ${idle.longestGap.toFixed(1)} ms at once; buffers at most ${gigabytes(count.peak)} so far, planned ${gigabytes(plan.peakBytes)}`,
    );
    for (const line of predictionLines(predictions, wall)) print(`${name}: end, ${line}`);
    seconds.set(name, { seconds: wall, computed });
    const one = seconds.get(`${rows}:${tokens}:one`);
    if (settings.tta && one !== undefined) {
      print(
        `${name}: both orders take ${(wall / one.seconds).toFixed(3)} times one, and compute ${(computed / one.computed).toFixed(3)} times as many tokens`,
      );
    }
    save(`trace-${runs.length}.json`, chromeTrace({ GPU: passes, batches: recorded.batches }));
    save('full-run.json', JSON.stringify(results, null, 1));
  }
  lane.close();
  rmSync(directory, { recursive: true });
}

/** Tokens/s of batches of four rows, one after the other and with the next one submitted ahead. */
async function fullBatches(lane: NodeLane, length: number) {
  const next = random(11);
  const rows = Array.from({ length: 4 }, () =>
    Int32Array.from({ length }, () => 3 + next() * (VOCABULARY - 3)),
  );
  const tokens = 4 * length;
  await lane.logits(rows); // kernels are compiled
  await lane.logits(rows); // and the rate of the device is known
  const times: number[] = [];
  for (let i = 0; i < 7; i += 1) {
    const from = performance.now();
    await lane.logits(rows);
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const from = performance.now();
  await Promise.all(Array.from({ length: 8 }, () => lane.logits(rows)));
  return {
    tokens,
    alone: (1000 * tokens) / times[3]!,
    ahead: (8000 * tokens) / (performance.now() - from),
  };
}

/** A lane that records its batches with their times. */
function recording(lane: NodeLane) {
  const rows: Int32Array[] = [];
  const computed: number[] = [];
  const batches: Interval[] = [];
  const noting: Lane = {
    info: lane.info,
    bounds: lane.bounds,
    overlaps: lane.overlaps,
    async logits(batch, signal) {
      rows.push(...batch);
      computed.push(packedTokens(batch));
      const from = performance.now();
      const logits = await lane.logits(batch, signal);
      batches.push({ from, to: performance.now() });
      return logits;
    },
  };
  return { lane: noting, rows, computed, batches };
}

function save(name: string, text: string): void {
  const out = process.env.OUT;
  if (out === undefined) return;
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, name), text);
}
