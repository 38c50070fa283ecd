import { readFile } from 'node:fs/promises';
import {
  asTiebreakError,
  type ErrorPlace,
  errorAt,
  TiebreakError,
  throwIfAborted,
} from '../domain/errors.ts';
import { openNodeBackend } from '../engine/device/backend-node.ts';
import { Engine } from '../engine/engine.ts';
import { refusalsText } from '../engine/executor/executor.ts';
import { planBatches } from '../engine/planning/batches.ts';
import { pooledLength } from '../model/heads/head.ts';
import { hasPadInside } from '../model/heads/pooling.ts';
import { parseJson } from '../model/json.ts';
import { ModelPackage } from '../model/package.ts';
import { limitsOf } from '../scoring/rows/batches.ts';
import { NodeDirectory } from '../storage/node-file.ts';
import { own } from '../texts/en/own.ts';
import { fileKernelCache } from './engine/kernel-cache.ts';
import {
  EXIT,
  engineText,
  PRECISIONS,
  printLine,
  readArguments,
  readChoice,
  runCommand,
  usageError,
} from './terminal/common.ts';

const USAGE = `Usage: npm run logits -- --model DIR --tokens FILE.json [options]

Prints {"logits": [[a, b, tie], …]} for rows of token ids, in the order of the file; of a score head
with other labels as many numbers a row as it has, of a reward model one, of verdict tokens one for
each verdict. FILE.json is a JSON array of rows; each row is an array of all its token ids.

  --model DIR              model package (needs no tokenizer)
  --pooled                 prints {"logits": …, "pooled": […]}, with the position in each row, from 0,
                           of the token that the head reads
  --adapter NAME|none      adapter to use (default: the first of the package); none: the base model
  --device webgpu|wasm     device to use (default: the GPU if there is one, otherwise the CPU)
  --precision auto|float32|float16|int8
                           precision of the products (default: auto, float16 where the GPU
                           supports it). int8 is faster on a GPU without subgroup matrices, and
                           less accurate
  --executor auto|ort|wgsl wgsl: Tiebreak's own GPU kernels; ort: ONNX Runtime (default: auto, the
                           kernels where they run and pass the model's self-test)

Exit codes: 0 printed, 1 failed, 2 invalid arguments.`;

// Bounds the memory of a batch apart from its attention scores. A longer row is a batch of its own.
const BATCH_TOKENS = 4096;

async function logits(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(argv, {
    model: { type: 'string' },
    tokens: { type: 'string' },
    pooled: { type: 'boolean' },
    adapter: { type: 'string' },
    device: { type: 'string' },
    precision: { type: 'string' },
    executor: { type: 'string' },
  });
  if (positionals.length > 0)
    throw usageError(`Unexpected argument ${JSON.stringify(positionals[0])}.`);
  const { model, tokens } = values;
  if (model === undefined) throw usageError('Name a model directory with --model.');
  if (tokens === undefined) throw usageError('Name a file of token rows with --tokens.');
  const device = readChoice('device', values.device, ['webgpu', 'wasm']);
  const precision = readChoice('precision', values.precision, PRECISIONS);
  const executor = readChoice('executor', values.executor, ['auto', 'ort', 'wgsl']);

  const pkg = await ModelPackage.open(new NodeDirectory(model));
  const rows = await readRows(tokens, pkg.config);
  const adapter =
    values.adapter === 'none' ? null : (values.adapter ?? pkg.adapterNames[0] ?? null);
  const cancel = new AbortController();
  process.once('SIGINT', () => cancel.abort());
  const backend = await openNodeBackend(device);
  const engine = await Engine.load(pkg, backend, {
    precision,
    executor,
    kernelCache: fileKernelCache(),
    signal: cancel.signal,
  });
  await engine.setAdapter(adapter);
  const { info, labels } = engine;
  console.warn(`${info.model}, ${engineText(info)}`);
  if (info.refusals.length > 0) console.warn(`Not used: ${refusalsText(info.refusals)}`);
  if (pkg.olderPooling !== null) console.warn(own.olderPooling(pkg.olderPooling));
  warnOfPads(rows, pkg);
  const results: number[][] = new Array(rows.length);
  // The longest rows come first, so that a row that does not fit fails at once.
  const order = rows.map((_, index) => index).sort((a, b) => rows[b]!.length - rows[a]!.length);
  const lengths = order.map((index) => rows[index]!.length);
  for (const { start, end } of planBatches(
    lengths,
    limitsOf({ ...engine.bounds, maxTokens: BATCH_TOKENS }),
  )) {
    throwIfAborted(cancel.signal);
    const batch = order.slice(start, end);
    const scores = await engine.logits(
      batch.map((index) => rows[index]!),
      cancel.signal,
    );
    for (const [i, index] of batch.entries()) {
      results[index] = Array.from(scores.subarray(labels * i, labels * (i + 1)));
    }
  }
  const pooled = rows.map((ids) => pooledLength(ids, pkg.config, pkg.head) - 1);
  await printLine(JSON.stringify({ logits: results, ...(values.pooled && { pooled }) }));
  await engine.dispose();
  return EXIT.ok;
}

/** Warns of rows in which versions of Transformers read different tokens. */
function warnOfPads(rows: readonly Int32Array[], { config, head }: ModelPackage): void {
  const found = rows.flatMap((ids, r) => (hasPadInside(ids, config, head) ? [r + 1] : []));
  if (found.length === 0) return;
  const shown = found.slice(0, 10).join(', ') + (found.length > 10 ? ', …' : '');
  console.warn(
    `Warning: ${found.length} of ${rows.length} rows hold the padding token (${config.padTokenId}) inside their text: ${shown}. The head reads the last token that is not padding, as Transformers does since 4.49; older versions read the token before the first.`,
  );
}

/** Reads rows of token ids from a JSON file. @throws TiebreakError `cli/tokens`, which names the first invalid row. */
async function readRows(
  path: string,
  { vocabSize, maxPositions }: { vocabSize: number; maxPositions: number },
): Promise<Int32Array[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new TiebreakError('storage/open:read', {
      params: { reason: asTiebreakError(cause).message },
      place: { file: path },
      cause,
    });
  }
  const value = parseJson(text, path, 'cli/tokens');
  if (!Array.isArray(value)) {
    throw new TiebreakError('cli/tokens:not-rows', { place: { file: path } });
  }
  return value.map((row: unknown, r) => {
    checkRow(row, { file: path, row: r + 1 }, vocabSize, maxPositions);
    return Int32Array.from(row as number[]);
  });
}

function checkRow(row: unknown, place: ErrorPlace, vocabSize: number, most: number): void {
  if (!Array.isArray(row)) throw errorAt(place, 'cli/tokens:row');
  const { length } = row;
  const code = 'cli/tokens';
  if (length === 0) throw new TiebreakError('engine/tokens:empty', { code, place });
  if (length > most) {
    throw new TiebreakError('engine/tokens:long', { code, place, params: { length, most } });
  }
  const bad = row.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize));
  if (bad < 0) return;
  // The value may be of any size and depth, so only a number is quoted.
  const found = typeof row[bad] === 'number' ? String(row[bad]) : `of type ${typeof row[bad]}`;
  throw errorAt(place, 'cli/tokens:id', { position: bad + 1, found, most: vocabSize - 1 });
}

await runCommand(USAGE, logits);
