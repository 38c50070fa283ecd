import { createSHA256 } from 'hash-wasm';
import { TiebreakError } from '../domain/errors.ts';
import { classifierGraph } from '../engine/ort/onnx/classifier.ts';
import { type Adapter, adapterMatrices, matrixValues, readAdapter } from '../model/adapter.ts';
import { type Checkpoint, openCheckpoint } from '../model/checkpoint.ts';
import type { EmbeddingType } from '../model/embedding.ts';
import { BLOCK_SIZE, isGptq, type Quantization } from '../model/formats/quantization.ts';
import { type GptqLinear, keptFormat } from '../model/gptq.ts';
import type { Head } from '../model/heads/head.ts';
import { olderPooling } from '../model/heads/pooling.ts';
import { LINEAR_NAMES, type LinearName, linearShape, tensorName } from '../model/layer.ts';
import { adapterDirectory, checkAdapterNames, type Manifest } from '../model/manifest.ts';
import { CHAT_TEMPLATE, MANIFEST } from '../model/manifest-name.ts';
import { ModelPackage, verifyFiles } from '../model/package.ts';
import { type PlacedTensor, safetensorsHeader, tensorSize } from '../model/safetensors.ts';
import { computeSelfTest, SELF_TEST, withManifest } from '../model/selftest.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { slices } from '../storage/hash.ts';
import type { PackageFiles } from '../storage/package-files.ts';
import type { PackageSink } from '../storage/sink.ts';
import { type ChatOptions, findChat } from './chat-template.ts';
import { type HeadOptions, planHead } from './head-plan.ts';
import { PackageWriter, type Pieces, type WriteOptions } from './package-writer.ts';
import { type LinearSources, openLinears, planTensors, type TensorPlan } from './tensor-plan.ts';
import { findTokenizer, TOKENIZER_FILES, type TokenizerOrigin } from './tokenizer-source.ts';

export { JOURNAL } from './package-writer.ts';

/** Quantisation to build: `keep` takes over the checkpoint's codes unchanged, the others convert. */
export type QuantOption = 'keep' | 'none' | 'nf4' | 'int4';

/** The sources of a package, and the choices of its user. */
export interface BuildOptions extends HeadOptions, ChatOptions {
  base: PackageFiles;
  /** Directories of the adapters, each with the name that it gets in the package. */
  adapters: { name: string; files: PackageFiles; notice?: string }[];
  /** The folder of `tokenizer.json` and `tokenizer_config.json`. Default: `base`. */
  tokenizer?: PackageFiles;
  /** The folder of the Gemma-2 tokenizer that ships with Tiebreak, for a base without one and with that vocabulary. */
  shippedTokenizer?: PackageFiles;
  /** Default: `keep` for a checkpoint of codes (bitsandbytes or GPTQ), `nf4` for a dense one. */
  quant?: QuantOption;
  /**
   * With `nf4` from wider types: rounds the scales to 8 bits and back, as bitsandbytes' double quantisation does.
   * Default false.
   */
  doubleQuant?: boolean;
  /** Default: float32 for `none`, else float16. */
  embedding?: EmbeddingType;
  /** Cap of the attention scores, null for none. Default: that of config.json. */
  softCap?: number | null;
  name: string;
  notice?: string;
}

/** Progress and cancellation of a build. */
interface WritePackageOptions extends Omit<WriteOptions, 'onBytes'> {
  onProgress?: (progress: BuildProgress) => void;
}

/** Progress of a build, in bytes of the package. */
export interface BuildProgress {
  /**
   * `weights`: reads, converts and writes. `verify`: reads everything back and compares it with the SHA-256 of the
   * bytes that were written.
   */
  step: 'weights' | 'verify';
  done: number;
  total: number;
  /** Name of the tensor or file in progress. */
  what: string;
}

