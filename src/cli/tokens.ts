import { parseCell } from '../data/cells.ts';
import { noteText } from '../data/csv/notes.ts';
import { CsvFile } from '../data/csv/reader.ts';
import type { CsvRow } from '../data/csv/row.ts';
import { asTiebreakError } from '../domain/errors.ts';
import type { Pair, RunSettings, TextMode } from '../domain/settings.ts';
import { tokenizePair } from '../domain/truncate.ts';
import { NodeFileSource } from '../storage/node-file.ts';
import { DEFAULT_DATE } from '../tokens/chat/date.ts';
import { MESSAGES_OPTIONS, printMessages } from './files/messages.ts';
import {
  EXIT,
  jsonId,
  openPairTokenizer,
  printError,
  printLine,
  readArguments,
  runCommand,
  SETTINGS_OPTIONS,
  settingsFrom,
  usageError,
} from './terminal/common.ts';

const USAGE = `Usage: npm run tokens -- FILE.csv [options]
       npm run tokens -- --messages FILE.jsonl --tokenizer DIR [options]

Prints the token ids of every row as the model receives them, one JSON object per line:
{"id": …, "length": tokens before truncation, "ids": […]}

  --model DIR              directory of tokenizer.json and tokenizer_config.json (default: the demo
                           model)
  --text faithful|clean    reading of cells (default: faithful, as the notebook reads them)
  --max-length N           longest text in tokens (default: 2048)
  --truncation right|turns|proportional
                           part to cut from a text that is too long (default: right)
  --spread                 limit each part to a third of --max-length, as the notebook's
                           spread_max_length does
  --swap                   swap the two answers

With --messages, prints what a chat template and a tokenizer make of every line
{"messages": [{"role", "content"}, …]}, one JSON object per line: {"text", "ids"}

  --tokenizer DIR          directory of tokenizer.json, tokenizer_config.json and the chat template:
                           chat_template.jinja, chat_template.json, or in tokenizer_config.json
  --template FILE          Jinja source of the chat template, instead of that of the directory
  --strip-bos              cut one BOS from the start of the text, then let the tokenizer add its
                           special tokens (default: it adds none to the template's)
  --chat-date YYYY-MM-DD   the day that the template takes for today (default: ${DEFAULT_DATE})

Exit codes: 0 all rows printed, 1 a row or a file could not be read, 2 invalid arguments.`;

async function tokens(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(argv, {
    ...SETTINGS_OPTIONS,
    ...MESSAGES_OPTIONS,
    model: { type: 'string' },
    swap: { type: 'boolean' },
  });
  const { messages, model, swap = false } = values;
  checkOptions(Object.keys(values), messages === undefined ? 'pairs' : 'messages');
  const [path, ...more] = messages === undefined ? positionals : [messages, ...positionals];
  if (path === undefined || more.length > 0) {
    throw usageError('Name one file: a CSV file, or with --messages.');
  }
  return messages === undefined
    ? printPairs(path, { model, swap, settings: settingsFrom(values) })
    : printMessages({ ...values, messages });
}

/** Prints the ids of each row of a CSV file. @returns the exit code. */
async function printPairs(
  path: string,
  { model, swap, settings }: { model: string | undefined; swap: boolean; settings: RunSettings },
): Promise<number> {
  const file = await CsvFile.open(await NodeFileSource.open(path));
  const tokenizer = await openPairTokenizer(model);
  let code: number = EXIT.ok;
  for await (const { rows } of file.rows()) {
    for (const row of rows) {
      try {
        const pair = readPair(row, settings.textMode, path);
        const { length, ids } = tokenizePair(pair, swap, settings, tokenizer);
        await printLine(JSON.stringify({ id: jsonId(row.id), length, ids: Array.from(ids) }));
      } catch (thrown) {
        printError(asTiebreakError(thrown));
        code = EXIT.failed;
      }
    }
  }
  for (const note of file.notes) console.warn(`note: ${noteText(note)}`);
  return code;
}

/** Refuses options of the other kind of file. @throws TiebreakError `cli/usage` */
function checkOptions(given: string[], kind: 'pairs' | 'messages'): void {
  const wrong = given.find((name) => name in MESSAGES_OPTIONS !== (kind === 'messages'));
  if (wrong === undefined) return;
  throw usageError(
    kind === 'messages'
      ? `--${wrong} does not go with --messages.`
      : `--${wrong} needs --messages FILE.jsonl.`,
  );
}

/** Reads the texts of a row. @throws TiebreakError with the place of the first unreadable cell. */
function readPair(row: CsvRow, mode: TextMode, file: string): Pair {
  if (row.problem) throw row.problem;
  const turns = (column: string, cell: string) => {
    try {
      return parseCell(cell, mode).turns;
    } catch (thrown) {
      throw asTiebreakError(thrown).with({ place: { file, row: row.row, column }, cause: thrown });
    }
  };
  return {
    prompt: turns('prompt', row.prompt),
    responseA: turns('response_a', row.responseA),
    responseB: turns('response_b', row.responseB),
  };
}

await runCommand(USAGE, tokens);
