import type { Rows } from '../model/arrays.ts';
import { type Bnb4Linear, bnb4Values, openBnb4 } from '../model/bnb4.ts';
import { type Checkpoint, needTensor, readRows, readValues } from '../model/checkpoint.ts';
import type { DecoderConfig } from '../model/decoder.ts';
import { type EmbeddingType, embeddingTensors, encodeRows } from '../model/embedding.ts';
import { dequantizeScales, quantizeScales } from '../model/formats/double-quant.ts';
import { quantizeInt4 } from '../model/formats/int4.ts';
import { quantizeNf4 } from '../model/formats/nf4.ts';
import {
  blockSize,
  isGptq,
  type Quantization,
  type Quantized,
} from '../model/formats/quantization.ts';
import { type GptqLinear, gptqParts, gptqRows, openGptq } from '../model/gptq.ts';
import {
  hasBias,
  LINEAR_NAMES,
  type LinearName,
  linearShape,
  linearTensors,
  normNames,
  normWidth,
  tensorName,
} from '../model/layer.ts';
import { bytesOf, type TensorEntry, type TensorHeader, tensorSize } from '../model/safetensors.ts';
import { SLICE_BYTES, slices } from '../storage/hash.ts';

/** A tensor to be written: its header, and a way to produce its bytes when its turn comes. */
export interface TensorPlan extends TensorHeader {
  /** Yields the tensor's bytes from byte `from` on, which is 0 or the end of a piece of an earlier call. */
  produce(from: number): AsyncIterable<Uint8Array>;
}

/** The options that decide the tensors of a package. */
interface PlanOptions {
  quantization: Quantization;
  embedding: EmbeddingType;
  /** Rounds NF4 scales to 8 bits and back, as bitsandbytes does with double quantisation. */
  doubleQuant: boolean;
}

/** Layers whose quantisation states are read at the same time: on a hub each state is a request. */
const STATES_AT_ONCE = 8;

/** The linear layers of each decoder layer of a checkpoint, names, types and shapes checked. */
export type LinearSources = readonly Record<LinearName, LinearSource>[];

/**
 * Opens the linear layers of a checkpoint. Reads only quantisation states.
 * @throws TiebreakError that names the first tensor that is missing or differs from config.json.
 */
export function openLinears(checkpoint: Checkpoint): Promise<LinearSources> {
  const { config } = checkpoint;
  return inParallel(
    Array.from({ length: config.numLayers }, (_, layer) => async () => {
      const linears = {} as Record<LinearName, LinearSource>;
      for (const name of LINEAR_NAMES) {
        const { K, N } = linearShape(config, name);
        linears[name] = await openLinear(checkpoint, tensorName.linear(layer, name), [N, K]);
      }
      return linears;
    }),
  );
}

/**
 * Plans the tensors of a package except its head, in the order in which they are written. Checks names, types and
 * shapes of everything that will be read.
 * @throws TiebreakError that names the first tensor that is missing or differs from config.json.
 */
export function planTensors(
  checkpoint: Checkpoint,
  sources: LinearSources,
  options: PlanOptions,
): TensorPlan[] {
  const { config } = checkpoint;
  const dense = (name: string, shape: number[]) =>
    densePlan(needTensor(checkpoint, name, shape), name, shape);
  const layers = sources.flatMap((source, layer) => [
    ...normNames(config).map((norm) =>
      dense(tensorName.norm(layer, norm), [normWidth(config, norm)]),
    ),
    ...LINEAR_NAMES.flatMap((name) => {
      const plans = linearPlans(config, layer, name, source[name], options);
      if (!hasBias(config, name)) return plans;
      return [...plans, dense(tensorName.bias(layer, name), [linearShape(config, name).N])];
    }),
  ]);
  return [
    ...embeddingPlans(checkpoint, options.embedding),
    ...layers,
    dense(tensorName.finalNorm, [config.hiddenSize]),
  ];
}

/** Runs tasks, {@link STATES_AT_ONCE} at a time, and returns their results in order. */
async function inParallel<T>(tasks: (() => Promise<T>)[]): Promise<T[]> {
  const results = new Array<T>(tasks.length);
  let next = 0;
  const work = async () => {
    while (next < tasks.length) {
      const i = next;
      next += 1;
      results[i] = await tasks[i]!();
    }
  };
  await Promise.all(Array.from({ length: STATES_AT_ONCE }, work));
  return results;
}

/** A linear layer of a checkpoint: its tensor, or in 4 or 8 bits its parts. */
export type LinearSource = TensorEntry | Bnb4Linear | GptqLinear;

async function openLinear(
  { tensors, bnb4, gptq }: Checkpoint,
  weight: string,
  shape: [number, number],
): Promise<LinearSource> {
  if (gptq !== null) return openGptq(tensors, weight, shape, gptq);
  return bnb4 === null ? needTensor({ tensors }, weight, shape) : openBnb4(tensors, weight, shape);
}

