import { existsSync, realpathSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { throwIfAborted } from '../core/errors.ts';
import { type BuildOptions, buildPackage, type QuantOption } from '../model/build.ts';
import { MANIFEST, type Manifest } from '../model/manifest.ts';
import { NodeDirectory, NodeSink } from '../storage/node-file.ts';
import { EXIT, readArguments, readChoice, runCommand, usageError } from './common.ts';

const USAGE = `Usage: npm run build-model -- --base DIR --adapter DIR --out DIR [options]

Writes a model package from a Hugging Face checkpoint of Gemma-2 and PEFT adapters.

  --base DIR               checkpoint: config.json and model*.safetensors
  --adapter [NAME=]DIR     PEFT adapter; may be given several times (default name: the folder's)
  --out DIR                the package; an earlier package there is replaced
  --quant keep|none|nf4|int4    keep: NF4 codes of a bitsandbytes checkpoint as they are, its default;
                           nf4: the default of other checkpoints; none: dense float32, for small models
  --embedding float32|float16|int8    default float16, with --quant none float32
  --soft-cap N|none        cap of the attention scores (default: as config.json says)
  --tokenizer DIR          tokenizer.json and tokenizer_config.json, when not in the base's folder
  --name TEXT              the model's name (default: the base's folder)

Exit code 0: written, 1: something could not be read or written, 2: wrong arguments.`;

async function buildModel(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(argv, {
    base: { type: 'string' },
    adapter: { type: 'string', multiple: true },
    out: { type: 'string' },
    quant: { type: 'string' },
    embedding: { type: 'string' },
    'soft-cap': { type: 'string' },
    tokenizer: { type: 'string' },
    name: { type: 'string' },
  });
  if (positionals.length > 0) throw usageError(`What is ${JSON.stringify(positionals[0])}?`);
  if (values.base === undefined) throw usageError('Name the checkpoint with --base.');
  if (values.out === undefined) throw usageError('Name the directory to write with --out.');
  const quant = readChoice<QuantOption>('quant', values.quant, ['keep', 'none', 'nf4', 'int4']);
  const embedding = readChoice('embedding', values.embedding, ['float32', 'float16', 'int8']);
  const softCap = readSoftCap(values['soft-cap']);
  const adapters = readAdapters(values.adapter ?? []);
  const { tokenizer } = values;

  const sources = [values.base, ...adapters.map(({ directory }) => directory)];
  if (tokenizer !== undefined) sources.push(tokenizer);
  for (const directory of sources) await needDirectory(directory);
  if (tokenizer !== undefined && !existsSync(join(tokenizer, 'tokenizer.json'))) {
    throw usageError(`${tokenizer} has no tokenizer.json.`);
  }
  const out = existsSync(values.out) ? realpathSync(values.out) : resolve(values.out);
  for (const directory of sources) {
    const path = relative(out, realpathSync(directory));
    if (!isAbsolute(path) && path.split(sep)[0] !== '..') {
      throw usageError(`--out would replace ${directory}, which it is built from.`);
    }
  }
  await checkReplaceable(out);

  const cancel = new AbortController();
  process.once('SIGINT', () => cancel.abort());
  const manifest = await replaceDirectory(out, cancel.signal, (partial) =>
    buildPackage(
      {
        base: new NodeDirectory(values.base!),
        adapters: adapters.map(({ name, directory }) => ({
          name,
          files: new NodeDirectory(directory),
        })),
        ...(tokenizer === undefined ? {} : { tokenizer: new NodeDirectory(tokenizer) }),
        quant,
        embedding,
        softCap,
        name: values.name ?? basename(resolve(values.base!)),
        signal: cancel.signal,
        onProgress: progressLine(),
      },
      new NodeSink(partial),
    ),
  );
  summarise(manifest, values.out, quant);
  return EXIT.ok;
}

function readSoftCap(text: string | undefined): BuildOptions['softCap'] {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw usageError(`--soft-cap must be a positive number or none, not ${JSON.stringify(text)}.`);
}

/** `[NAME=]DIR` of every --adapter. Names become folders of the package, so they keep to letters, digits and `_.-`. */
function readAdapters(given: string[]): { name: string; directory: string }[] {
  const adapters = given.map((text) => {
    const named = existsSync(text) ? null : /^([^=/\\]+)=(.+)$/.exec(text);
    if (named === null) {
      const safe = basename(resolve(text))
        .replace(/[^\w.-]+/g, '-')
        .replace(/^[-.]+|[-.]+$/g, '');
      return { name: safe || 'adapter', directory: text };
    }
    return { name: named[1]!, directory: named[2]! };
  });
  const seen = new Set<string>();
  for (const { name } of adapters) {
    if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) {
      throw usageError(`An adapter cannot be named ${JSON.stringify(name)}.`);
    }
    // `--adapter none` of the other commands means the base model.
    if (name === 'none')
      throw usageError('An adapter cannot be named none: use --adapter NAME=DIR.');
    // Two names that differ in case alone are one folder on some disks.
    if (seen.has(name.toLowerCase())) {
      throw usageError(`Two adapters are named ${name}: use --adapter NAME=DIR.`);
    }
    seen.add(name.toLowerCase());
  }
  return adapters;
}

async function needDirectory(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw usageError(`${path} is not a directory.`);
}

/** Only a package, an empty directory or nothing may be replaced. */
async function checkReplaceable(out: string): Promise<void> {
  if (!existsSync(out)) return;
  await needDirectory(out);
  const names = await readdir(out);
  if (names.length > 0 && !names.includes(MANIFEST)) {
    throw usageError(`${out} exists and is not a model package, so it is not replaced.`);
  }
}

/** Lets `write` fill a directory beside `out` and puts it in the place of `out` when it is complete. */
async function replaceDirectory<T>(
  out: string,
  signal: AbortSignal,
  write: (partial: string) => Promise<T>,
): Promise<T> {
  const partial = `${out}.partial`;
  if (existsSync(partial)) {
    throw usageError(`${partial} was left by a build that was killed, or still runs: remove it.`);
  }
  try {
    const result = await write(partial);
    throwIfAborted(signal);
    await rm(out, { recursive: true, force: true });
    await rename(partial, out);
    return result;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Rewrites one line on a terminal; silent elsewhere. */
function progressLine(): BuildOptions['onProgress'] {
  if (!process.stderr.isTTY) return undefined;
  let last = '';
  return (done, total) => {
    const text = `${Math.floor((100 * done) / total)} % of ${(total / 1e6).toFixed(1)} MB`;
    if (text === last) return;
    last = text;
    process.stderr.write(`\r\x1b[K${text}${done === total ? '\r\x1b[K' : ''}`);
  };
}

function summarise(manifest: Manifest, out: string, quant: QuantOption | undefined): void {
  const files = Object.entries(manifest.files);
  const bytes = files.reduce((sum, [, file]) => sum + file.bytes, 0);
  const weights = { none: 'dense float32', nf4: 'NF4', int4: 'int4' }[manifest.quantization];
  console.warn(`${out}: ${files.length + 1} files, ${bytes.toLocaleString('en')} bytes`);
  console.warn(
    `linear layers ${weights}${quant === 'keep' ? ' (codes kept)' : ''}, embedding ${manifest.embedding}, soft cap ${manifest.softCap ?? 'none'}`,
  );
  console.warn(
    `adapters: ${manifest.adapters.map(({ name }) => name).join(', ') || 'none'}; tokenizer: ${'tokenizer.json' in manifest.files ? 'yes' : 'none'}`,
  );
}

await runCommand(USAGE, buildModel);
