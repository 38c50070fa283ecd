import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { durationText } from '../core/duration.ts';
import { asTiebreakError, describeError, TiebreakError } from '../core/errors.ts';
import { CsvFile } from '../csv/reader.ts';
import { openNodeBackend } from '../engine/backend-node.ts';
import { Engine } from '../engine/engine.ts';
import { ModelPackage } from '../model/package.ts';
import type { CsvSummary, MissingRows, Progress, RunSummary } from '../run/events.ts';
import { RowIndex } from '../run/row-index.ts';
import { Run } from '../run/run.ts';
import { NodeDirectory, NodeFileSource } from '../storage/node-file.ts';
import { inlinePool } from '../tokens/pool.ts';
import {
  EXIT,
  modelFolder,
  openTokenizer,
  printError,
  readArguments,
  readChoice,
  readSettings,
  readWhole,
  runCommand,
  SETTINGS_OPTIONS,
  usageError,
} from './common.ts';
import { ProgressLine } from './progress.ts';

const USAGE = `Usage: npm run score -- FILE.csv --out submission.csv [options]

Scores every row of a CSV with the columns id, prompt, response_a, response_b.

  --out FILE             where the submission is written (needed)
  --model DIR            model package (default: the demo model)
  --adapter NAME|none    adapter of the package (default: its first); given several times, the mean of their probabilities
  --device webgpu|wasm   default: the GPU if there is one, else the CPU
  --precision auto|float32|float16
  --tta                  average with A and B exchanged
  --max-length N         tokens of a row (default 2048)
  --text faithful|clean  how cells are read (default faithful: as the notebook)
  --truncation right|turns|proportional
  --spread               each part to a third of max-length, as the notebook's spread_max_length
  --bad-rows stop|omit|uniform   what to do when rows cannot be read (default stop: score nothing)
  --batch-tokens N       tokens of a batch

Exit codes: 0 done; 1 failed; 2 wrong arguments; 3 rows cannot be read and --bad-rows says stop; 130 interrupted.
After a failure or an interruption, finished rows are in FILE.partial.csv.`;

/** Exit codes beside {@link EXIT}. */
const EXIT_BAD_ROWS = 3;
const EXIT_INTERRUPTED = 130;

const SHOWN_PROBLEMS = 20;

async function score(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(argv, {
    ...SETTINGS_OPTIONS,
    out: { type: 'string' },
    model: { type: 'string' },
    adapter: { type: 'string', multiple: true },
    device: { type: 'string' },
    precision: { type: 'string' },
    tta: { type: 'boolean' },
    'bad-rows': { type: 'string' },
    'batch-tokens': { type: 'string' },
  });
  const [file, ...rest] = positionals;
  const { out } = values;
  if (file === undefined || rest.length > 0) throw usageError('Name one CSV file.');
  if (out === undefined) throw usageError('Name the file to write with --out.');
  const settings = { ...readSettings(values), tta: values.tta ?? false };
  const device = readChoice('device', values.device, ['webgpu', 'wasm']);
  const precision = readChoice('precision', values.precision, ['auto', 'float32', 'float16']);
  const badRows = readChoice('bad-rows', values['bad-rows'], ['stop', 'omit', 'uniform']) ?? 'stop';
  const batchTokens = readWhole('batch-tokens', values['batch-tokens'], 16, 1_000_000);

  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const line = new ProgressLine(process.stderr);

  const csv = await CsvFile.open(await NodeFileSource.open(file));
  const index = await RowIndex.read(csv, {
    textMode: settings.textMode,
    tta: settings.tta,
    signal: stop.signal,
    onBytes: (bytes) => line.show(`reading ${percent(bytes, csv.source.size)}`),
  });
  line.clear();
  const summary = index.summary();
  reportFile(summary);
  if (summary.problemRows > 0 && badRows === 'stop') {
    console.error(
      `${summary.problemRows} of ${summary.rows} rows cannot be read, so nothing was scored. Leave them out with --bad-rows omit, or give them a third for each class with --bad-rows uniform.`,
    );
    return EXIT_BAD_ROWS;
  }

  const folder = values.model ?? modelFolder();
  const pkg = await ModelPackage.open(new NodeDirectory(folder));
  const [first = 'none'] = pkg.adapterNames;
  const adapters = (values.adapter ?? [first]).map((name) => (name === 'none' ? null : name));
  const [engine, tokenizer] = await Promise.all([
    openNodeBackend(device).then((backend) =>
      Engine.load(pkg, backend, {
        precision,
        signal: stop.signal,
        onProgress: (done, total) => line.show(`loading ${percent(done, total)}`),
      }),
    ),
    openTokenizer(folder),
  ]);
  await engine.setAdapters(adapters);
  line.clear();
  const { info } = engine;
  console.error(
    `${info.model}, adapter ${info.adapter ?? 'none'}, on ${info.computesOn}, ${info.precision}, weights ${info.quantization}, soft cap ${info.softCap ?? 'none'}, text ${settings.textMode}, max_length ${settings.maxLength}, truncation ${settings.spread ? 'spread' : settings.truncation}, TTA ${settings.tta ? 'on' : 'off'}`,
  );
  if (info.notice !== null) console.error(`Note: ${info.notice}`);

  const run = new Run({
    index,
    lanes: [engine],
    pool: inlinePool(tokenizer),
    settings,
    batchTokens,
    signal: stop.signal,
    onProgress: (progress) => line.show(progressText(progress)),
  });
  const missing: MissingRows = badRows === 'uniform' ? 'uniform' : 'omit';
  let result: RunSummary;
  try {
    result = await run.score();
  } catch (thrown) {
    line.clear();
    await writePartial(run, out);
    throw thrown;
  }
  line.clear();
  reportRun(result);
  if (!result.complete) {
    await writePartial(run, out);
    return EXIT_INTERRUPTED;
  }
  await writeCsv(out, run.results.csv(missing));
  console.error(`wrote ${out}`);
  return EXIT.ok;
}

