import * as v from 'valibot';
import { throwIfAborted } from '../domain/errors.ts';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import { type Adapter, matrixValues } from './adapter.ts';
import { transpose } from './arrays.ts';
import { rotaryOf } from './decoder.ts';
import { type DType, decodeFloats } from './dtype.ts';
import { decodeRow, embeddingTensors } from './embedding.ts';
import { dequantizeGptq, type GptqWeights } from './formats/gptq.ts';
import { dequantizeInt4 } from './formats/int4.ts';
import { dequantizeBnb4, FP4_VALUES, NF4_VALUES } from './formats/nf4.ts';
import { blockSize, gptqLayout, type Precision, type Quantized } from './formats/quantization.ts';
import { MAX_VERDICT_TOKENS } from './heads/head.ts';
import type { HeadLayer } from './heads/layers.ts';
import { check, parseJson } from './json.ts';
import {
  hasBias,
  LINEAR_NAMES,
  type LinearName,
  linearShape,
  linearTensors,
  normNames,
  normWidth,
  tensorName,
} from './layer.ts';
import type { ModelPackage } from './package.ts';
import {
  type ReferenceLayer,
  type ReferenceLinear,
  referenceHead,
  referenceLayer,
} from './reference-layer.ts';
import { type TensorEntry, tensorBytes } from './safetensors.ts';

/** Name of the self-test file in a package. Packages of earlier versions have none. */
export const SELF_TEST = 'selftest.json';

/** Tokens of the test: enough to exercise attention, few enough to compute a 9B layer on the CPU in a few seconds. */
const TOKENS = 16;
const SAMPLES = 64;

const finite = v.pipe(v.number(), v.finite());
const index = v.pipe(v.number(), v.integer(), v.minValue(0));

const Schema = v.object({
  version: v.literal(1),
  tokens: v.pipe(v.array(index), v.minLength(1), v.maxLength(1024)),
  layers: v.array(
    v.object({
      layer: index,
      adapter: v.nullable(v.string()),
      /** Root mean square of what the layer adds to its input, over all values. */
      rms: v.pipe(finite, v.minValue(0)),
      /** Indices of the samples in [tokens, hiddenSize]. */
      at: v.array(index),
      values: v.array(finite),
    }),
  ),
  head: v.nullable(
    v.object({
      adapter: v.nullable(v.string()),
      logits: v.pipe(v.array(finite), v.minLength(1), v.maxLength(MAX_VERDICT_TOKENS)),
      /** Typical size of a logit, to which differences are relative: the root of the sum of its squared terms. */
      scale: v.pipe(finite, v.minValue(0)),
    }),
  ),
});

/**
 * The results that a device must reproduce to be trusted with a package: samples of what some decoder layers add to the
 * embedded `tokens`, and the logits of the score head for the last of these. {@link computeSelfTest} computes them
 * once, in float64.
 */
export type SelfTest = v.InferOutput<typeof Schema>;

/**
 * Largest accepted difference, relative to the root mean square of the expected values. The rounding of int8 alone
 * makes up to about 0.1 (docs/performance.md); a device that computes something else is off by about 1.
 */
export const SELF_TEST_TOLERANCE: Record<Precision | 'int8', number> = {
  float32: 1e-3,
  float16: 2e-2,
  int8: 0.3,
};

/**
 * Reads the self-test of a package; null if it has none.
 * @throws TiebreakError `package/self-test` if it is damaged.
 */
export async function readSelfTest(pkg: ModelPackage): Promise<SelfTest | null> {
  if (!Object.hasOwn(pkg.manifest.files, SELF_TEST)) return null;
  const raw = parseJson(await readText(pkg.files, SELF_TEST), SELF_TEST, 'package/self-test');
  return check(Schema, raw, SELF_TEST, 'package/self-test');
}

/**
 * Computes a package's self-test on the CPU in plain arithmetic, without ONNX Runtime, in a few seconds for a 9B model.
 * It covers the first layer with a window, the first without, the first with LoRA, all with the first adapter, and the
 * head. Only a few rows of a matrix are in memory at a time (of dense weights one matrix).
 * @returns null if weights make results that are not finite, with which no device could agree.
 */
export async function computeSelfTest(
  pkg: ModelPackage,
  signal?: AbortSignal,
): Promise<SelfTest | null> {
  const { config } = pkg;
  const [name = null] = pkg.adapterNames;
  const adapter = name === null ? null : await pkg.adapter(name);
  const tokens = Array.from({ length: TOKENS }, (_, i) =>
    Math.floor(((i + 0.5) * config.vocabSize) / TOKENS),
  );
  const softCapped = { ...config, attnSoftCap: pkg.softCap(name) };
  const hidden = await embedded(pkg, tokens);
  const layers: SelfTest['layers'] = [];
  for (const layer of testedLayers(pkg, adapter)) {
    throwIfAborted(signal);
    const weights = await referenceWeights(pkg, layer, adapter);
    const window = config.windows[layer] ?? TOKENS;
    const rotary = rotaryOf(config, layer);
    const out = await referenceLayer(softCapped, weights, hidden, window, rotary);
    const change = out.map((value, i) => value - hidden[i]!);
    const at = samplePlaces(change.length);
    layers.push({
      layer,
      adapter: name,
      rms: rounded(rootMeanSquare(change)),
      at,
      values: at.map((place) => rounded(change[place]!)),
    });
  }
  const head = await headTest(pkg, adapter, hidden);
  const numbers = [
    ...layers.flatMap(({ rms, values }) => [rms, ...values]),
    ...(head?.logits ?? []),
  ];
  return numbers.every(Number.isFinite) ? { version: 1, tokens, layers, head } : null;
}

