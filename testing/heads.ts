import type { Backend } from '../src/engine/device/backend.ts';
import { Engine, type LoadOptions } from '../src/engine/engine.ts';
import { type BuildOptions, buildPackage } from '../src/import/build.ts';
import { encodeFloat16 } from '../src/model/dtype.ts';
import type { HeadActivation } from '../src/model/heads/head.ts';
import { ModelPackage } from '../src/model/package.ts';
import { readSafetensors, tensorBytes } from '../src/model/safetensors.ts';
import type { MemoryFiles, PackageFiles } from '../src/storage/package-files.ts';
import { MemorySink } from '../src/storage/sink.ts';
import { fixtureFiles, fixtureJson, memory, randomValues, safetensors } from './checkpoints.ts';
import { rowsOf, tokenRows } from './token-rows.ts';

const CAUSAL = 'lm-llama-a';

/** Width of the hidden states of the model that {@link withTensors} changes. */
export const WIDTH = 64;
/** Rows of token ids for that model, none of which ends with its padding token. */
export const ROWS: number[][] = (
  fixtureJson(`${CAUSAL}/expected.json`).input_ids as number[][]
).map((row) => row.slice(0, 12));

type Tensors = Parameters<typeof safetensors>[0];

/** A small causal model whose `lm_head.weight` is left out, with other tensors in its place. */
export async function withTensors(tensors: Tensors, config = {}): Promise<MemoryFiles> {
  const files = fixtureFiles(`${CAUSAL}/base`);
  const kept: Tensors = [];
  for (const entry of (await readSafetensors(await files.open('model.safetensors'))).values()) {
    const { name, dtype, shape } = entry;
    if (name !== 'lm_head.weight') {
      kept.push({ name, dtype, shape, data: await tensorBytes(entry) });
    }
  }
  return memory({
    'config.json': JSON.stringify({ ...fixtureJson(`${CAUSAL}/base/config.json`), ...config }),
    'model.safetensors': safetensors([...kept, ...tensors]),
  });
}

/** Builds a dense package of a checkpoint in memory and opens it. */
export async function packageOf(
  base: PackageFiles,
  options: Partial<BuildOptions> = {},
): Promise<ModelPackage> {
  const sink = new MemorySink();
  await buildPackage({ base, adapters: [], quant: 'none', name: 'heads', ...options }, sink);
  return ModelPackage.open(sink.files);
}

/** Loads a package, computes its self-test and the logits of {@link ROWS}. */
export async function logitsOf(
  pkg: ModelPackage,
  backend: Backend,
  options: LoadOptions = {},
): Promise<number[][]> {
  const engine = await Engine.load(pkg, backend, options);
  await engine.setAdapter(pkg.adapterNames[0] ?? null);
  await engine.selfTest();
  const logits = rowsOf(await engine.logits(tokenRows(ROWS)), engine.labels);
  await engine.dispose();
  return logits;
}

/**
 * The normed hidden states of the last tokens of {@link ROWS}: the logits of linear heads in adapters, each of which
 * reads three of the features.
 */
export async function hiddenStates(backend: Backend): Promise<number[][]> {
  const config = { peft_type: 'LORA', r: 1, lora_alpha: 1, target_modules: [] };
  const adapters = Array.from({ length: Math.ceil(WIDTH / 3) }, (_, i) => {
    const data = new Float32Array(3 * WIDTH);
    for (let c = 0; c < 3 && 3 * i + c < WIDTH; c += 1) data[c * WIDTH + 3 * i + c] = 1;
    const score = { name: 'score.weight', dtype: 'F32' as const, shape: [3, WIDTH], data };
    const files = memory({
      'adapter_config.json': JSON.stringify(config),
      'adapter_model.safetensors': safetensors([score]),
    });
    return { name: `reads-${i}`, files };
  });
  const pkg = await packageOf(await withTensors([]), { adapters });
  const engine = await Engine.load(pkg, backend);
  await engine.setAdapters(pkg.adapterNames);
  const logits = rowsOf(await engine.logits(tokenRows(ROWS)), 3);
  await engine.dispose();
  return ROWS.map((_, r) =>
    adapters.flatMap((_, i) => logits[i * ROWS.length + r]!).slice(0, WIDTH),
  );
}

/** A two-layer head with random weights. */
export interface TwoLayerHead {
  inner: number;
  labels: number;
  hasBias: boolean;
  activation: HeadActivation;
}

/** The tensors of a head in float16, under these names of its two layers. */
export function headTensors(
  { inner, labels, hasBias }: TwoLayerHead,
  [first, second]: [string, string],
): Tensors {
  const tensor = (name: string, shape: number[], scale: number, seed: number) => {
    const length = shape.reduce((n, d) => n * d, 1);
    return { name, dtype: 'F16', shape, data: encodeFloat16(randomValues(length, scale, seed)) };
  };
  const biases = [
    tensor(`${first}.bias`, [inner], 0.5, 3),
    tensor(`${second}.bias`, [labels], 0.5, 4),
  ];
  return [
    tensor(`${first}.weight`, [inner, WIDTH], 0.2, 1),
    tensor(`${second}.weight`, [labels, inner], 0.2, 2),
    ...(hasBias ? biases : []),
  ] as Tensors;
}

/** Logits of a head of {@link headTensors} for hidden states, in float64 and by its definition. */
export function headOutputs(head: TwoLayerHead, hidden: readonly number[][]): number[][] {
  const { inner, labels, hasBias, activation } = head;
  const stored = headTensors({ ...head, hasBias: true }, ['0', '1']).map(({ data }) =>
    Array.from(data as Uint16Array, half),
  );
  const [first, second, bias, lastBias] = stored as [number[], number[], number[], number[]];
  const dot = (row: readonly number[], weights: readonly number[], n: number) =>
    row.reduce((sum, value, k) => sum + value * weights[n * row.length + k]!, 0);
  return hidden.map((row) => {
    const middle = Array.from({ length: inner }, (_, n) =>
      DEFINITIONS[activation](dot(row, first, n) + (hasBias ? bias[n]! : 0)),
    );
    return Array.from(
      { length: labels },
      (_, n) => dot(middle, second, n) + (hasBias ? lastBias[n]! : 0),
    );
  });
}

/** Activations by their definitions. */
export const DEFINITIONS: Record<HeadActivation, (x: number) => number> = {
  relu: (x) => Math.max(x, 0),
  gelu: (x) => x * normalDistribution(x),
  'gelu-tanh': (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

/** The distribution function of the normal distribution, integrated by Simpson's rule. */
function normalDistribution(x: number): number {
  const steps = 2000;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i += 1) sum += (i % 2 === 1 ? 4 : 2) * density((i * x) / steps);
  return 0.5 + (sum * x) / (3 * steps);
}

/** The value of a float16 by its definition. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  const size = exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}
