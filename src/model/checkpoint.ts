import * as v from 'valibot';
import { TiebreakError } from '../core/errors.ts';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import { check, type Gemma2Config, parseConfig, parseJson } from './config.ts';
import { decodeFloats } from './dtype.ts';
import { isBnb4 } from './nf4.ts';
import { readSafetensors, type TensorEntry } from './safetensors.ts';

const INDEX = 'model.safetensors.index.json';
const IndexSchema = v.object({ weight_map: v.record(v.string(), v.string()) });

/** A Hugging Face checkpoint directory whose headers were read. */
export interface Checkpoint {
  files: PackageFiles;
  config: Gemma2Config;
  /** `config.json` as it is. */
  configText: string;
  tensors: ReadonlyMap<string, TensorEntry>;
  /** Are its linear layers bitsandbytes 4-bit codes? */
  bnb4: boolean;
}

/**
 * Opens a checkpoint: `config.json` and `model.safetensors`, or the shards that `model.safetensors.index.json` names.
 * @throws TiebreakError when something is missing, damaged or unsupported.
 */
export async function openCheckpoint(files: PackageFiles): Promise<Checkpoint> {
  const configText = await readText(files, 'config.json');
  const config = parseConfig(configText);
  const tensors = new Map<string, TensorEntry>();
  const shards = await shardNames(files);
  for (const shard of shards.names) {
    for (const [name, entry] of await readSafetensors(await files.open(shard))) {
      tensors.set(name, entry);
    }
  }
  for (const [name, shard] of shards.expected) {
    if (!tensors.has(name)) {
      throw new TiebreakError(
        'model/missing-tensor',
        `${INDEX} places ${name} in ${shard}, which lacks it.`,
        {
          action: 'Fetch the shard again.',
          place: { file: shard },
        },
      );
    }
  }
  const bnb4 = isBnb4(tensors, 'model.layers.0.self_attn.q_proj.weight');
  return { files, config, configText, tensors, bnb4 };
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

/** A tensor of real numbers and the given shape. @throws TiebreakError naming it when it is missing or differs. */
export function needTensor(checkpoint: Checkpoint, name: string, shape: number[]): TensorEntry {
  const entry = checkpoint.tensors.get(name);
  if (entry === undefined) {
    throw new TiebreakError('model/missing-tensor', `The checkpoint lacks the tensor ${name}.`, {
      action: 'A shard is missing, or this is not a Gemma-2 checkpoint.',
    });
  }
  if (entry.shape.join() !== shape.join() || !['F32', 'F16', 'BF16'].includes(entry.dtype)) {
    throw new TiebreakError(
      'model/shape',
      `${name} is ${entry.dtype} [${entry.shape.join(', ')}]; config.json asks for real numbers [${shape.join(', ')}].`,
      { place: { file: entry.source.name } },
    );
  }
  return entry;
}

/** Rows `from` to `to` of a two-dimensional tensor as float32. @throws TiebreakError `model/nan` for a value that is not finite. */
export async function readRows(
  entry: TensorEntry,
  from: number,
  to: number,
): Promise<Float32Array<ArrayBuffer>> {
  const rowBytes = (entry.end - entry.start) / entry.shape[0]!;
  const start = entry.start + from * rowBytes;
  const values = decodeFloats(
    await entry.source.read(start, entry.start + to * rowBytes),
    entry.dtype,
  );
  for (let i = 0; i < values.length; i += 1) {
    if (!Number.isFinite(values[i])) {
      throw new TiebreakError('model/nan', `${entry.name} holds ${values[i]}.`, {
        action: 'The checkpoint is damaged.',
        place: {
          file: entry.source.name,
          byte: start + (i * (to - from) * rowBytes) / values.length,
        },
      });
    }
  }
  return values;
}

/** A whole tensor as float32. */
export function readValues(entry: TensorEntry): Promise<Float32Array<ArrayBuffer>> {
  return readRows(entry, 0, entry.shape[0]!);
}
