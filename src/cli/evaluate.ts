import { JUDGES, type LabelledFile, readLabelledFile } from '../data/labelled/labelled-file.ts';
import type { UnreadRow } from '../data/labelled/labelled-row.ts';
import { SPLITS } from '../data/split.ts';
import { LABELS } from '../domain/classes.ts';
import { TiebreakError } from '../domain/errors.ts';
import { effectiveSettings } from '../domain/reading.ts';
import type { EngineInfo } from '../engine/engine.ts';
import { refusalsText } from '../engine/executor/executor.ts';
import { predictionsCsv } from '../report/predictions.ts';
import { describeIncident } from '../scoring/incidents.ts';
import { indexLabelled, scoreLabelled } from '../scoring/score-labelled.ts';
import { assess, assessAll } from '../stats/figures/assess.ts';
import { assessAdapters } from '../stats/figures/assess-adapters.ts';
import { judgedRows } from '../stats/table/units.ts';
import { sha256 } from '../storage/hash.ts';
import { NodeFileSource } from '../storage/node-file.ts';
import { duration } from '../texts/en/format.ts';
import {
  MEMORY_USAGE,
  MODEL_OPTIONS,
  MODEL_USAGE,
  openModel,
  openPackage,
  readModelArguments,
} from './engine/model.ts';
import { assessmentText } from './evaluation/assessment-text.ts';
import { evaluationRecord } from './evaluation/evaluation-record.ts';
import { checkWritable, writeWhole } from './files/write-file.ts';
import {
  EXIT,
  engineText,
  printError,
  printLine,
  readArguments,
  readChoice,
  readWhole,
  runCommand,
  SETTINGS_OPTIONS,
  settingsFrom,
  usageError,
} from './terminal/common.ts';
import { ProgressLine } from './terminal/progress.ts';
import { ordersText, readingNotes, textsText } from './terminal/reading-notes.ts';

const USAGE = `Usage: npm run evaluate -- FILE [options]

Scores labelled pairs as npm run score does and prints how good the predictions are, each figure with
its 95 % bootstrap interval. With several adapters it also prints the figures of each.

FILE is the competition's train.csv (id, prompt, response_a, response_b, winner_model_a,
winner_model_b, winner_tie; optional: source, judge, group) or pairs as JSON lines (prompt,
response_a, response_b: lists of turns; label: a, b or tie; optional: id, votes, source, judge,
group). Either may be gzipped.

  --judge human|gpt4       use only rows that people, or GPT-4, judged
  --split train|dev|validation
                           use only one part of the split by group that training/ makes
  --bootstrap N            bootstrap draws (default: 1000; 0: no intervals); groups are drawn where
                           the file has them, otherwise rows
  --seed N                 seed of the draws (default: 0)
  --json FILE              write figures, settings, versions and hashes as JSON
  --predictions FILE       write each row's probabilities and log loss as CSV
${MODEL_USAGE}
  --tta                    score both orders of the answers and average them (no effect on reward
                           models, which score each answer for itself)
  --max-length N           longest text in tokens (default: 2048)
  --text faithful|clean    reading of cells (default: faithful, as the notebook reads them: a
                           character beyond U+FFFF becomes six replacement characters)
  --truncation right|turns|proportional
                           part to cut from a text that is too long (default: right)
  --spread                 limit each part to a third of --max-length, as the notebook's
                           spread_max_length does
${MEMORY_USAGE}

Reward models (one label) and models with two labels never predict a tie. For them the accuracy and
log loss of decided pairs, those not labelled tie, are printed too. A row labelled tie costs 36 nats,
because probabilities are clipped to 2.2e-16.

Rows that cannot be used are listed and counted; the figures describe the others.

Exit codes: 0 done, 1 failed, 2 invalid arguments, 130 interrupted. An interrupted evaluation prints
nothing: the longest rows come first, so the finished ones would not be a fair sample.`;

const EXIT_INTERRUPTED = 130;
const SHOWN_PROBLEMS = 20;

