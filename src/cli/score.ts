import { rm } from 'node:fs/promises';
import { noteText } from '../data/csv/notes.ts';
import { CsvFile } from '../data/csv/reader.ts';
import { asTiebreakError, describeError, TiebreakError } from '../domain/errors.ts';
import { effectiveSettings } from '../domain/reading.ts';
import { type EngineInfo, TYPICAL_LENGTH } from '../engine/engine.ts';
import { refusalsText } from '../engine/executor/executor.ts';
import { SAVINGS } from '../engine/planning/savings.ts';
import type { Progress, RunSummary } from '../scoring/events.ts';
import { describeIncident } from '../scoring/incidents.ts';
import { journalHeader } from '../scoring/journal/start-journal.ts';
import { planOf } from '../scoring/lanes/lane.ts';
import type { CsvSummary, MissingRows } from '../scoring/rows/row-events.ts';
import { RowIndex } from '../scoring/rows/row-index.ts';
import { Run } from '../scoring/run.ts';
import { NodeFileSource } from '../storage/node-file.ts';
import { duration } from '../texts/en/format.ts';
import {
  MEMORY_USAGE,
  MODEL_OPTIONS,
  MODEL_USAGE,
  openModel,
  openPackage,
  planArguments,
  readModelArguments,
} from './engine/model.ts';
import { planText } from './engine/plan.ts';
import { journalPath, openJournal } from './files/journal.ts';
import { writeWhole } from './files/write-file.ts';
import {
  EXIT,
  engineText,
  printError,
  printLine,
  readArguments,
  readChoice,
  runCommand,
  SETTINGS_OPTIONS,
  settingsFrom,
  usageError,
} from './terminal/common.ts';
import { ProgressLine } from './terminal/progress.ts';
import { ordersText, readingNotes, textsText } from './terminal/reading-notes.ts';

const USAGE = `Usage: npm run score -- FILE.csv --out submission.csv [options]

Predicts the preferred answer for every row of a CSV file with the columns id, prompt, response_a,
response_b, and writes a submission.

  --out FILE               file to write (required)
${MODEL_USAGE}
  --tta                    score both orders of the answers and average them (no effect on reward
                           models, which score each answer for itself)
  --max-length N           longest text in tokens (default: 2048)
  --text faithful|clean    reading of cells (default: faithful, as the notebook reads them)
  --truncation right|turns|proportional
                           part to cut from a text that is too long (default: right)
  --spread                 limit each part to a third of --max-length, as the notebook's
                           spread_max_length does
  --bad-rows stop|omit|uniform
                           treatment of unreadable rows (default: stop, which scores nothing)
${MEMORY_USAGE}
  --plan                   print the memory that the model needs, and score nothing; needs no FILE
  --restart                score every row again, even those that an earlier run finished
  --other-device           continue an earlier run on a different device, executor or precision; the
                           remaining rows may differ in their last digits
  --without prefixes|last-layer|equal-rows
                           switch off an optimisation; repeat it for several. prefixes: compute what
                           rows share at their beginning only once; last-layer: compute only the
                           pooled token in the last layer (both with wgsl only); equal-rows: score
                           equal texts only once. Slower; results may differ in their last digits

Reward models (one label) score the prompt with each answer. Their probabilities are not calibrated:
Davidson's formula with temperature 1 and no tie. Models with two labels never predict a tie.

Every finished batch is saved in FILE.journal until the submission is written. After a failure, an
interruption or a crash, run the same command again to continue. Finished rows are also written to
FILE.partial.csv, except after a crash.

Exit codes: 0 done, 1 failed, 2 invalid arguments, 3 unreadable rows with --bad-rows stop,
130 interrupted.`;

/** Exit code of unreadable rows, in addition to {@link EXIT}. */
const EXIT_BAD_ROWS = 3;
const EXIT_INTERRUPTED = 130;

const SHOWN_PROBLEMS = 20;

