/**
 * Measures two equal GPUs of one machine: ways to tell them apart, two lanes, layers shared by two, and the loss of one
 * in the middle. Each GPU has its own process behind the lanes of the page; a generated model of Gemma-2-9B's shape
 * scores preference pairs.
 *
 * `node two-gpus.mjs --csv FILE --tokenizer FOLDER [--rows 2000] [--few 600] [--parts probe,lanes,lost,split]
 * [--seconds 540]` on a GPU host, bundled as CONTRIBUTING.md says; FILE as `bench/full-run.ts --write-csv` writes it.
 * Without `probe` cards are chosen by way N of `bench/two-gpus/cards.ts` (`--way N`). Without GPUs: `--drivers
 * A.json,B.json --shape small --layers 2`, with two Vulkan drivers that stand for two cards. Writes traces to `$OUT`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { threadPool } from '../src/cli/engine/tokenizer-pool.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { firstRows, LORA, VOCABULARY, writeGeneratedModel } from './generated-model.ts';
import type { Baseline, Bench } from './two-gpus/bench.ts';
import { BY_DRIVER, listCards, WAYS } from './two-gpus/cards.ts';
import { serveEngine } from './two-gpus/engine-process.ts';
import { Engines } from './two-gpus/engines.ts';
import { benchLanes } from './two-gpus/lanes.ts';
import { chooseWay, serveProbe } from './two-gpus/probe.ts';
import { Report } from './two-gpus/report.ts';
import { benchShared } from './two-gpus/shared.ts';

const { TWO_GPUS_ROLE: role } = process.env;
if (role === undefined) await main();
else {
  process.on('disconnect', () => process.exit(0));
  if (role === 'engine') serveEngine();
  else if (role === 'probe') serveProbe();
  else process.exit(1);
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      csv: { type: 'string' },
      tokenizer: { type: 'string' },
      rows: { type: 'string', default: '2000' },
      few: { type: 'string', default: '600' },
      parts: { type: 'string', default: 'probe,lanes,lost,split' },
      'batch-tokens': { type: 'string', default: '8192' },
      layers: { type: 'string', default: '42' },
      shape: { type: 'string', default: '9b' },
      drivers: { type: 'string' },
      way: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '540' },
    },
  });
  const { csv, tokenizer, drivers } = options;
  if (csv === undefined || tokenizer === undefined) {
    throw new Error('--csv FILE and --tokenizer FOLDER are needed');
  }
  const report = new Report();
  const folder = mkdtempSync(join(tmpdir(), 'tiebreak-two-gpus-'));
  let engines: Engines | undefined;
  const finish = (why: string): void => {
    engines?.close();
    rmSync(folder, { recursive: true, force: true });
    report.end(why);
    process.exit(0);
  };
  // The measurements so far are worth keeping.
  process.on('uncaughtException', (error) => {
    report.failed('the bench', error);
    finish('it broke');
  });
  setTimeout(() => finish('the time is over'), 1000 * Number(options.seconds));

  const parts = options.parts.split(',');
  const cards = listCards(drivers);
  report.print(
    `${new Date().toISOString()}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, cards ${JSON.stringify(cards)}`,
  );
  const pair = cards.slice(0, 2);
  const ways = drivers === undefined ? WAYS : [BY_DRIVER];
  let way = ways[drivers === undefined ? Number(options.way) : 0] ?? null;
  if (parts.includes('probe')) {
    await report.part('equal cards told apart', async () => {
      way = await chooseWay(report, ways, pair);
    });
  }
  if (way === null) return finish('equal cards cannot be told apart');

  // The model is written while nothing else runs.
  const small = options.shape === 'small';
  const model = join(folder, 'model');
  mkdirSync(model);
  await writeGeneratedModel(model, Number(options.layers), small);
  const pkg = await ModelPackage.open(new NodeDirectory(model));
  report.print(`a model of ${options.layers} layers and ${VOCABULARY} words is written`);
  const { manifest, config, sha256 } = pkg;
  const file = readFileSync(csv);
  const rows = {
    folder,
    csv: firstRows(file, Number(options.rows)),
    pool: await threadPool(tokenizer),
    model: { name: manifest.name, sha256 },
    adapter: LORA.name,
  };
  engines = new Engines(way, pair);
  const found = await engines.find();
  report.print(`GPUs ${found.map(({ name }) => name).join(' and ')}`);
  const bench: Bench = {
    report,
    engines,
    model,
    hiddenSize: config.hiddenSize,
    // The package consists of the layers and the embedding, which stays in main memory.
    layerBytes:
      manifest.files[manifest.shards[0]!]!.bytes - 2 * config.vocabSize * config.hiddenSize,
    small,
    rows,
    few: { ...rows, csv: firstRows(file, Number(options.few)) },
    batchTokens: Number(options['batch-tokens']),
    parts,
  };
  const base: Baseline = {};
  if (parts.includes('lanes') || parts.includes('lost')) {
    await report.part('two lanes', () => benchLanes(bench, base));
    engines.close();
  }
  if (parts.includes('split')) {
    await report.part('layers shared by two cards', () => benchShared(bench, base));
  }
  finish('done');
}
