/**
 * Measures the cost of quantisation against the bfloat16 checkpoint: the relative error of the weights (Frobenius norm
 * of the difference over that of the weights) per linear layer, and differences of logits and probabilities on this
 * machine's CPU. On a reference model, and on one decoder layer of the 9B shape with random weights of ordinary scale.
 *
 * `npx tsx bench/quantization-error.ts [tiny-a] [tiny-d] [9b]` (tiny-a and 9b unless said)
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { softmax } from '../src/domain/probabilities.ts';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { Engine } from '../src/engine/engine.ts';
import { loadOrt } from '../src/engine/ort/runtime.ts';
import { type BuildOptions, buildPackage } from '../src/import/build.ts';
import type { EmbeddingType } from '../src/model/embedding.ts';
import { LINEAR_NAMES } from '../src/model/layer.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory, NodeSink } from '../src/storage/node-file.ts';
import { random } from '../testing/synthetic.ts';
import { writeAdapter } from './checkpoint/adapter.ts';
import { writeBase } from './checkpoint/base.ts';
import { SHAPES } from './checkpoint/shapes.ts';
import { embeddingError, linearErrors } from './weight-error.ts';

type Variant = Pick<BuildOptions, 'quant' | 'embedding' | 'doubleQuant'> & { title: string };

/** A checkpoint, its adapter and token rows. */
interface Model {
  title: string;
  base: string;
  adapter: string;
  rows: Int32Array[];
}

const EXACT: Variant = { title: 'bfloat16', quant: 'none', embedding: 'float32' };
const LINEAR: Variant[] = [
  { title: 'nf4', quant: 'nf4', embedding: 'float32' },
  { title: 'nf4, scales in 8 bits', quant: 'nf4', doubleQuant: true, embedding: 'float32' },
  { title: 'int4', quant: 'int4', embedding: 'float32' },
];
const EMBEDDINGS: EmbeddingType[] = ['float16', 'int8', 'int4'];
const VARIANTS: Variant[] = [
  ...LINEAR,
  ...EMBEDDINGS.map((type): Variant => ({ ...EXACT, title: `embedding ${type}`, embedding: type })),
];

const print = (line: string) => process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'tiebreak-quantization-'));
const backend = await openNodeBackend('wasm');
const { versions } = (await loadOrt(backend)).env;
print(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, onnxruntime-web ${versions.web}, WebAssembly, float32`,
);
try {
  const asked = process.argv.slice(2);
  for (const name of asked.length > 0 ? asked : ['tiny-a', '9b']) {
    await compare(name === '9b' ? layerOf9b() : referenceModel(name));
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(0);

function referenceModel(name: string): Model {
  const path = new URL(`../test/fixtures/${name}/`, import.meta.url).pathname;
  const { input_ids } = JSON.parse(readFileSync(join(path, 'expected.json'), 'utf8')) as {
    input_ids: number[][];
  };
  return {
    title: `${name} with its adapter (weights made touchy on purpose)`,
    base: join(path, 'base'),
    adapter: join(path, 'adapter'),
    rows: input_ids.map((row) => Int32Array.from(row)),
  };
}

function layerOf9b(): Model {
  const base = join(folder, '9b');
  const sizes = { ...SHAPES['9b'], num_hidden_layers: 1, vocab_size: 2048 };
  const next = random(1);
  writeBase(base, { sizes, stored: 'bf16', shardBytes: 5e9, next });
  writeAdapter(join(base, 'adapter'), sizes, next);
  const rows = [96, 80, 64, 48, 48, 48].map((length) =>
    Int32Array.from({ length }, () => Math.floor(next() * sizes.vocab_size)),
  );
  return { title: 'one layer of the 9B shape', base, adapter: join(base, 'adapter'), rows };
}

async function compare(model: Model): Promise<void> {
  const checkpoint = new NodeDirectory(model.base);
  const exact = await withPackage(model, EXACT, (pkg) => logitsOf(pkg, model.rows));
  print(`\n${model.title}: ${model.rows.length} rows, RMS of the logits ${rms(exact).toFixed(3)}`);
  const columns = [...LINEAR_NAMES, 'all linear', 'embedding'];
  printRow('', [...columns, 'max logit', 'RMS logit', 'max prob.']);
  for (const variant of VARIANTS) {
    await withPackage(model, variant, async (pkg) => {
      const errors = variant.quant === 'none' ? new Map() : await linearErrors(pkg, checkpoint);
      errors.set('embedding', await embeddingError(pkg, checkpoint));
      const weights = columns.map((name) => {
        const error = errors.get(name) ?? 0;
        // Below this limit it is a rounding error of exact values.
        return error < 1e-6 ? '-' : `${(100 * error).toFixed(3)} %`;
      });
      const logits = await logitsOf(pkg, model.rows);
      const difference = logits.map((value, i) => value - exact[i]!);
      const before = probabilities(exact);
      const change = probabilities(logits).map((p, i) => p - before[i]!);
      const results = [largest(difference), rms(difference), largest(change)];
      printRow(variant.title, [...weights, ...results.map((value) => value.toExponential(2))]);
    });
  }
}

function printRow(title: string, cells: string[]): void {
  print(`${title.padEnd(22)}${cells.map((cell) => cell.padStart(11)).join('')}`);
}

/** Builds a package, uses it and removes it, since those of the 9B shape take 0.8 GB. */
async function withPackage<T>(
  { base, adapter }: Model,
  { title, ...options }: Variant,
  use: (pkg: ModelPackage) => Promise<T>,
): Promise<T> {
  const out = join(folder, 'package');
  const adapters = [{ name: 'adapter', files: new NodeDirectory(adapter) }];
  await buildPackage(
    { base: new NodeDirectory(base), adapters, name: title, ...options },
    new NodeSink(out),
  );
  const result = await use(await ModelPackage.open(new NodeDirectory(out)));
  rmSync(out, { recursive: true });
  return result;
}

async function logitsOf(pkg: ModelPackage, rows: Int32Array[]): Promise<number[]> {
  const engine = await Engine.load(pkg, backend);
  await engine.setAdapter('adapter');
  const logits = [...(await engine.logits(rows))];
  await engine.dispose();
  return logits;
}

function probabilities(logits: number[]): number[] {
  return Array.from({ length: logits.length / 3 }, (_, row) =>
    softmax(logits.slice(3 * row, 3 * row + 3)),
  ).flat();
}

function rms(values: number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}

function largest(values: number[]): number {
  return Math.max(...values.map(Math.abs));
}
