import { createSHA256 } from 'hash-wasm';
import { TiebreakError, throwIfAborted } from '../core/errors.ts';
import { type PackageFiles, readAll } from '../storage/package-files.ts';
import type { PackageSink } from '../storage/sink.ts';
import { type Adapter, readAdapter } from './adapter.ts';
import { transpose } from './arrays.ts';
import { type Checkpoint, needTensor, openCheckpoint, readRows, readValues } from './checkpoint.ts';
import { LINEAR_NAMES, type LinearName, linearShape, modulePath, NORM_NAMES } from './config.ts';
import { encodeFloat16 } from './dtype.ts';
import { quantizeInt4 } from './int4.ts';
import { adapterDirectory, MANIFEST, type Manifest } from './manifest.ts';
import { dequantizeNf4, type Nf4Weights, quantizeNf4, readBnbNf4 } from './nf4.ts';
import { classifierGraph } from './onnx/classifier.ts';
import { linearTensors } from './onnx/graphs.ts';
import { BLOCK_SIZE, type Quantization } from './onnx/layer.ts';
import { tensorName } from './package.ts';
import {
  type PlacedTensor,
  readSafetensors,
  safetensorsHeader,
  type TensorHeader,
  tensorSize,
} from './safetensors.ts';

/** `keep`: NF4 codes of the checkpoint as they are. The others convert. */
export type QuantOption = Quantization | 'keep';

export interface BuildOptions {
  base: PackageFiles;
  /** Adapter directories by the name they get in the package. */
  adapters: { name: string; files: PackageFiles; notice?: string }[];
  /** Where `tokenizer.json` and `tokenizer_config.json` lie, when not in `base`. */
  tokenizer?: PackageFiles;
  /** Default: `keep` for a bitsandbytes checkpoint, `nf4` for a dense one. */
  quant?: QuantOption;
  /** Default: float32 for `none`, else float16. */
  embedding?: Manifest['embedding'];
  /** Default: as in config.json. */
  softCap?: number | null;
  name: string;
  notice?: string;
  signal?: AbortSignal;
  /** Called with bytes of weights written so far and in all. */
  onProgress?: (done: number, total: number) => void;
}

/** A tensor to be written: its header, and its bytes in pieces when its turn comes. */
interface TensorPlan extends TensorHeader {
  produce(): AsyncIterable<Uint8Array>;
}

// ONNX Runtime and many file systems have trouble from 2 GiB on.
const SHARD_BYTES = 2 ** 31 - 2 ** 24;
const EMBEDDING_ROWS = 4096;

/**
 * Writes a model package from a Hugging Face checkpoint and PEFT adapters, one tensor at a time.
 * The manifest is written last: a directory without it is not a package.
 * @returns the manifest.
 */