/** Facts of a package to be written, known from configurations and headers alone. */
export interface PackageFacts {
  /** `architectures[0]` of config.json, for example `Gemma2ForCausalLM`; null if it names none. */
  architecture: string | null;
  layers: number;
  hiddenSize: number;
  vocabSize: number;
  /** The type of the linear layers in the checkpoint: `BF16`, for example, or `NF4` and `FP4` of bitsandbytes. */
  storedAs: string;
  quantization: Quantization;
  /** True if the checkpoint's codes are taken over unchanged. */
  codesKept: boolean;
  embedding: Manifest['embedding'];
  softCap: number | null;
  /** The origin of the tokenizer; null if there is none. */
  tokenizer: TokenizerOrigin | null;
  /** The kind of the heads, and the numbers that each gives. */
  head: Head;
  labels: number;
  /** The day of the chat template; null if the package has none. */
  chatDate: string | null;
  /** The version of Transformers that saved the checkpoint, if it pooled otherwise: see `olderPooling`. */
  olderPooling: string | null;
  /** True if the base has a head of its own. */
  hasScore: boolean;
  adapters: AdapterFacts[];
  /** Bytes of the package's files, without the manifest and the self-test (a few kilobytes). */
  bytes: number;
}

/** Facts of an adapter, known from its headers. */
interface AdapterFacts {
  name: string;
  /** Linear layers that have LoRA matrices in at least one decoder layer. */
  targets: LinearName[];
  /** Number of decoder layers that have LoRA matrices. */
  layers: number;
  /** Smallest and largest rank; zeros without matrices. */
  ranks: [number, number];
  /** True if it has a score head of its own. */
  hasScore: boolean;
}

/** A package that can be written. Everything that can be checked without reading weights has been checked. */
export interface PackagePlan {
  facts: PackageFacts;
  /** Hash of everything that decides the package's bytes, as far as headers and versions of files tell. */
  fingerprint: string;
  /** The files in the order in which they are written; the manifest follows them. */
  files: { path: string; bytes: number; pieces: Pieces }[];
  adapters: Adapter[];
  /** The manifest without the hashes of files, which are known once these are written. */
  manifest: Omit<Manifest, 'files'>;
}

// Shards stay below 2 GiB, above which ONNX Runtime and many file systems have trouble.
const SHARD_BYTES = 2 ** 31 - 2 ** 24;

/**
 * Writes a model package from a Hugging Face checkpoint and PEFT adapters.
 * @returns the manifest.
 * @throws TiebreakError if a source is missing, damaged or unsupported, or if the package cannot be written.
 */
export async function buildPackage(
  options: BuildOptions,
  sink: PackageSink,
  write: WritePackageOptions = {},
): Promise<Manifest> {
  return writePackage(await planPackage(options), sink, write);
}

/**
 * Reads configurations and headers and checks that a package can be made of them. Writes nothing.
 * @throws TiebreakError if a source is missing, damaged or unsupported.
 */
