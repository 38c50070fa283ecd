/**
 * Checks exactness and speed on a real GPU, in Node through Dawn. Bundled and run as docs/performance.md describes.
 *
 * `node gpu-check.mjs DIR [--small] [--only=wgsl-int8]` wants `DIR/cases.json` (written by `bench/make-gpu-cases.ts`):
 * packages, token rows and the logits that the WebAssembly backend gives for them. It compares this GPU in float32,
 * float16 and int8 with them, then makes a model of Gemma-2-9B's layer shape and compares float16 with float32 and
 * times both.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { softmax } from '../src/domain/probabilities.ts';
import type { ChooseOptions } from '../src/engine/choose-executor.ts';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { Engine } from '../src/engine/engine.ts';
import type { EnginePrecision } from '../src/engine/executor/variants.ts';
import { loadOrt } from '../src/engine/ort/runtime.ts';
import { planBatches } from '../src/engine/planning/batches.ts';
import { ModelPackage } from '../src/model/package.ts';
import { limitsOf } from '../src/scoring/rows/batches.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { executorText } from '../src/texts/en/errors/engine.ts';
import { config9b, random, writeSyntheticPackage } from '../testing/synthetic.ts';

/** Logits that another backend computed. */
export interface GpuCase {
  name: string;
  package: string;
  adapter: string | null;
  rows: number[][];
  expected: number[][];
  /** Correct answers, 0, 1 or 2, if known. */
  labels?: number[];
  /** The reference models amplify rounding errors on purpose, so float16 cannot be judged on them. */
  float16: boolean;
}

const BUDGETS = [8192, 1024];
const LAYERS = 4;
const VOCABULARY = 8192;

const print = (line: string) => process.stdout.write(`${line}\n`);

/** All configurations that can run a case: both executors, ours in every variant of the precision. */
const CHOICES: Record<EnginePrecision, ChooseOptions[]> = {
  float32: [{ executor: 'ort' }, { executor: 'wgsl', variants: ['float32'] }],
  float16: [
    { executor: 'ort' },
    { executor: 'wgsl', variants: ['float16'] },
    { executor: 'wgsl', variants: ['subgroup-matrix'] },
  ],
  int8: [{ executor: 'wgsl' }],
};

async function checkCase(
  directory: string,
  test: GpuCase,
  precision: EnginePrecision,
  choice: ChooseOptions,
): Promise<void> {
  const rows = test.rows.map((row) => Int32Array.from(row));
  const backend = await openNodeBackend('webgpu');
  const pkg = await ModelPackage.open(new NodeDirectory(join(directory, test.package)));
  const engine = await Engine.load(pkg, backend, { precision, ...choice });
  await engine.setAdapter(test.adapter);
  const difference = { logit: 0, probability: 0 };
  const computed: number[][] = [];
  const lengths = rows.map((row) => row.length);
  for (const maxTokens of BUDGETS) {
    for (const { start, end } of planBatches(lengths, limitsOf({ ...engine.bounds, maxTokens }))) {
      const logits = await engine.logits(rows.slice(start, end));
      compare(logits, test.expected.slice(start, end), difference);
      for (const [i, row] of rowsOf(logits).entries()) computed[start + i] = row;
    }
  }
  const { labels } = test;
  const loss = labels && meanLoss(computed, labels);
  const against = labels && loss! - meanLoss(test.expected, labels);
  const lossText = labels
    ? `, log loss ${loss!.toFixed(5)} (${against!.toExponential(1)} against WebAssembly)`
    : '';
  print(
    `${test.name}, ${executorText(engine.info)}, ${precision}: ${rows.length} rows in batches of ${BUDGETS.join(' and ')} tokens, largest difference ${show(difference)}${lossText}, self-test ${engine.info.selfTest?.toExponential(1)}`,
  );
  await engine.dispose();
}