async function evaluate(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(argv, {
    ...SETTINGS_OPTIONS,
    ...MODEL_OPTIONS,
    judge: { type: 'string' },
    split: { type: 'string' },
    bootstrap: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'string' },
    predictions: { type: 'string' },
    tta: { type: 'boolean' },
  });
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0) throw usageError('Name one file of labelled data.');
  const asked = { ...settingsFrom(values), tta: values.tta ?? false };
  const restriction = {
    judge: readChoice('judge', values.judge, JUDGES),
    split: readChoice('split', values.split, SPLITS),
  };
  const bootstrap = {
    draws: readWhole('bootstrap', values.bootstrap, 0, 100_000) ?? 1000,
    seed: readWhole('seed', values.seed, 0, 2 ** 32 - 1) ?? 0,
  };
  const wanted = readModelArguments(values, asked.maxLength);
  const outputs = [values.json, values.predictions].filter((out) => out !== undefined);
  for (const out of outputs) await checkWritable(out);

  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const line = new ProgressLine(process.stderr);

  const opened = await openPackage(wanted);
  const { pkg, adapters, reading } = opened;
  const settings = effectiveSettings(asked, reading);
  const source = await NodeFileSource.open(path);
  // The file is hashed first, because it may change during hours of work.
  const digest = await sha256(source);
  const file = await readLabelledFile(source, restriction);
  if (file.table.length === 0) {
    reportUnread(file.unread, file.unread.length);
    throw noRows(file, file.unread.length);
  }
  const { index, unread: unreadCells } = await indexLabelled(file, settings, {
    reading,
    signal: stop.signal,
  });
  const unread = [...file.unread, ...unreadCells].sort((a, b) => a.row - b.row);
  const unreadRows = file.unread.length + index.problemRows;
  reportUnread(unread, unreadRows);
  if (index.plainTextRows > 0) {
    console.error(
      `Note: ${index.plainTextRows} rows have cells that are not lists of turns; they are treated as plain text.`,
    );
  }
  if (file.repeatedIds > 0) {
    console.error(
      `Note: ${file.repeatedIds} ids appear in more than one row. Every row counts; rows are identified by their place in the file.`,
    );
  }
  if (file.format === 'pairs' && settings.textMode === 'faithful') {
    console.error(
      'Note: the texts are read as the notebook would read them in a file of the competition. --text clean reads them unchanged, as the training did.',
    );
  }
  if (index.problemRows === index.length) throw noRows(file, unreadRows);

  const { lane, pool, batchTokens } = await openModel(wanted, opened, line, stop.signal);
  const { info } = lane;
  if (info.notice !== null) console.error(`Note: ${info.notice}`);
  for (const note of readingNotes(reading, asked)) console.error(`Note: ${note}`);
  if (info.refusals.length > 0) console.error(`Not used: ${refusalsText(info.refusals)}`);

  const scored = await scoreLabelled(index, {
    lanes: [lane],
    pool,
    settings,
    batchTokens,
    signal: stop.signal,
    onProgress: ({ tokensDone, tokensTotal, rowsDone, rowsTotal, secondsLeft }) => {
      const share = Math.floor((100 * tokensDone) / Math.max(tokensTotal, 1));
      const left = secondsLeft === null ? '' : `, ${duration(secondsLeft)} left`;
      line.show(`scoring ${share} %, ${rowsDone} of ${rowsTotal} rows${left}`);
    },
    onIncident: (incident) => {
      line.clear();
      console.error(describeIncident(incident));
    },
  });
  line.clear();
  const { probabilities, tokens, summary } = scored;
  console.error(`${summary.scoredRows} rows scored in ${duration(summary.seconds)}`);
  if (!summary.complete) return EXIT_INTERRUPTED;

  const { table } = file;
  const rows = judgedRows({ table, probabilities });
  const assessment = assess({ table, probabilities }, rows, tokens, bootstrap);
  const decidedRows = rows.filter((row) => table.labels[row] !== LABELS.indexOf('tie'));
  const decided =
    reading === 'pair' ? null : assessAll({ table, probabilities }, decidedRows, bootstrap).all;
  const each = assessAdapters(table, rows, probabilities, adapters, scored.adapters, bootstrap);
  if (values.predictions !== undefined) {
    await writeWhole(values.predictions, predictionsCsv(file, rows, scored, adapters));
  }
  if (values.json !== undefined) {
    const record = await evaluationRecord({
      file,
      bytes: source.size,
      sha256: digest,
      restriction,
      unread,
      unreadRows,
      model: { name: pkg.manifest.name, sha256: pkg.sha256, adapters },
      summary,
      bootstrap,
      assessment,
      decided,
      adapters: each,
    });
    await writeWhole(values.json, [`${JSON.stringify(record, null, 2)}\n`]);
  }
  const chosen = [values.judge, values.split].filter((word) => word !== undefined);
  const which = chosen.length === 0 ? '' : ` (${chosen.join(', ')})`;
  await printLine(
    [
      `${path} (sha256 ${digest.slice(0, 8)}…)`,
      `${rows.length} of ${file.total} rows${which}: ${file.leftOut} left out, ${unreadRows} cannot be used, ${summary.truncatedRows} truncated`,
      modelText(info, pkg.sha256),
      ...readingNotes(reading, settings),
      `${textsText(settings, pkg.manifest.chat?.date)}, max_length ${settings.maxLength}, truncation ${settings.spread ? 'spread' : settings.truncation}, ${ordersText(settings, reading)}`,
      '',
      assessmentText(assessment, each, bootstrap, decided),
    ].join('\n'),
  );
  return EXIT.ok;
}

function modelText(info: EngineInfo, digest: string): string {
  return `${info.model} (sha256 ${digest.slice(0, 8)}…), ${engineText(info)}, weights ${info.quantization}, soft cap ${info.softCap ?? 'none'}`;
}

function reportUnread(unread: readonly UnreadRow[], count: number): void {
  for (const { error } of unread.slice(0, SHOWN_PROBLEMS)) printError(error);
  const more = count - Math.min(unread.length, SHOWN_PROBLEMS);
  if (more > 0) console.error(`… and ${more} more rows that cannot be used.`);
}

function noRows({ csv, total, leftOut }: LabelledFile, unread: number): TiebreakError {
  return new TiebreakError('evaluate/no-rows', {
    params: { total, leftOut, unread },
    place: { file: csv.name },
  });
}

await runCommand(USAGE, evaluate);
