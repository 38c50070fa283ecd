import * as v from 'valibot';
import { TiebreakError } from '../domain/errors.ts';
import { readAhead, SLICE_BYTES } from '../storage/hash.ts';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import type { Rows } from './arrays.ts';
import { type Bnb4Type, bnb4Type } from './bnb4.ts';
import { parseConfig, readArchitecture } from './config.ts';
import type { DecoderConfig } from './decoder.ts';
import { decodeFloats } from './dtype.ts';
import { explainForeign } from './foreign.ts';
import { type GptqSettings, readGptqSettings } from './gptq.ts';
import { check, parseJson } from './json.ts';
import { readSafetensors, type TensorEntry } from './safetensors.ts';

const INDEX = 'model.safetensors.index.json';
const IndexSchema = v.object({ weight_map: v.record(v.string(), v.string()) });

/** A directory with a Hugging Face checkpoint, of which configuration and headers have been read. */
export interface Checkpoint {
  files: PackageFiles;
  config: DecoderConfig;
  /** The text of `config.json`, unchanged. */
  configText: string;
  /** `architectures[0]` of config.json; null if it names none. */
  architecture: string | null;
  tensors: ReadonlyMap<string, TensorEntry>;
  /** Code book of the linear layers if bitsandbytes saved them in 4 bits, else null. */
  bnb4: Bnb4Type | null;
  /** Settings of the linear layers if they are in GPTQ, else null. */
  gptq: GptqSettings | null;
}

/**
 * Opens a checkpoint: `config.json` and `model.safetensors`, or the shards that `model.safetensors.index.json` names.
 * @throws TiebreakError if a file is missing, damaged or unsupported.
 */
export async function openCheckpoint(files: PackageFiles): Promise<Checkpoint> {
  const configText = await explainForeign(files, 'checkpoint', () =>
    readText(files, 'config.json'),
  );
  const config = parseConfig(configText);
  const architecture = readArchitecture(configText);
  const tensors = new Map<string, TensorEntry>();
  const shardOf = new Map<string, string>();
  const shards = await shardNames(files);
  for (const shard of shards.names) {
    const source = await explainForeign(files, 'checkpoint', () => files.open(shard));
    for (const [name, entry] of await readSafetensors(source)) {
      const other = shardOf.get(name);
      if (other !== undefined) {
        throw new TiebreakError('model/index', {
          params: { name, other, shard },
          place: { file: shard },
        });
      }
      shardOf.set(name, shard);
      tensors.set(name, entry);
    }
  }
  for (const [name, shard] of shards.expected) {
    if (shardOf.get(name) !== shard) {
      throw new TiebreakError('model/missing-tensor:shard', {
        params: { name, shard },
        place: { file: shard },
      });
    }
  }
  const bnb4 = bnb4Type(tensors, 'model.layers.0.self_attn.q_proj.weight');
  const gptq = await gptqSettings(files, configText, tensors);
  return { files, config, configText, architecture, tensors, bnb4, gptq };
}

/** The settings of a checkpoint in GPTQ, from config.json or, in older ones, quantize_config.json; null for others. */
async function gptqSettings(
  files: PackageFiles,
  configText: string,
  tensors: ReadonlyMap<string, TensorEntry>,
): Promise<GptqSettings | null> {
  const { quantization_config: named } = JSON.parse(configText) as {
    quantization_config?: unknown;
  };
  if (named != null) return readGptqSettings(named, 'config.json');
  if (!tensors.has('model.layers.0.self_attn.q_proj.qweight')) return null;
  const file = 'quantize_config.json';
  return readGptqSettings(parseJson(await readText(files, file), file, 'model/config'), file);
}

async function shardNames(
  files: PackageFiles,
): Promise<{ names: string[]; expected: [string, string][] }> {
  let index: string;
  try {
    index = await readText(files, INDEX);
  } catch (error) {
    if (!(error instanceof TiebreakError) || error.code !== 'storage/missing') throw error;
    return { names: ['model.safetensors'], expected: [] };
  }
  const { weight_map } = check(
    IndexSchema,
    parseJson(index, INDEX, 'model/index'),
    INDEX,
    'model/index',
  );
  const expected = Object.entries(weight_map);
  return { names: [...new Set(expected.map(([, shard]) => shard))].sort(), expected };
}

/**
 * Finds a float tensor of the given shape.
 * @throws TiebreakError `model/missing-tensor`, or `model/shape` for another shape or element type.
 */
export function needTensor(
  checkpoint: Pick<Checkpoint, 'tensors'>,
  name: string,
  shape: number[],
): TensorEntry {
  const entry = checkpoint.tensors.get(name);
  if (entry === undefined) {
    throw new TiebreakError('model/missing-tensor', { params: { name } });
  }
  if (entry.shape.join() !== shape.join() || !['F32', 'F16', 'BF16'].includes(entry.dtype)) {
    throw new TiebreakError('model/shape', {
      params: { tensor: name, dtype: entry.dtype, shape: entry.shape, expected: shape },
      place: { file: entry.source.name },
    });
  }
  return entry;
}

/**
 * Reads the rows of a tensor from row `from` on as float32, in pieces of a few MB, some of which are read ahead.
 * @throws TiebreakError `model/nan` for a value that is not finite.
 */
export async function* readRows(entry: TensorEntry, from = 0): AsyncGenerator<Rows> {
  const rows = entry.shape[0]!;
  const rowBytes = (entry.end - entry.start) / rows;
  const step = Math.max(1, Math.floor(SLICE_BYTES / rowBytes));
  const reads = function* () {
    for (let row = from; row < rows; row += step) {
      const start = entry.start + row * rowBytes;
      const end = Math.min(entry.end, start + step * rowBytes);
      yield async () => ({ row, start, bytes: await entry.source.read(start, end) });
    }
  };
  for await (const { row, start, bytes } of readAhead(reads())) {
    const values = decodeFloats(bytes, entry.dtype);
    checkFinite(entry, values, start, bytes.byteLength);
    yield { row, values };
  }
}

function checkFinite(entry: TensorEntry, values: Float32Array, start: number, bytes: number): void {
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isFinite(values[i])) continue;
    throw new TiebreakError('model/nan', {
      params: { tensor: entry.name, value: String(values[i]) },
      place: { file: entry.source.name, byte: start + (i * bytes) / values.length },
    });
  }
}

/** Reads a whole tensor as float32. @throws TiebreakError `model/nan` for a value that is not finite. */
export async function readValues(entry: TensorEntry): Promise<Float32Array<ArrayBuffer>> {
  const values = new Float32Array(entry.shape.reduce((n, d) => n * d, 1));
  const width = values.length / (entry.shape[0] ?? 1);
  for await (const rows of readRows(entry)) values.set(rows.values, rows.row * width);
  return values;
}
