import { existsSync, realpathSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { isDate } from '../domain/date.ts';
import { asTiebreakError } from '../domain/errors.ts';
import {
  type BuildOptions,
  type BuildProgress,
  type PackageFacts,
  planPackage,
  type QuantOption,
  writePackage,
} from '../import/build.ts';
import { readVerdictTokens } from '../import/verdict-tokens.ts';
import { type QuantizationKind, quantizationKind } from '../model/formats/quantization.ts';
import { HEAD_ACTIVATIONS, type Head, LINEAR, readsLastToken } from '../model/heads/head.ts';
import { checkAdapterNames, type Manifest } from '../model/manifest.ts';
import { RateMeter } from '../scoring/rows/rate-meter.ts';
import { HttpFiles } from '../storage/http-files.ts';
import { remoteFolder } from '../storage/hub-address.ts';
import { NodeDirectory, NodeSink } from '../storage/node-file.ts';
import type { PackageFiles } from '../storage/package-files.ts';
import { duration } from '../texts/en/format.ts';
import { own } from '../texts/en/own.ts';
import { DEFAULT_DATE } from '../tokens/chat/date.ts';
import { checkDiskRoom, checkReplaceable, replaceDirectory } from './files/package-folder.ts';
import {
  EXIT,
  readArguments,
  readChoice,
  runCommand,
  shippedTokenizerFolder,
  usageError,
} from './terminal/common.ts';
import { ProgressLine } from './terminal/progress.ts';

const USAGE = `Usage: npm run build-model -- --base FROM [--adapter FROM] --out DIR [options]

Builds a model package from a checkpoint and PEFT adapters. FROM is a directory, a Hugging
Face repository (owner/name or owner/name@revision), or the URL of a directory. Set HF_TOKEN for
private or gated repositories; it is sent to Hugging Face only and never stored.

  --base FROM              checkpoint: config.json and model*.safetensors
  --adapter [NAME=]FROM    PEFT adapter; repeat it for several (default name: the last part of FROM)
  --out DIR                directory of the package; an earlier package there is replaced
  --quant keep|none|nf4|int4
                           keep: the codes of a bitsandbytes or GPTQ checkpoint (default for
                           these); nf4: quantise as bitsandbytes does (default for others); int4:
                           blocks of 32; none: dense float32, for small models
  --double-quant           with nf4: round scales to 8 bits, as bnb_4bit_use_double_quant does
  --embedding float32|float16|int8|int4
                           type of the token embedding (default: float16; float32 with --quant none)
  --verdict-tokens IDS     of a causal model: ids of the tokens that are its verdicts, at most
                           three, as 11,57,301. Ids joined by "+" count as one verdict: 11+12,57,301
  --verdicts TEXTS         the same by their texts, each a single token of the checkpoint's tokenizer:
                           "A,B,tie", or "A+ A,B+ B,tie+ tie" with and without a space before
  --head-activation relu|gelu|gelu-tanh
                           activation of a two-layer head (default: relu for v_head.summary)
  --chat-template FILE     chat template of a reward model (default: chat_template.jinja,
                           chat_template.json or tokenizer_config.json, with the tokenizer or the base)
  --chat-date YYYY-MM-DD   day that the chat template takes for today (default: ${DEFAULT_DATE})
  --soft-cap N|none        cap of the attention scores (default: from config.json)
  --tokenizer FROM         tokenizer.json and tokenizer_config.json (default: those of the base, or
                           the Gemma-2 tokenizer that ships with Tiebreak if the vocabulary fits)
  --name TEXT              name of the model (default: the last part of --base)

If it is interrupted, run the same command again to continue.

Exit codes: 0 written, 1 failed, 2 invalid arguments, 130 interrupted.`;

const EXIT_INTERRUPTED = 130;

/** An open checkpoint, adapter or tokenizer that the user named. */
interface Source {
  files: PackageFiles;
  /** Its directory on disk; null for one on a server. */
  directory: string | null;
}

async function buildModel(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(argv, {
    base: { type: 'string' },
    adapter: { type: 'string', multiple: true },
    out: { type: 'string' },
    quant: { type: 'string' },
    'double-quant': { type: 'boolean' },
    embedding: { type: 'string' },
    'verdict-tokens': { type: 'string' },
    verdicts: { type: 'string' },
    'head-activation': { type: 'string' },
    'chat-template': { type: 'string' },
    'chat-date': { type: 'string' },
    'soft-cap': { type: 'string' },
    tokenizer: { type: 'string' },
    name: { type: 'string' },
  });
  if (positionals.length > 0)
    throw usageError(`Unexpected argument ${JSON.stringify(positionals[0])}.`);
  if (values.base === undefined) throw usageError('Name the checkpoint with --base.');
  if (values.out === undefined) throw usageError('Name the directory to write with --out.');
  const cancel = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => cancel.abort());
  const { signal } = cancel;

  const base = await openSource(values.base, signal);
  const adapters: (BuildOptions['adapters'][number] & Source)[] = [];
  for (const { name, from } of readAdapters(values.adapter ?? [])) {
    adapters.push({ name, ...(await openSource(from, signal)) });
  }
  const tokenizer =
    values.tokenizer === undefined ? undefined : await openSource(values.tokenizer, signal);
  const out = existsSync(values.out) ? realpathSync(values.out) : resolve(values.out);
  for (const { directory } of [base, ...adapters, ...(tokenizer ? [tokenizer] : [])]) {
    if (directory !== null) checkApart(out, directory);
  }
  if (tokenizer?.directory != null && !existsSync(join(tokenizer.directory, 'tokenizer.json'))) {
    throw usageError(`${values.tokenizer} has no tokenizer.json.`);
  }
  await checkReplaceable(out);
  if (values.verdicts !== undefined && values['verdict-tokens'] !== undefined) {
    throw usageError('Name the verdicts with --verdicts or with --verdict-tokens, not with both.');
  }
  const shipped = shippedTokenizerFolder();

  const verdicts =
    values.verdicts === undefined
      ? readVerdicts(values['verdict-tokens'])
      : await readVerdictTokens(
          values.verdicts.split(',').map((verdict) => verdict.split('+')),
          (tokenizer ?? base).files,
        );
  const line = new ProgressLine(process.stderr);
  line.show('reading configurations and headers');
  try {
    const plan = await planPackage({
      base: base.files,
      adapters: adapters.map(({ name, files }) => ({ name, files })),
      tokenizer: tokenizer?.files,
      ...(shipped === null ? {} : { shippedTokenizer: new NodeDirectory(shipped) }),
      quant: readChoice<QuantOption>('quant', values.quant, ['keep', 'none', 'nf4', 'int4']),
      doubleQuant: values['double-quant'],
      embedding: readChoice('embedding', values.embedding, ['float32', 'float16', 'int8', 'int4']),
      verdicts,
      headActivation: readChoice('head-activation', values['head-activation'], HEAD_ACTIVATIONS),
      chatTemplate: await readTemplate(values['chat-template']),
      chatDate: readDate(values['chat-date']),
      softCap: readSoftCap(values['soft-cap']),
      name: values.name ?? lastPart(values.base),
    });
    line.clear();
    describePlan(plan.facts);
    const manifest = await replaceDirectory(out, async (partial) => {
      await checkDiskRoom(plan, partial);
      return writePackage(plan, new NodeSink(partial), { signal, onProgress: showing(line) });
    });
    line.clear();
    describeResult(manifest, values.out);
    return EXIT.ok;
  } catch (thrown) {
    line.clear();
    if (!signal.aborted) throw thrown;
    console.error(
      `Interrupted. Run the same command again to continue; ${out}.partial has what was written.`,
    );
    return EXIT_INTERRUPTED;
  }
}

