import * as v from 'valibot';
import { errorAt, TiebreakError } from '../domain/errors.ts';
import { SLICE_BYTES } from '../storage/hash.ts';
import type { Rows } from './arrays.ts';
import { type DType, decodeFloats } from './dtype.ts';
import {
  dequantizeGptq,
  inverseOf,
  orderByGroup,
  packZeros,
  placeCodes,
  zeroBytes,
  zeroPoints,
} from './formats/gptq.ts';
import { GPTQ_BLOCKS, type GptqBits, type GptqFormat, gptqFormat } from './formats/quantization.ts';
import { check } from './json.ts';
import { type TensorEntry, tensorBytes } from './safetensors.ts';

/** The settings of a GPTQ checkpoint, which hold for all of its linear layers. */
export interface GptqSettings {
  bits: GptqBits;
  /** Features of the input that share a scale; null for all of them. */
  groupSize: number | null;
  /** True for AutoGPTQ's first format, which stores zero points minus one. */
  storesOneLess: boolean;
}

const Settings = v.object({
  quant_method: v.nullish(v.string()),
  bits: v.pipe(v.number(), v.integer()),
  group_size: v.pipe(v.number(), v.integer()),
  checkpoint_format: v.nullish(v.string()),
  // Left out: any map of modules, whose tensors tell the same.
});

/**
 * Reads the settings of a GPTQ checkpoint.
 * @param raw `quantization_config` of a config.json, or a quantize_config.json.
 * @returns null for bitsandbytes, whose tensors tell everything.
 * @throws TiebreakError `model/gptq` for another method, format or number of bits.
 */
export function readGptqSettings(raw: unknown, file: string): GptqSettings | null {
  const method = (raw as { quant_method?: unknown } | null)?.quant_method ?? 'gptq';
  if (method === 'bitsandbytes') return null;
  if (method !== 'gptq') throw errorAt({ file }, 'model/gptq:method', { method: shown(method) });
  const settings = check(Settings, raw, file, 'model/config');
  const { bits, group_size: group } = settings;
  const format = settings.checkpoint_format ?? 'gptq';
  if (format !== 'gptq' && format !== 'gptq_v2') {
    throw errorAt({ file }, 'model/gptq:format', { format });
  }
  if (bits !== 4 && bits !== 8) throw errorAt({ file }, 'model/gptq:bits', { bits });
  if (group !== -1 && group < 1) throw errorAt({ file }, 'model/gptq:group', { group });
  return { bits, groupSize: group === -1 ? null : group, storesOneLess: format === 'gptq' };
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : typeof value;
}

/** A linear layer [N, K] of a GPTQ checkpoint, its headers and the groups of its features checked. */
export interface GptqLinear {
  settings: GptqSettings;
  N: number;
  K: number;
  groups: number;
  /** The feature of the input at each place, sorted by group. */
  order: Int32Array<ArrayBuffer>;
  qweight: TensorEntry;
  qzeros: TensorEntry;
  scales: TensorEntry;
}

/**
 * Opens a linear layer of a GPTQ checkpoint. Of its data only `g_idx` is read.
 * @param weight the name that its dense weight would have.
 * @throws TiebreakError `model/gptq`, `model/missing-tensor`.
 */
export async function openGptq(
  tensors: ReadonlyMap<string, TensorEntry>,
  weight: string,
  [N, K]: [number, number],
  settings: GptqSettings,
): Promise<GptqLinear> {
  const { bits } = settings;
  const module = weight.replace(/\.weight$/, '');
  const size = settings.groupSize ?? K;
  const perWord = 32 / bits;
  if (K % size !== 0 || K % perWord !== 0 || N % perWord !== 0) {
    throw new TiebreakError('model/gptq:divides', { params: { module, N, K, size, perWord } });
  }
  const groups = K / size;
  const sized = (name: string, dtypes: DType[], shape: number[]): TensorEntry => {
    const entry = tensors.get(name);
    if (entry === undefined) {
      throw new TiebreakError('model/missing-tensor', { params: { name } });
    }
    if (dtypes.includes(entry.dtype) && entry.shape.join() === shape.join()) return entry;
    throw errorAt({ file: entry.source.name }, 'model/shape', {
      tensor: name,
      dtype: entry.dtype,
      shape: entry.shape,
      expected: shape,
    });
  };
  const qweight = sized(`${module}.qweight`, ['I32'], [K / perWord, N]);
  const qzeros = sized(`${module}.qzeros`, ['I32'], [groups, N / perWord]);
  const scales = sized(`${module}.scales`, ['F16'], [groups, N]);
  const groupOf = tensors.has(`${module}.g_idx`)
    ? await readWords(sized(`${module}.g_idx`, ['I32'], [K]), Int32Array)
    : Int32Array.from({ length: K }, (_, k) => Math.floor(k / size));
  const place = { file: tensors.get(`${module}.g_idx`)?.source.name };
  const bad = groupOf.findIndex((group) => group < 0 || group >= groups);
  if (bad >= 0) {
    const params = { module, feature: bad, group: groupOf[bad]!, last: groups - 1 };
    throw new TiebreakError('model/gptq:index', { params, place });
  }
  const order = orderByGroup(groupOf, groups);
  if (order === null) {
    throw new TiebreakError('model/gptq:uneven', { params: { module, size }, place });
  }
  return { settings, N, K, groups, order, qweight, qzeros, scales };
}