export async function buildPackage(options: BuildOptions, sink: PackageSink): Promise<Manifest> {
  const checkpoint = await openCheckpoint(options.base);
  const quantization = chooseQuantization(checkpoint, options.quant);
  const embedding = options.embedding ?? (quantization === 'none' ? 'float32' : 'float16');
  const softCap = options.softCap === undefined ? checkpoint.config.attnSoftCap : options.softCap;
  const writer = new HashingWriter(sink, options.signal);

  const adapters: Adapter[] = [];
  for (const { name, files } of options.adapters) {
    adapters.push(await readAdapter(files, '', name, checkpoint.config));
  }
  const hasScore = checkpoint.tensors.has(tensorName.score);
  const headless = adapters.find((adapter) => adapter.score === null);
  if (!hasScore && (adapters.length === 0 || headless !== undefined)) {
    throw new TiebreakError(
      'model/no-score',
      `Neither the checkpoint nor ${headless === undefined ? 'an adapter' : `the adapter ${headless.name}`} has a score head (score.weight).`,
      { action: 'Give an adapter that was trained with modules_to_save=["score"].' },
    );
  }

  const plan = [
    ...embeddingPlan(checkpoint, embedding),
    ...layerPlans(checkpoint, quantization),
    densePlan(checkpoint, tensorName.finalNorm, [checkpoint.config.hiddenSize]),
    ...(hasScore
      ? [densePlan(checkpoint, tensorName.score, [3, checkpoint.config.hiddenSize])]
      : []),
  ];
  const shards = await writeShards(plan, writer, options.onProgress);

  await writer.write('config.json', new TextEncoder().encode(checkpoint.configText));
  const tokenizer = options.tokenizer ?? options.base;
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    const bytes = await readOptional(tokenizer, file);
    if (bytes !== undefined) await writer.write(file, bytes);
  }
  for (const { name, files } of options.adapters) {
    for (const file of ['adapter_config.json', 'adapter_model.safetensors']) {
      await writer.write(`${adapterDirectory(name)}/${file}`, await readAll(files, file));
    }
  }
  const graphs = [...(hasScore ? [undefined] : []), ...adapters];
  for (const adapter of graphs) {
    const path = adapter === undefined ? 'model.onnx' : `model_${adapter.name}.onnx`;
    const graph = classifierGraph(checkpoint.config, {
      quantization,
      softCap,
      shards,
      adapter: adapter && {
        directory: adapterDirectory(adapter.name),
        layers: adapter.layers,
        tensors: await readSafetensors(
          await options.adapters
            .find((a) => a.name === adapter.name)!
            .files.open('adapter_model.safetensors'),
        ),
      },
    });
    await writer.write(path, graph);
  }

  const manifest: Manifest = {
    format: 'tiebreak-package',
    version: 1,
    name: options.name,
    quantization,
    embedding,
    softCap,
    template: 'lmsys-notebook',
    ...(options.notice === undefined ? {} : { notice: options.notice }),
    shards: [...new Set([...shards.values()].map((tensor) => tensor.location))],
    adapters: options.adapters.map(({ name, notice }) => ({
      name,
      ...(notice === undefined ? {} : { notice }),
    })),
    files: writer.files,
  };
  await writer.write(MANIFEST, new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`));
  return manifest;
}

function chooseQuantization(checkpoint: Checkpoint, option: QuantOption | undefined): Quantization {
  const wanted = option ?? (checkpoint.bnb4 ? 'keep' : 'nf4');
  const refuse = (message: string, action: string): never => {
    throw new TiebreakError('model/quantization', message, { action });
  };
  if (wanted === 'keep') {
    if (!checkpoint.bnb4) {
      refuse(
        'The checkpoint is not a bitsandbytes 4-bit one, so there are no codes to keep.',
        'Use --quant nf4, int4 or none.',
      );
    }
    return 'nf4';
  }
  if (checkpoint.bnb4 && wanted === 'int4') {
    refuse(
      'The checkpoint is NF4 already; a second quantisation to int4 would add its error to the first.',
      'Use --quant keep, or build int4 from the bfloat16 checkpoint.',
    );
  }
  if (wanted !== 'none') {
    for (const name of LINEAR_NAMES) {
      const { K } = linearShape(checkpoint.config, name);
      if (K % BLOCK_SIZE[wanted] !== 0) {
        refuse(
          `${name} has ${K} input features, not a multiple of ${BLOCK_SIZE[wanted]}.`,
          'Use --quant none.',
        );
      }
    }
  }
  return wanted;
}

function* layerPlans(checkpoint: Checkpoint, quantization: Quantization): Generator<TensorPlan> {
  const { config } = checkpoint;
  for (let layer = 0; layer < config.numLayers; layer += 1) {
    for (const norm of NORM_NAMES) {
      yield densePlan(checkpoint, tensorName.layer(layer, `${norm}.weight`), [config.hiddenSize]);
    }
    for (const name of LINEAR_NAMES) yield* linearPlans(checkpoint, layer, name, quantization);
  }
}

function linearPlans(
  checkpoint: Checkpoint,
  layer: number,
  name: LinearName,
  quantization: Quantization,
): TensorPlan[] {
  const { K, N } = linearShape(checkpoint.config, name);
  const weight = tensorName.layer(layer, `${modulePath(name)}.weight`);
  const specs = linearTensors(checkpoint.config, name, quantization);
  const dense = async () => {
    if (checkpoint.bnb4) return dequantizeNf4(await readBnbNf4(checkpoint.tensors, weight, [N, K]));
    return readValues(needTensor(checkpoint, weight, [N, K]));
  };
  if (quantization === 'none') {
    const produce = async function* () {
      yield bytesOf(transpose(await dense(), N, K));
    };
    return [{ name: weight, dtype: 'F32', shape: specs.weight.shape, produce }];
  }
  // Codes and scales come from one pass over the layer; the second tensor finds the result of the first.
  let converted: Promise<{ codes: Uint8Array; scales: Float32Array }> | undefined;
  const convert = () => {
    converted ??= (async () => {
      if (quantization === 'int4') return quantizeInt4(await dense());
      const { codes, absmax }: Nf4Weights = checkpoint.bnb4
        ? await readBnbNf4(checkpoint.tensors, weight, [N, K])
        : quantizeNf4(await dense());
      return { codes, scales: absmax };
    })();
    return converted;
  };
  return [
    {
      name: weight,
      dtype: 'U8',
      shape: specs.weight.shape,
      async *produce() {
        yield (await convert()).codes;
      },
    },
    {
      name: tensorName.scales(weight, quantization),
      dtype: 'F32',
      shape: specs.scales!.shape,
      async *produce() {
        yield bytesOf((await convert()).scales);
        converted = undefined;
      },
    },
  ];
}

function densePlan(checkpoint: Checkpoint, name: string, shape: number[]): TensorPlan {
  return {
    name,
    dtype: 'F32',
    shape,
    async *produce() {
      yield bytesOf(await readValues(needTensor(checkpoint, name, shape)));
    },
  };
}

function embeddingPlan(checkpoint: Checkpoint, type: Manifest['embedding']): TensorPlan[] {
  const { vocabSize, hiddenSize } = checkpoint.config;
  const source = () => needTensor(checkpoint, tensorName.embedding, [vocabSize, hiddenSize]);
  const rows = async function* () {
    for (let row = 0; row < vocabSize; row += EMBEDDING_ROWS) {
      yield await readRows(source(), row, Math.min(vocabSize, row + EMBEDDING_ROWS));
    }
  };
  const plan = (
    name: string,
    dtype: TensorHeader['dtype'],
    shape: number[],
    encode: (values: Float32Array<ArrayBuffer>) => Uint8Array,
  ): TensorPlan => ({
    name,
    dtype,
    shape,
    async *produce() {
      for await (const values of rows()) yield encode(values);
    },
  });
  const shape = [vocabSize, hiddenSize];
  if (type === 'float32') return [plan(tensorName.embedding, 'F32', shape, bytesOf)];
  if (type === 'float16') {
    return [plan(tensorName.embedding, 'F16', shape, (values) => bytesOf(encodeFloat16(values)))];
  }
  return [
    plan(tensorName.embedding, 'I8', shape, (values) =>
      bytesOf(quantizeRows(values, hiddenSize).codes),
    ),
    plan(tensorName.embeddingScales, 'F32', [vocabSize], (values) =>
      bytesOf(quantizeRows(values, hiddenSize).scales),
    ),
  ];
}

/** Symmetric 8-bit rows: value = code * scale, the largest of a row on ±127. */
function quantizeRows(
  values: Float32Array,
  width: number,
): { codes: Int8Array; scales: Float32Array } {
  const codes = new Int8Array(values.length);
  const scales = new Float32Array(values.length / width);
  for (let r = 0; r < scales.length; r += 1) {
    const row = values.subarray(r * width, (r + 1) * width);
    let max = 0;
    for (const value of row) max = Math.max(max, Math.abs(value));
    scales[r] = max / 127;
    if (max === 0) continue;
    for (let i = 0; i < width; i += 1) codes[r * width + i] = Math.round(row[i]! / scales[r]!);
  }
  return { codes, scales };
}

async function writeShards(
  plan: TensorPlan[],
  writer: HashingWriter,
  onProgress: BuildOptions['onProgress'],
): Promise<Map<string, PlacedTensor>> {
  const shards: TensorPlan[][] = [[]];
  let room = SHARD_BYTES;
  for (const tensor of plan) {
    const size = tensorSize(tensor);
    if (size > room && shards.at(-1)!.length > 0) {
      shards.push([]);
      room = SHARD_BYTES;
    }
    shards.at(-1)!.push(tensor);
    room -= size;
  }
  const total = plan.reduce((sum, tensor) => sum + tensorSize(tensor), 0);
  const placed = new Map<string, PlacedTensor>();
  const number = (n: number) => String(n).padStart(5, '0');
  let done = 0;
  for (const [index, tensors] of shards.entries()) {
    const location = `model-${number(index + 1)}-of-${number(shards.length)}.safetensors`;
    const { bytes, offsets } = safetensorsHeader(tensors);
    const file = await writer.create(location);
    await file.write(bytes);
    for (const [i, tensor] of tensors.entries()) {
      const { name, dtype, shape } = tensor;
      placed.set(name, {
        name,
        dtype,
        shape,
        location,
        offset: offsets[i]!,
        length: tensorSize(tensor),
      });
      for await (const piece of tensor.produce()) {
        await file.write(piece);
        done += piece.byteLength;
        onProgress?.(done, total);
      }
    }
    await file.close();
  }
  return placed;
}

/** Writes files and notes their size and sha256 for the manifest. */
class HashingWriter {
  readonly files: Manifest['files'] = {};
  private readonly sink: PackageSink;
  private readonly signal: AbortSignal | undefined;

  constructor(sink: PackageSink, signal: AbortSignal | undefined) {
    this.sink = sink;
    this.signal = signal;
  }

  async create(
    path: string,
  ): Promise<{ write(bytes: Uint8Array): Promise<void>; close(): Promise<void> }> {
    const file = await this.sink.create(path);
    const hash = await createSHA256();
    let bytes = 0;
    return {
      write: async (piece) => {
        throwIfAborted(this.signal);
        hash.update(piece);
        bytes += piece.byteLength;
        await file.write(piece);
      },
      close: async () => {
        await file.close();
        this.files[path] = { bytes, sha256: hash.digest('hex') };
      },
    };
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const file = await this.create(path);
    await file.write(bytes);
    await file.close();
  }
}

async function readOptional(files: PackageFiles, path: string): Promise<Uint8Array | undefined> {
  try {
    return await readAll(files, path);
  } catch (error) {
    if (error instanceof TiebreakError && error.code === 'storage/missing') return undefined;
    throw error;
  }
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
