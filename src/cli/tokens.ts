import { parseCell } from '../data/cells.ts';
import { noteText } from '../data/csv/notes.ts';
import { CsvFile } from '../data/csv/reader.ts';
import type { CsvRow } from '../data/csv/row.ts';
import { asTiebreakError } from '../domain/errors.ts';
import type { Pair, TextMode } from '../domain/settings.ts';
import { tokenizePair } from '../domain/truncate.ts';
import { NodeFileSource } from '../storage/node-file.ts';
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

Exit codes: 0 all rows printed, 1 a row or the file could not be read, 2 invalid arguments.`;

async function tokens(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(argv, {
    ...SETTINGS_OPTIONS,
    model: { type: 'string' },
    swap: { type: 'boolean' },
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw usageError('Name one CSV file.');
  const settings = settingsFrom(values);
  const file = await CsvFile.open(await NodeFileSource.open(path));
  const tokenizer = await openPairTokenizer(values.model);
  let code: number = EXIT.ok;
  for await (const { rows } of file.rows()) {
    for (const row of rows) {
      try {
        const pair = readPair(row, settings.textMode, path);
        const { length, ids } = tokenizePair(pair, values.swap ?? false, settings, tokenizer);
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