async function readWords<T extends Int32Array | Uint32Array>(
  entry: TensorEntry,
  make: { new (buffer: ArrayBuffer): T },
): Promise<T> {
  return new make((await tensorBytes(entry)).slice().buffer);
}

/** The parts of a linear layer in a package: scales and zero points of blocks of `block` features each. */
export interface GptqParts {
  /** The codes, see `placeCodes`: N * K * bits / 8 bytes, the only ones in memory beside a slice of the file. */
  codes(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Float32 [N, K / block].
   * @throws TiebreakError `model/nan` for a scale that is not finite.
   */
  scales(): Promise<Float32Array<ArrayBuffer>>;
  /** [N, K / block], see `packZeros`. */
  zeros(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Reads a linear layer in parts. @param block divides its groups, whose scales are repeated. */
export function gptqParts(linear: GptqLinear, block: number): GptqParts {
  const { settings, N, K, groups } = linear;
  const blocks = K / block;
  const perGroup = blocks / groups;
  // From [groups, N] to [N, blocks].
  const spread = <T extends Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(
    from: T,
    to: T,
  ) => {
    for (let n = 0; n < N; n += 1) {
      for (let b = 0; b < blocks; b += 1) {
        to[n * blocks + b] = from[Math.floor(b / perGroup) * N + n]!;
      }
    }
    return to;
  };
  return {
    codes: () => readCodes(linear),
    scales: async () => spread(await readScales(linear), new Float32Array(N * blocks)),
    zeros: async () => {
      const zeros = spread(await readZeros(linear), new Uint8Array(N * blocks));
      return packZeros(zeros, blocks, settings.bits);
    },
  };
}

/** True if features do not come in the order of their groups. */
function isReordered({ order }: GptqLinear): boolean {
  return order.some((k, place) => k !== place);
}

/**
 * The format in which a package keeps the codes of these linear layers.
 * @throws TiebreakError `model/gptq:block` if their groups are not made of blocks of any size that packages have.
 */
export function keptFormat(linears: readonly GptqLinear[]): GptqFormat {
  const sizes = linears.map(({ K, groups }) => K / groups);
  const block = GPTQ_BLOCKS.find((candidate) => sizes.every((size) => size % candidate === 0));
  if (block === undefined) {
    const size = sizes.find((one) => one % GPTQ_BLOCKS.at(-1)! !== 0)!;
    throw new TiebreakError('model/gptq:block', { params: { size, of: GPTQ_BLOCKS.at(-1)! } });
  }
  const { bits } = linears[0]!.settings;
  return gptqFormat({ bits, block, actOrder: linears.some(isReordered) });
}

/** Reads the scales [groups, N] as float32. */
async function readScales({ scales }: GptqLinear): Promise<Float32Array<ArrayBuffer>> {
  const values = decodeFloats(await tensorBytes(scales), 'F16');
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad === undefined) return values;
  throw new TiebreakError('model/nan:scale', {
    params: { name: scales.name, bad: String(bad) },
    place: { file: scales.source.name, byte: scales.start },
  });
}

/** Reads the zero points [groups, N]. */
async function readZeros({ settings, N, qzeros }: GptqLinear): Promise<Uint8Array<ArrayBuffer>> {
  const words = await readWords(qzeros, Uint32Array);
  return zeroPoints({ bits: settings.bits, N, qzeros: words }, settings.storesOneLess);
}

async function readCodes(linear: GptqLinear): Promise<Uint8Array<ArrayBuffer>> {
  const { settings, N, K, order, qweight } = linear;
  const out = new Uint8Array((N * K * settings.bits) / 8);
  const placeOf = inverseOf(order);
  const rowBytes = N * 4;
  const step = Math.max(1, Math.floor(SLICE_BYTES / rowBytes)) * rowBytes;
  let row = 0;
  for (let from = qweight.start; from < qweight.end; from += step) {
    const bytes = await qweight.source.read(from, Math.min(qweight.end, from + step));
    const words = new Uint32Array(bytes.slice().buffer);
    placeCodes(words, row, { bits: settings.bits, N, K }, placeOf, out);
    row += words.length / N;
  }
  return out;
}

/**
 * Yields the dequantised rows of a layer [N, K] from row `from` on, features in their own order, in pieces of a few MB.
 */
export async function* gptqRows(linear: GptqLinear, from = 0): AsyncGenerator<Rows> {
  const { settings, N, K, groups, order } = linear;
  const { bits } = settings;
  const block = K / groups;
  const parts = gptqParts(linear, block);
  const codes = await parts.codes();
  const scales = await parts.scales();
  const zeros = await parts.zeros();
  const zerosOfRow = zeroBytes(groups, bits);
  const step = Math.max(1, Math.floor(SLICE_BYTES / 4 / K));
  for (let first = from; first < N; first += step) {
    const last = Math.min(N, first + step);
    const part = {
      codes: codes.subarray((first * K * bits) / 8, (last * K * bits) / 8),
      scales: scales.subarray(first * groups, last * groups),
      zeros: zeros.subarray(first * zerosOfRow, last * zerosOfRow),
    };
    yield { row: first, values: dequantizeGptq(part, { bits, block, K }, order) };
  }
}