/**
 * Opens a directory on disk or, if there is none of that name, a repository or a URL.
 * @throws TiebreakError `cli/usage`
 */
async function openSource(from: string, signal: AbortSignal): Promise<Source> {
  const found = await stat(from).catch(() => undefined);
  if (found?.isDirectory()) return { files: new NodeDirectory(from), directory: from };
  let url: URL;
  try {
    url = remoteFolder(from);
  } catch {
    throw usageError(`${from} is neither a directory nor the address of a repository or folder.`);
  }
  if (found !== undefined || from.startsWith('.') || isAbsolute(from)) {
    throw usageError(`${from} is not a directory.`);
  }
  const files = new HttpFiles(url, { token: process.env.HF_TOKEN || undefined, signal });
  return { files, directory: null };
}

/** The last part of a path or an address, for default names. */
function lastPart(from: string): string {
  if (existsSync(from)) return basename(resolve(from));
  return from
    .replace(/@[^@]*$/, '')
    .replace(/\/+$/, '')
    .split('/')
    .at(-1)!;
}

/** Throws `cli/usage` if writing `out` would destroy a directory from which it is built. */
function checkApart(out: string, directory: string): void {
  const path = relative(out, realpathSync(directory));
  if (!isAbsolute(path) && path.split(sep)[0] !== '..') {
    throw usageError(`--out would replace ${directory}, which it is built from.`);
  }
}

/** Reads ids of tokens: commas separate verdicts, and "+" joins the tokens of one. */
function readVerdicts(text: string | undefined): number[][] | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+([+,]\d+)*$/.test(text)) {
    throw usageError(
      `--verdict-tokens must be ids of tokens such as 11,57,301 or 11+12,57,301, not ${JSON.stringify(text)}.`,
    );
  }
  return text.split(',').map((verdict) => verdict.split('+').map(Number));
}

/** Reads the file of a chat template. @throws TiebreakError `cli/usage` */
async function readTemplate(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    throw usageError(`--chat-template: ${asTiebreakError(thrown).message}`);
  }
}