export async function planPackage(options: BuildOptions): Promise<PackagePlan> {
  checkAdapterNames(options.adapters.map(({ name }) => name));
  const checkpoint = await openCheckpoint(options.base);
  const { config } = checkpoint;
  const chosen = chooseQuantization(checkpoint, options);
  const linears = await openLinears(checkpoint);
  const quantization = chosen === 'gptq' ? keptFormat(gptqLinears(linears)) : chosen;
  const embedding = options.embedding ?? (quantization === 'none' ? 'float32' : 'float16');
  const softCap = options.softCap === undefined ? config.attnSoftCap : options.softCap;
  const adapters: Adapter[] = [];
  for (const { name, files } of options.adapters) {
    adapters.push(await readAdapter(files, '', name, config));
  }
  const { head, labels, tensors: headTensors } = planHead(checkpoint, adapters, options);
  const hasScore = headTensors.length > 0;

  const doubleQuant = options.doubleQuant ?? false;
  const tensors = planTensors(checkpoint, linears, { quantization, embedding, doubleQuant });
  const { shards, placed } = planShards([...tensors, ...headTensors]);
  const files = [...shards, memoryFile('config.json', encode(checkpoint.configText))];
  const sources: ByteSource[] = [];
  const copy = async (from: PackageFiles, path: string, to = path) => {
    const source = await from.open(path);
    sources.push(source);
    files.push(copiedFile(to, source));
  };
  const { base, tokenizer: given, shippedTokenizer: shipped } = options;
  const tokenizer = await findTokenizer({ base, tokenizer: given, shipped }, config.vocabSize);
  for (const [i, source] of (tokenizer?.sources ?? []).entries()) {
    // The shipped tokenizer is the same in every version of the app, although its server may report another version.
    if (tokenizer?.origin === 'given') sources.push(source);
    files.push(copiedFile(TOKENIZER_FILES[i]!, source));
  }
  // A reward is that of one answer, so the model reads a conversation; the notebook's text holds both answers.
  const chat = labels === 1 ? await findChat(given ? [given, base] : [base], options) : null;
  if (chat !== null) files.push(memoryFile(CHAT_TEMPLATE, encode(chat.source)));
  for (const { name, files: from } of options.adapters) {
    for (const file of ['adapter_config.json', 'adapter_model.safetensors']) {
      await copy(from, file, `${adapterDirectory(name)}/${file}`);
    }
  }
  for (const adapter of [...(hasScore ? [undefined] : []), ...adapters]) {
    const graph = classifierGraph(config, {
      quantization,
      softCap,
      head,
      shards: placed,
      adapter: adapter && { ...adapter, directory: adapterDirectory(adapter.name) },
    });
    const path = adapter === undefined ? 'model.onnx' : `model_${adapter.name}.onnx`;
    files.push(memoryFile(path, graph));
  }

  const manifest: PackagePlan['manifest'] = {
    format: 'tiebreak-package',
    version: 1,
    name: options.name,
    quantization,
    embedding,
    softCap,
    // Packages of linear heads are those of earlier versions to the byte.
    ...(head.kind === 'linear' && !head.readsLast ? {} : { head }),
    ...(chat === null
      ? { template: 'lmsys-notebook' }
      : { template: 'chat', chat: { date: chat.date } }),
    ...(options.notice === undefined ? {} : { notice: options.notice }),
    shards: shards.map(({ path }) => path),
    adapters: options.adapters.map(({ name, notice }) => ({
      name,
      ...(notice === undefined ? {} : { notice }),
    })),
  };
  for (const { source } of checkpoint.tensors.values()) {
    if (!sources.includes(source)) sources.push(source);
  }
  return {
    facts: {
      architecture: checkpoint.architecture,
      layers: config.numLayers,
      hiddenSize: config.hiddenSize,
      vocabSize: config.vocabSize,
      storedAs:
        checkpoint.bnb4?.toUpperCase() ??
        (checkpoint.gptq && `GPTQ ${checkpoint.gptq.bits} bit`) ??
        checkpoint.tensors.get(tensorName.layer(0, 'self_attn.q_proj.weight'))!.dtype,
      quantization,
      codesKept: isGptq(quantization) || (checkpoint.bnb4 !== null && quantization !== 'none'),
      embedding,
      softCap,
      tokenizer: tokenizer?.origin ?? null,
      head,
      labels,
      chatDate: chat?.date ?? null,
      olderPooling: olderPooling(checkpoint.configText, config, head),
      hasScore,
      adapters: adapters.map(adapterFacts),
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    },
    fingerprint: await fingerprint(
      checkpoint,
      manifest,
      { doubleQuant, chat: chat?.source },
      files,
      sources,
    ),
    files,
    adapters,
    manifest,
  };
}

/**
 * Writes a planned package, or the rest of it: after an interruption the same plan continues where it stopped. All
 * files are read back and compared at the end. The manifest is written last: a directory without it is not a package.
 * @returns the manifest.
 * @throws TiebreakError; {@link isWorthKeeping} tells if a later call can continue from what was written.
 */