/**
 * The largest difference between a device's result for a layer and the expected one, relative to the root mean square
 * of the latter; infinite if the device returned anything that is not a finite number.
 * @param hidden the layer's input, the embedded tokens: float32 [padded tokens, hiddenSize].
 * @param out the layer's output, of the same shape.
 * @param values how many of these are not padding.
 */
export function layerDifference(
  expected: SelfTest['layers'][number],
  hidden: Float32Array,
  out: Float32Array,
  values: number,
): number {
  const change = Float64Array.from({ length: values }, (_, i) => out[i]! - hidden[i]!);
  const differences = expected.at.map((place, i) => Math.abs(change[place]! - expected.values[i]!));
  differences.push(Math.abs(rootMeanSquare(change) - expected.rms));
  return largest(differences) / expected.rms;
}

/** The largest difference between a device's logits and the expected ones, relative to `scale`; infinite for a NaN. */
export function headDifference(
  { logits, scale }: NonNullable<SelfTest['head']>,
  got: ArrayLike<number>,
): number {
  return largest(logits.map((logit, c) => Math.abs(got[c]! - logit))) / scale;
}

function largest(differences: number[]): number {
  // Math.max returns NaN if any difference is. Infinity fails every comparison with a tolerance, as it must.
  const max = Math.max(...differences);
  return Number.isNaN(max) ? Number.POSITIVE_INFINITY : max;
}

function testedLayers({ config }: ModelPackage, adapter: Adapter | null): number[] {
  const wanted = [
    config.windows.findIndex((window) => window !== null),
    config.windows.indexOf(null),
    adapter?.layers.findIndex((layer) => layer.size > 0) ?? -1,
  ];
  return [...new Set(wanted)].filter((layer) => layer >= 0).sort((a, b) => a - b);
}

/** Indices spread over tokens and features by multiplicative hashing; the same every time. */
function samplePlaces(length: number): number[] {
  const places = Array.from({ length: SAMPLES }, (_, i) => (i * 2654435761) % length);
  return [...new Set(places)];
}

function rootMeanSquare(values: Float64Array): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares / values.length);
}

/**
 * Rounds to seven digits: enough for any tolerance, and the same on machines whose `tanh` differs in its last digit.
 */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

async function embedded(pkg: ModelPackage, tokens: number[]): Promise<Float64Array> {
  const { hiddenSize, vocabSize, embeddingScale } = pkg.config;
  const { embedding } = pkg.manifest;
  const tensors = embeddingTensors(pkg.config, embedding).map(({ name, dtype, shape }) =>
    pkg.tensor(name, dtype, shape),
  );
  const out = new Float32Array(tokens.length * hiddenSize);
  for (const [i, id] of tokens.entries()) {
    const row = await Promise.all(
      tensors.map(({ source, start, end }) => {
        const bytes = (end - start) / vocabSize;
        return source.read(start + id * bytes, start + (id + 1) * bytes);
      }),
    );
    decodeRow(embedding, row, out, i * hiddenSize, embeddingScale);
  }
  return Float64Array.from(out);
}

async function headTest(
  pkg: ModelPackage,
  adapter: Adapter | null,
  hidden: Float64Array,
): Promise<SelfTest['head']> {
  const { hiddenSize } = pkg.config;
  const own = adapter?.head ?? null;
  const from = own ?? pkg.baseHead;
  if (from === null) return null;
  const read = async (entry: TensorEntry) =>
    own === null ? decodeFloats(await tensorBytes(entry), entry.dtype) : matrixValues(entry);
  const layers: HeadLayer<Float32Array>[] = [];
  for (const { weight, bias } of from) {
    layers.push({ weight: await read(weight), bias: bias && (await read(bias)) });
  }
  const norm = await floats(pkg, tensorName.finalNorm, [hiddenSize]);
  const last = hidden.subarray(hidden.length - hiddenSize);
  const { head } = pkg;
  const activation = head.kind === 'two-layer' ? head.activation : null;
  const { outputs, input } = referenceHead(pkg.config, last, norm, layers, activation);
  const logits = outputs.map(rounded);
  const { offset } = pkg.config.norm;
  const { weight } = layers.at(-1)!;
  let squares = 0;
  if (layers.length === 1) {
    // The root mean square of normed values is 1, so the norm of the weights gives the typical size of a logit.
    for (const [i, value] of weight.entries())
      squares += (value * (offset + norm[i % hiddenSize]!)) ** 2;
  } else {
    for (const [i, value] of weight.entries()) squares += (value * input[i % input.length]!) ** 2;
    // An activation may have left nothing but the bias.
    squares ||= 1;
  }
  return {
    adapter: adapter?.name ?? null,
    logits,
    scale: rounded(Math.sqrt(squares / logits.length)),
  };
}