function reportFile(summary: CsvSummary): void {
  for (const note of summary.notes) console.error(`Note: ${note}`);
  if (summary.plainTextRows > 0) {
    console.error(
      `Note: ${summary.plainTextRows} rows have cells that are not lists of turns; they are taken as plain text.`,
    );
  }
  for (const { error } of summary.problems.slice(0, SHOWN_PROBLEMS)) {
    printError(TiebreakError.fromPlain(error));
  }
  const more = summary.problemRows - SHOWN_PROBLEMS;
  if (more > 0) console.error(`… and ${more} more rows that cannot be read.`);
}

function reportRun(result: RunSummary): void {
  const rate = Math.round(result.tokens / Math.max(result.seconds, 1e-9));
  console.error(
    `${result.scoredRows} of ${result.rows} rows scored in ${durationText(result.seconds)} (${result.tokens} tokens, ${rate} tokens/s); ${result.truncatedRows} truncated, ${result.duplicateRows} duplicates, ${result.problemRows} unreadable`,
  );
}

async function writePartial(run: Run, out: string): Promise<void> {
  const path = `${out.replace(/\.csv$/, '')}.partial.csv`;
  try {
    await writeCsv(path, run.results.csv('omit'));
    console.error(`${run.results.rowsDone} finished rows are in ${path}`);
  } catch (thrown) {
    console.error(describeError(asTiebreakError(thrown)));
  }
}

/** Writes beside the target and renames, so that a file of that name is always a whole one. */
async function writeCsv(path: string, chunks: string[]): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await pipeline(chunks, createWriteStream(temporary));
    await rename(temporary, path);
  } catch (cause) {
    throw new TiebreakError('storage/write', `Cannot write ${path}: ${(cause as Error).message}.`, {
      action: 'Check the folder and its permissions.',
      cause,
    });
  }
}

function progressText(progress: Progress): string {
  const { tokensDone, tokensTotal, rowsDone, rowsTotal, tokensPerSecond, secondsLeft } = progress;
  const rate = tokensPerSecond === null ? '' : `, ${Math.round(tokensPerSecond)} tokens/s`;
  const left = secondsLeft === null ? '' : `, ${durationText(secondsLeft)} left`;
  return `scoring ${percent(tokensDone, tokensTotal)}, ${rowsDone} of ${rowsTotal} rows${rate}${left}`;
}

function percent(done: number, total: number): string {
  return `${total === 0 ? 100 : Math.floor((100 * done) / total)} %`;
}

await runCommand(USAGE, score);