export async function writePackage(
  plan: PackagePlan,
  sink: PackageSink,
  { signal, onProgress, checkpointBytes }: WritePackageOptions = {},
): Promise<Manifest> {
  const total = plan.facts.bytes;
  // Adapters are small. They are checked first, so that a damaged one is found before hours of reading weights.
  for (const adapter of plan.adapters) {
    for (const matrix of adapterMatrices(adapter)) await matrixValues(matrix);
  }
  const writer = await PackageWriter.open(sink, plan.fingerprint, {
    signal,
    checkpointBytes,
    // The self-test is written after all planned files and is not part of `total`.
    onBytes: (done, what) => {
      if (done <= total) onProgress?.({ step: 'weights', done, total, what });
    },
  });
  for (const { path, pieces } of plan.files) await writer.write(path, pieces);
  try {
    await verifyFiles(sink.files, writer.files, { signal, onProgress });
  } catch (error) {
    const path = error instanceof TiebreakError ? error.place?.file : undefined;
    if (path !== undefined) await writer.discard(path);
    throw error;
  }
  const selfTest = await selfTestFile(plan, sink, writer, signal);
  if (selfTest !== null) await writer.write(selfTest.path, selfTest.pieces);
  const written = [...plan.files, ...(selfTest === null ? [] : [selfTest])];
  const files = Object.fromEntries(written.map(({ path }) => [path, writer.files[path]!]));
  const manifest: Manifest = { ...plan.manifest, files };
  await writer.finish(MANIFEST, encode(`${JSON.stringify(manifest, null, 2)}\n`));
  return manifest;
}

/** Computes the self-test of the written package; null if its weights allow none. */
async function selfTestFile(
  plan: PackagePlan,
  { files }: PackageSink,
  writer: PackageWriter,
  signal: AbortSignal | undefined,
): Promise<PackagePlan['files'][number] | null> {
  const manifest = encode(JSON.stringify({ ...plan.manifest, files: writer.files }));
  const pkg = await ModelPackage.open(withManifest(files, MANIFEST, manifest));
  const test = await computeSelfTest(pkg, signal);
  return test && memoryFile(SELF_TEST, encode(`${JSON.stringify(test)}\n`));
}

/** Areas of errors that mean that a checkpoint or an adapter cannot be used, however often it is tried. */
const REFUSED = /^(model|adapter|safetensors)\//;

/** True if a build that failed with this error can be continued: a refused checkpoint or adapter stays refused. */
export function isWorthKeeping(error: TiebreakError): boolean {
  return !REFUSED.test(error.code);
}

/** The format to build; `gptq` keeps codes of GPTQ, whose groups decide their format. */
function chooseQuantization(
  checkpoint: Checkpoint,
  { quant, doubleQuant }: BuildOptions,
): 'none' | 'nf4' | 'fp4' | 'int4' | 'gptq' {
  const { bnb4, gptq } = checkpoint;
  const wanted = quant ?? (bnb4 === null && gptq === null ? 'nf4' : 'keep');
  if (doubleQuant && (wanted !== 'nf4' || bnb4 !== null)) {
    throw new TiebreakError('model/quantization:double');
  }
  if (wanted !== 'keep' && wanted !== 'none' && gptq?.bits === 4) {
    throw new TiebreakError('model/gptq:keep', { params: { wanted } });
  }
  if (wanted === 'keep') {
    if (gptq !== null) return 'gptq';
    if (bnb4 !== null) return bnb4;
    throw new TiebreakError('model/quantization:keep');
  }
  if (wanted !== 'none' && bnb4 !== null) {
    if (wanted === bnb4) return wanted;
    const params = { stored: bnb4.toUpperCase(), wanted };
    throw new TiebreakError('model/quantization:again', { params });
  }
  if (wanted !== 'none') {
    for (const name of LINEAR_NAMES) {
      const { K: features } = linearShape(checkpoint.config, name);
      const block = BLOCK_SIZE[wanted];
      if (features % block !== 0) {
        throw new TiebreakError('model/quantization:features', {
          params: { name, features, block },
        });
      }
    }
  }
  return wanted;
}