async function floats(
  pkg: ModelPackage,
  name: string,
  shape: number[],
): Promise<Float32Array<ArrayBuffer>> {
  return decodeFloats(await tensorBytes(pkg.tensor(name, 'F32', shape)), 'F32');
}

async function referenceWeights(
  pkg: ModelPackage,
  layer: number,
  adapter: Adapter | null,
): Promise<ReferenceLayer> {
  const norm = {} as ReferenceLayer['norm'];
  for (const name of normNames(pkg.config)) {
    norm[name] = await floats(pkg, tensorName.norm(layer, name), [normWidth(pkg.config, name)]);
  }
  const linear = {} as ReferenceLayer['linear'];
  for (const name of LINEAR_NAMES) {
    const pair = adapter?.layers.at(layer)?.get(name);
    const { K, N } = linearShape(pkg.config, name);
    linear[name] = {
      N,
      K,
      rows: () => matrixRows(pkg, layer, name),
      bias: hasBias(pkg.config, name)
        ? await floats(pkg, tensorName.bias(layer, name), [N])
        : undefined,
      lora: pair && {
        rank: pair.rank,
        A: await matrixValues(pair.A),
        B: (await matrixValues(pair.B)).map((value) => value * pair.scale),
      },
    } satisfies ReferenceLinear;
  }
  return { linear, norm };
}

// A multiple of the blocks that may cross rows, so that this many rows end with a block, whatever the length of a row.
const ROWS_AT_ONCE = 64;

/** Yields the dequantised rows of a linear layer [N, K] in pieces. */
async function* matrixRows(
  pkg: ModelPackage,
  layer: number,
  name: LinearName,
): AsyncGenerator<Float32Array> {
  const { quantization } = pkg.manifest;
  const { K, N } = linearShape(pkg.config, name);
  const weight = tensorName.linear(layer, name);
  const specs = linearTensors(pkg.config, name, quantization);
  const { shape } = specs.weight;
  if (quantization === 'none') {
    yield transpose(await floats(pkg, weight, shape), K, N);
    return;
  }
  const codes = pkg.tensor(weight, 'U8', shape);
  const scales = await floats(pkg, tensorName.scales(weight, quantization), specs.scales!.shape);
  const bytesOf = (part: string, spec: { dtype: DType; shape: number[] }) =>
    tensorBytes(pkg.tensor(part, spec.dtype, spec.shape));
  const zeros = specs.zeros && (await bytesOf(tensorName.zeros(weight), specs.zeros));
  const order =
    specs.order &&
    new Int32Array((await bytesOf(tensorName.order(weight), specs.order)).slice().buffer);
  const block = blockSize(quantization);
  const codeBytes = codes.shape.reduce((product, n) => product * n, 1) / (N * K);
  const zerosOfRow = (zeros?.length ?? 0) / N;
  for (let n = 0; n < N; n += ROWS_AT_ONCE) {
    const to = Math.min(N, n + ROWS_AT_ONCE);
    const part = {
      codes: await codes.source.read(
        codes.start + n * K * codeBytes,
        codes.start + to * K * codeBytes,
      ),
      scales: scales.slice((n * K) / block, Math.ceil((to * K) / block)),
      zeros: zeros?.subarray(n * zerosOfRow, to * zerosOfRow) ?? new Uint8Array(),
    };
    yield dequantized(quantization, part, K, order);
  }
}

/** Reconstructs rows of a linear layer in float32. @param order of the features, if they have one. */
function dequantized(
  quantization: Quantized,
  part: GptqWeights & { codes: Uint8Array<ArrayBuffer>; scales: Float32Array<ArrayBuffer> },
  K: number,
  order: Int32Array | null,
): Float32Array {
  const { codes, scales } = part;
  switch (quantization) {
    case 'int4':
      return dequantizeInt4({ codes, scales });
    case 'nf4':
      return dequantizeBnb4({ codes, absmax: scales }, NF4_VALUES);
    case 'fp4':
      return dequantizeBnb4({ codes, absmax: scales }, FP4_VALUES);
    default:
      return dequantizeGptq(part, { ...gptqLayout(quantization), K }, order);
  }
}

/** `files` with one more file, the manifest, which has not been written yet. */
export function withManifest(files: PackageFiles, path: string, text: Uint8Array<ArrayBuffer>) {
  return {
    label: files.label,
    open: async (wanted: string) =>
      wanted === path
        ? { name: path, size: text.length, read: async (a: number, b: number) => text.slice(a, b) }
        : files.open(wanted),
  } satisfies PackageFiles;
}