async function check9b(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tiebreak-9b-'));
  try {
    await writeSyntheticPackage(directory, config9b(LAYERS, VOCABULARY), 7);
    const next = random(11);
    const row = (length: number) =>
      Int32Array.from({ length }, () => 3 + next() * (VOCABULARY - 3));
    const shapes = [
      { name: '4 x 512', rows: [512, 500, 470, 450].map(row) },
      { name: '4 x 1024', rows: [1024, 1000, 990, 960].map(row) },
      { name: '2 x 2048', rows: [2048, 2000].map(row) },
    ];
    const reference = new Map<string, Float32Array>();
    for (const precision of ['float32', 'float16'] as const) {
      const backend = await openNodeBackend('webgpu');
      const pkg = await ModelPackage.open(new NodeDirectory(directory));
      const loading = performance.now();
      const engine = await Engine.load(pkg, backend, { precision });
      await engine.setAdapter(null);
      const megabytes = Math.round(engine.info.weightBytes / 1e6);
      print(
        `9B shape, ${LAYERS} layers, ${precision}: ${megabytes} MB loaded in ${seconds(loading)} s`,
      );
      for (const { name, rows } of shapes) {
        await engine.logits(rows); // compiles the shaders
        const started = performance.now();
        const logits = await engine.logits(rows);
        const time = performance.now() - started;
        const tokens = rows.reduce((sum, ids) => sum + ids.length, 0);
        const whole = (tokens / time) * 1000 * (LAYERS / 42);
        const difference = { logit: 0, probability: 0 };
        if (precision === 'float32') reference.set(name, logits);
        else compare(logits, rowsOf(reference.get(name)!), difference);
        print(
          `  ${name}: ${time.toFixed(0)} ms, ${whole.toFixed(0)} tokens/s for 42 layers${precision === 'float16' ? `; against float32 ${show(difference)}` : ''}`,
        );
      }
      await engine.dispose();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function compare(
  logits: Float32Array,
  expected: number[][],
  difference: { logit: number; probability: number },
): void {
  for (const [r, row] of expected.entries()) {
    const p = softmax(logits, 3 * r);
    const q = softmax(row);
    for (let c = 0; c < 3; c += 1) {
      difference.logit = Math.max(difference.logit, Math.abs(logits[3 * r + c]! - row[c]!));
      difference.probability = Math.max(difference.probability, Math.abs(p[c]! - q[c]!));
    }
  }
}

function rowsOf(logits: Float32Array): number[][] {
  return Array.from({ length: logits.length / 3 }, (_, r) => [
    ...logits.subarray(3 * r, 3 * r + 3),
  ]);
}

function meanLoss(logits: number[][], labels: number[]): number {
  const losses = labels.map((label, i) => -Math.log(softmax(logits[i]!)[label]!));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function show({ logit, probability }: { logit: number; probability: number }): string {
  return `${logit.toExponential(1)} in a logit, ${probability.toExponential(1)} in a probability`;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

const directory = process.argv[2]!;
const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length);
const cases = JSON.parse(readFileSync(join(directory, 'cases.json'), 'utf8')) as GpuCase[];
const backend = await openNodeBackend('webgpu');
if (backend.device === 'webgpu') {
  const { gpu, float16 } = backend;
  const { versions } = (await loadOrt(backend)).env;
  print(
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, onnxruntime-web ${versions.web}, ${JSON.stringify(gpu)}, shader-f16 ${float16}`,
  );
  backend.close();
  for (const test of cases) {
    for (const precision of float16 && test.float16
      ? (['float32', 'float16', 'int8'] as const)
      : (['float32'] as const)) {
      for (const choice of CHOICES[precision]) {
        if (only !== undefined && only !== `${choice.executor}-${precision}`) continue;
        await checkCase(directory, test, precision, choice).catch((error: unknown) =>
          print(`${test.name}, ${JSON.stringify(choice)}, ${precision}: ${error}`),
        );
      }
    }
  }
  if (!process.argv.includes('--small')) await check9b();
}
process.exit(0);