function gptqLinears(sources: LinearSources): GptqLinear[] {
  return sources.flatMap((layer) =>
    Object.values(layer).filter((source): source is GptqLinear => 'qweight' in source),
  );
}

function adapterFacts({ name, layers, head }: Adapter): AdapterFacts {
  const ranks = layers.flatMap((layer) => [...layer.values()].map(({ rank }) => rank));
  return {
    name,
    targets: LINEAR_NAMES.filter((target) => layers.some((layer) => layer.has(target))),
    layers: layers.filter((layer) => layer.size > 0).length,
    ranks: ranks.length === 0 ? [0, 0] : [Math.min(...ranks), Math.max(...ranks)],
    hasScore: head !== null,
  };
}

/**
 * Distributes tensors, in order, over safetensors files of at most {@link SHARD_BYTES}, and finds the place of each.
 */
function planShards(tensors: TensorPlan[]): {
  shards: PackagePlan['files'];
  placed: Map<string, PlacedTensor>;
} {
  const groups: TensorPlan[][] = [[]];
  let room = SHARD_BYTES;
  for (const tensor of tensors) {
    const size = tensorSize(tensor);
    if (size > room && groups.at(-1)!.length > 0) {
      groups.push([]);
      room = SHARD_BYTES;
    }
    groups.at(-1)!.push(tensor);
    room -= size;
  }
  const placed = new Map<string, PlacedTensor>();
  const number = (n: number) => String(n).padStart(5, '0');
  const shards = groups.map((group, index) => {
    const location = `model-${number(index + 1)}-of-${number(groups.length)}.safetensors`;
    const { bytes: header, offsets } = safetensorsHeader(group);
    for (const [i, { name, dtype, shape }] of group.entries()) {
      const length = tensorSize({ name, dtype, shape });
      placed.set(name, { name, dtype, shape, location, offset: offsets[i]!, length });
    }
    const pieces: Pieces = async function* (from) {
      if (from === 0) yield { bytes: header, what: location };
      for (const [i, tensor] of group.entries()) {
        const done = Math.max(0, from - offsets[i]!);
        if (done >= tensorSize(tensor)) continue;
        for await (const bytes of tensor.produce(done)) yield { bytes, what: tensor.name };
      }
    };
    const bytes = offsets.at(-1)! + tensorSize(group.at(-1)!);
    return { path: location, bytes, pieces };
  });
  return { shards, placed };
}

function memoryFile(path: string, content: Uint8Array): PackagePlan['files'][number] {
  return {
    path,
    bytes: content.byteLength,
    async *pieces(from) {
      yield { bytes: content.subarray(from), what: path };
    },
  };
}

function copiedFile(path: string, source: ByteSource): PackagePlan['files'][number] {
  return {
    path,
    bytes: source.size,
    async *pieces(from) {
      for await (const bytes of slices(source, from, source.size)) yield { bytes, what: path };
    },
  };
}

/** {@link PackagePlan.fingerprint}: a plan with the same one may continue what another has written. */
async function fingerprint(
  checkpoint: Checkpoint,
  manifest: PackagePlan['manifest'],
  choices: { doubleQuant: boolean; chat: string | undefined },
  files: PackagePlan['files'],
  sources: ByteSource[],
): Promise<string> {
  const tensors = [...checkpoint.tensors.values()].map(({ name, dtype, shape, start }) => [
    name,
    dtype,
    shape,
    start,
  ]);
  const facts = {
    layout: LAYOUT,
    manifest,
    ...choices,
    config: checkpoint.configText,
    tensors,
    files: files.map(({ path, bytes }) => [path, bytes]),
    sources: sources.map(({ name, size, version }) => [name, size, version]),
  };
  const hash = await createSHA256();
  return hash.update(JSON.stringify(facts)).digest('hex');
}

/** Must be raised when the same inputs begin to give other bytes, so that no build of an older version is continued. */
const LAYOUT = 3;

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