function linearPlans(
  config: DecoderConfig,
  layer: number,
  name: LinearName,
  source: LinearSource,
  options: PlanOptions,
): TensorPlan[] {
  const { K, N } = linearShape(config, name);
  const weight = tensorName.linear(layer, name);
  const { quantization } = options;
  const specs = linearTensors(config, name, quantization);
  if (quantization === 'none') {
    const produce = async function* () {
      yield bytesOf(await transposed(source, N, K));
    };
    return [{ name: weight, dtype: 'F32', shape: specs.weight.shape, produce }];
  }
  const codes: TensorHeader = { name: weight, dtype: 'U8', shape: specs.weight.shape };
  const scales: TensorHeader = {
    name: tensorName.scales(weight, quantization),
    dtype: 'F32',
    shape: specs.scales!.shape,
  };
  if ('codes' in source) {
    const { start, end } = source.codes;
    return [
      { ...codes, produce: (from) => slices(source.codes.source, start + from, end) },
      {
        ...scales,
        async *produce() {
          yield bytesOf(await source.absmax());
        },
      },
    ];
  }
  if ('qweight' in source && isGptq(quantization)) {
    const parts = gptqParts(source, blockSize(quantization));
    return [
      { ...codes, produce: (from) => pieces(parts.codes, from) },
      { ...scales, produce: (from) => pieces(async () => bytesOf(await parts.scales()), from) },
      {
        ...{ name: tensorName.zeros(weight), ...specs.zeros! },
        produce: (from) => pieces(parts.zeros, from),
      },
      ...(specs.order === null
        ? []
        : [
            {
              ...{ name: tensorName.order(weight), ...specs.order },
              produce: (from: number) => pieces(async () => bytesOf(source.order), from),
            },
          ]),
    ];
  }
  const finish = options.doubleQuant ? roundScales : undefined;
  const rows = rowsOf(source, N);
  return convertedPlans(rows, [codes, scales], convertLinear(quantization), finish);
}

/** Yields bytes that are made as a whole, from byte `from` on. */
async function* pieces(
  make: () => Promise<Uint8Array<ArrayBuffer>>,
  from: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const bytes = await make();
  for (let at = from; at < bytes.length; at += SLICE_BYTES) {
    yield bytes.subarray(at, at + SLICE_BYTES);
  }
}

/** Rows of a matrix, read from any of them on. */
interface RowSource {
  rows: number;
  read(from: number): AsyncIterable<Rows>;
}

function rowsOf(source: TensorEntry | GptqLinear, rows: number): RowSource {
  if ('qweight' in source) return { rows, read: (from) => gptqRows(source, from) };
  return { rows, read: (from) => readRows(source, from) };
}

/**
 * Plans the tensors that are converted from `source` row by row: codes and, for quantised types, scales. One pass over
 * the source makes both; the scales stay in memory until their turn comes.
 */
function convertedPlans(
  { rows, read }: RowSource,
  [codes, scales]: [TensorHeader, TensorHeader?],
  /** Converts whole rows to the bytes of their codes and scales. */
  convert: (values: Float32Array<ArrayBuffer>) => Uint8Array[],
  /** Applied once to all scales, before they are written. */
  finish = (all: Uint8Array<ArrayBuffer>): Uint8Array => all,
): TensorPlan[] {
  const rowBytes = tensorSize(codes) / rows;
  const scaleBytes = scales === undefined ? 0 : tensorSize(scales);
  let kept: Uint8Array<ArrayBuffer> | undefined;
  let filled = 0;
  const pass = async function* (from: number) {
    kept = new Uint8Array(scaleBytes);
    filled = 0;
    for await (const { row, values } of read(from)) {
      const [codesPart, scalesPart] = convert(values) as [Uint8Array, Uint8Array?];
      if (scalesPart !== undefined) {
        kept.set(scalesPart, (row * scaleBytes) / rows);
        filled += scalesPart.byteLength;
      }
      yield codesPart;
    }
  };
  const first: TensorPlan = { ...codes, produce: (from) => pass(from / rowBytes) };
  if (scales === undefined) return [first];
  const second: TensorPlan = {
    ...scales,
    async *produce() {
      if (kept === undefined || filled !== scaleBytes) {
        // After a restart: the codes, or some of them, were written before it, and their scales were only in memory.
        for await (const _ of pass(0));
      }
      const all = finish(kept!);
      kept = undefined;
      yield all;
    },
  };
  return [first, second];
}

function convertLinear(quantization: Quantized) {
  return (values: Float32Array): Uint8Array[] => {
    switch (quantization) {
      case 'int4': {
        const { codes, scales } = quantizeInt4(values);
        return [codes, bytesOf(scales)];
      }
      case 'nf4': {
        const { codes, absmax } = quantizeNf4(values);
        return [codes, bytesOf(absmax)];
      }
      default:
        throw new Error(`weights are not quantised to ${quantization}`);
    }
  };
}

function roundScales(all: Uint8Array<ArrayBuffer>): Uint8Array {
  return bytesOf(dequantizeScales(quantizeScales(new Float32Array(all.buffer))));
}

/** Reads weights [N, K] and transposes them to [K, N], the layout that MatMul reads. */
async function transposed(
  source: LinearSource,
  N: number,
  K: number,
): Promise<Float32Array<ArrayBuffer>> {
  const out = new Float32Array(N * K);
  const put = (first: number, values: Float32Array) => {
    const rows = values.length / K;
    for (let k = 0; k < K; k += 1) {
      for (let r = 0; r < rows; r += 1) out[k * N + first + r] = values[r * K + k]!;
    }
  };
  if ('codes' in source) put(0, await bnb4Values(source));
  else for await (const { row, values } of rowsOf(source, N).read(0)) put(row, values);
  return out;
}

/** Plans a tensor that a package stores in float32. */
export function densePlan(source: TensorEntry, name: string, shape: number[]): TensorPlan {
  return {
    name,
    dtype: 'F32',
    shape,
    async *produce() {
      yield bytesOf(await readValues(source));
    },
  };
}

function embeddingPlans(checkpoint: Checkpoint, type: EmbeddingType): TensorPlan[] {
  const { vocabSize, hiddenSize } = checkpoint.config;
  const source = needTensor(checkpoint, tensorName.embedding, [vocabSize, hiddenSize]);
  const headers = embeddingTensors(checkpoint.config, type) as [TensorHeader, TensorHeader?];
  return convertedPlans(rowsOf(source, vocabSize), headers, (values) =>
    encodeRows(type, values, hiddenSize),
  );
}