function readDate(text: string | undefined): string | undefined {
  if (text === undefined || isDate(text)) return text;
  throw usageError(`--chat-date must be a day as ${DEFAULT_DATE}, not ${JSON.stringify(text)}.`);
}

function readSoftCap(text: string | undefined): BuildOptions['softCap'] {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw usageError(`--soft-cap must be a positive number or none, not ${JSON.stringify(text)}.`);
}

/**
 * Reads `[NAME=]FROM` of every --adapter. Names become folders of the package, so they have only letters, digits,
 * `_.-`.
 */
function readAdapters(given: string[]): { name: string; from: string }[] {
  const adapters = given.map((text) => {
    const named = existsSync(text) ? null : /^([^=/\\:]+)=(.+)$/.exec(text);
    if (named !== null) return { name: named[1]!, from: named[2]! };
    const safe = lastPart(text)
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '');
    return { name: safe || 'adapter', from: text };
  });
  try {
    checkAdapterNames(adapters.map(({ name }) => name));
  } catch (thrown) {
    throw usageError(`${asTiebreakError(thrown).message} Use --adapter NAME=FROM.`);
  }
  return adapters;
}

/** A function that shows progress on a line, with rate and remaining time. */
function showing(line: ProgressLine): (progress: BuildProgress) => void {
  const rates = { weights: new RateMeter(), verify: new RateMeter() };
  const last = { weights: -1, verify: 0 };
  return ({ step, done, total, what }) => {
    // Bytes that an earlier attempt wrote do not count towards the rate.
    if (last[step] >= 0) rates[step].add(done - last[step]);
    last[step] = done;
    const rate = rates[step].perSecond();
    const left = rate
      ? `, ${Math.round(rate / 1e6)} MB/s, ${duration((total - done) / rate)} left`
      : '';
    const verb = step === 'weights' ? 'writing' : 'verifying';
    line.show(`${verb} ${percent(done, total)} of ${gigabytes(total)}${left}: ${what}`);
  };
}

function percent(done: number, total: number): string {
  return `${Math.floor((100 * done) / total)} %`;
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

const WEIGHTS: Record<QuantizationKind, string> = {
  none: 'dense float32',
  nf4: 'NF4',
  fp4: 'FP4',
  int4: 'int4',
  gptq4: 'GPTQ of 4 bits',
  gptq8: 'GPTQ of 8 bits',
};

function describePlan(facts: PackageFacts): void {
  console.error(
    `${facts.architecture ?? 'Gemma-2'} with ${facts.layers} layers of ${facts.hiddenSize}, stored as ${facts.storedAs}`,
  );
  if (facts.tokenizer === 'shipped') {
    console.error(
      'The checkpoint has no tokenizer. The Gemma-2 tokenizer that ships with Tiebreak is used.',
    );
  }
  if (facts.olderPooling !== null) console.error(own.olderPooling(facts.olderPooling));
  if (facts.chatDate !== null) console.error(own.chatTemplate(facts.chatDate));
  else if (facts.labels === 1) console.error(own.noChatTemplate);
  for (const { name, targets, layers, ranks, hasScore } of facts.adapters) {
    const rank = ranks[0] === ranks[1] ? `${ranks[0]}` : `${ranks[0]} to ${ranks[1]}`;
    console.error(
      `adapter ${name}: r ${rank} on ${targets.join(', ') || 'nothing'} of ${layers} layers, ${hasScore ? 'with' : 'without'} a score head`,
    );
  }
}

function describeResult(manifest: Manifest, out: string): void {
  const files = Object.entries(manifest.files);
  const bytes = files.reduce((sum, [, file]) => sum + file.bytes, 0);
  console.error(
    `${out}: ${files.length + 1} files, ${bytes.toLocaleString('en')} bytes, each read back and equal to its sha256`,
  );
  console.error(
    `linear layers ${WEIGHTS[quantizationKind(manifest.quantization)]}, embedding ${manifest.embedding}, soft cap ${manifest.softCap ?? 'none'}`,
  );
  console.error(headText(manifest.head ?? LINEAR));
  console.error(
    `adapters: ${manifest.adapters.map(({ name }) => name).join(', ') || 'none'}; tokenizer: ${'tokenizer.json' in manifest.files ? 'yes' : 'none'}`,
  );
}

function headText(head: Head): string {
  const at = readsLastToken(head) ? ', read at the last token' : '';
  if (head.kind === 'linear') return `head: one linear layer${at}`;
  if (head.kind === 'two-layer')
    return `head: two linear layers with ${head.activation} between${at}`;
  const verdicts = head.verdicts.map((tokens) => tokens.join('+')).join(', ');
  return `head: the verdict tokens ${verdicts}, soft cap ${head.softCap ?? 'none'}`;
}

await runCommand(USAGE, buildModel);