async function score(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(argv, {
    ...SETTINGS_OPTIONS,
    ...MODEL_OPTIONS,
    out: { type: 'string' },
    without: { type: 'string', multiple: true },
    tta: { type: 'boolean' },
    'bad-rows': { type: 'string' },
    plan: { type: 'boolean' },
    restart: { type: 'boolean' },
    'other-device': { type: 'boolean' },
  });
  const [file, ...rest] = positionals;
  const { out } = values;
  if (values.plan !== true) {
    if (file === undefined || rest.length > 0) throw usageError('Name one CSV file.');
    if (out === undefined) throw usageError('Name the file to write with --out.');
  }
  const asked = { ...settingsFrom(values), tta: values.tta ?? false };
  const without = (values.without ?? []).map(
    (word) => readChoice('without', word, [...SAVINGS, 'equal-rows'])!,
  );
  const badRows = readChoice('bad-rows', values['bad-rows'], ['stop', 'omit', 'uniform']) ?? 'stop';
  const wanted = readModelArguments(values, asked.maxLength);
  const opened = await openPackage(wanted);
  const { pkg, adapters, reading } = opened;
  const settings = effectiveSettings(asked, reading);
  if (values.plan || file === undefined || out === undefined) {
    await printLine(planText(await planArguments(wanted, opened)));
    return EXIT.ok;
  }

  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const line = new ProgressLine(process.stderr);

  const csv = await CsvFile.open(await NodeFileSource.open(file));
  const index = await RowIndex.read(csv, {
    textMode: settings.textMode,
    tta: settings.tta,
    reading,
    equalRowsOnce: !without.includes('equal-rows'),
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

  const kernels = SAVINGS.filter((saving) => without.includes(saving));
  const { lane, pool, batchTokens } = await openModel(wanted, opened, line, stop.signal, kernels);
  const { info } = lane;
  console.error(
    `${info.model}, ${engineText(info)}, weights ${info.quantization}, soft cap ${info.softCap ?? 'none'}, ${textsText(settings, info.chatDate)}, max_length ${settings.maxLength}, truncation ${settings.spread ? 'spread' : settings.truncation}, ${ordersText(settings, reading)}${without.length === 0 ? '' : `, without ${without.join(', ')}`}`,
  );
  console.error(memoryText(info));
  if (info.refusals.length > 0) console.error(`Not used: ${refusalsText(info.refusals)}`);
  if (info.notice !== null) console.error(`Note: ${info.notice}`);
  for (const note of readingNotes(reading, asked)) console.error(`Note: ${note}`);

  const journal = await openJournal(out, {
    header: journalHeader(
      index,
      { name: pkg.manifest.name, sha256: pkg.sha256 },
      adapters,
      settings,
      null,
    ),
    engine: { engine: info, plan: planOf([lane], batchTokens) },
    restart: values.restart ?? false,
    otherEngine: values['other-device'] ?? false,
    batchTokens: wanted.batchTokens,
  });
  const run = new Run({
    index,
    lanes: [lane],
    pool,
    settings,
    plan: journal.plan,
    previous: journal.previous,
    journal,
    signal: stop.signal,
    onProgress: (progress) => line.show(progressText(progress)),
    onIncident: (incident) => {
      line.clear();
      console.error(describeIncident(incident));
    },
  });
  run.restore();
  const { rowsDone } = run.results;
  if (rowsDone > 0) {
    console.error(
      `continuing ${journalPath(out)}: ${rowsDone} of ${index.length - index.problemRows} rows are finished`,
    );
  }
  const missing: MissingRows = badRows === 'uniform' ? 'uniform' : 'omit';
  let result: RunSummary;
  try {
    result = await run.score();
  } catch (thrown) {
    line.clear();
    await writePartial(run, out);
    throw thrown;
  } finally {
    await journal.close();
  }
  line.clear();
  reportRun(result);
  if (!result.complete) {
    await writePartial(run, out);
    return EXIT_INTERRUPTED;
  }
  await writeWhole(out, run.results.csv(missing));
  await rm(journalPath(out), { force: true });
  console.error(`wrote ${out}`);
  return EXIT.ok;
}

function reportFile(summary: CsvSummary): void {
  for (const note of summary.notes) console.error(`Note: ${noteText(note)}`);
  if (summary.plainTextRows > 0) {
    console.error(
      `Note: ${summary.plainTextRows} rows have cells that are not lists of turns; they are treated as plain text.`,
    );
  }
  for (const { error } of summary.problems.slice(0, SHOWN_PROBLEMS)) {
    printError(TiebreakError.fromPlain(error));
  }
  const more = summary.problemRows - SHOWN_PROBLEMS;
  if (more > 0) console.error(`… and ${more} more rows that cannot be read.`);
}

function memoryText(info: EngineInfo): string {
  const { weightBytes, peakBytes, selfTest, streamedBytes, residentLayers, layers } = info;
  return [
    `weights ${megabytes(weightBytes)}`,
    peakBytes === null
      ? ''
      : `, about ${megabytes(peakBytes)} in all with rows of ${TYPICAL_LENGTH} tokens (WebGPU does not report how much is free)`,
    streamedBytes === 0
      ? ''
      : `; low-memory mode: ${residentLayers} of ${layers} layers stay, ${megabytes(streamedBytes)} are read again for every batch`,
    selfTest === null
      ? '; no self-test in this package'
      : `; self-test passed (${selfTest.toExponential(0)})`,
  ].join('');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

function reportRun(result: RunSummary): void {
  const rate = Math.round(result.tokens / Math.max(result.seconds, 1e-9));
  console.error(
    `${result.scoredRows} of ${result.rows} rows scored in ${duration(result.seconds)} (${result.tokens} tokens, ${rate} tokens/s); ${result.truncatedRows} truncated, ${result.duplicateRows} duplicates, ${result.problemRows} unreadable${result.incidents === 0 ? '' : `; ${result.incidents} device failures`}`,
  );
}

async function writePartial(run: Run, out: string): Promise<void> {
  const path = `${out.replace(/\.csv$/, '')}.partial.csv`;
  try {
    await writeWhole(path, run.results.csv('omit'));
    console.error(`${run.results.rowsDone} finished rows are in ${path}`);
  } catch (thrown) {
    console.error(describeError(asTiebreakError(thrown)));
  }
}

function progressText(progress: Progress): string {
  const { tokensDone, tokensTotal, rowsDone, rowsTotal, tokensPerSecond, secondsLeft } = progress;
  const rate = tokensPerSecond === null ? '' : `, ${Math.round(tokensPerSecond)} tokens/s`;
  const left = secondsLeft === null ? '' : `, ${duration(secondsLeft)} left`;
  return `scoring ${percent(tokensDone, tokensTotal)}, ${rowsDone} of ${rowsTotal} rows${rate}${left}`;
}

function percent(done: number, total: number): string {
  return `${total === 0 ? 100 : Math.floor((100 * done) / total)} %`;
}

await runCommand(USAGE, score);
