import * as v from 'valibot';
import { TiebreakError } from '../domain/errors.ts';
import { DTYPE_BYTES, decodeFloats } from './dtype.ts';
import { type Bnb4Weights, dequantizeBnb4, FP4_VALUES, NF4_VALUES } from './formats/nf4.ts';
import { BLOCK_SIZE } from './formats/quantization.ts';
import { check, parseJson } from './json.ts';
import { type TensorEntry, tensorBytes } from './safetensors.ts';

/** Code book of a 4-bit checkpoint. */
export type Bnb4Type = 'nf4' | 'fp4';

/** A linear layer that bitsandbytes saved in 4 bits, its headers and quantisation state checked. */
export interface Bnb4Linear {
  type: Bnb4Type;
  /** N * K / 2 bytes, two codes each, the first in the high half. */
  codes: TensorEntry;
  /**
   * Reads the absmax of each block of 64 as float32. A double quantisation is undone as `dequantize_blockwise` does.
   * Rejects with `model/nan` for a scale that is not finite.
   */
  absmax(): Promise<Float32Array<ArrayBuffer>>;
}

const QuantState = v.object({
  quant_type: v.string(),
  blocksize: v.number(),
  shape: v.array(v.number()),
  nested_blocksize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  nested_offset: v.optional(v.pipe(v.number(), v.finite())),
});

const TYPES: readonly Bnb4Type[] = ['nf4', 'fp4'];

const stateName = (weight: string, type: Bnb4Type) => `${weight}.quant_state.bitsandbytes__${type}`;

/** The code book of `weight` (the name of an [N, K] tensor); null if bitsandbytes did not save it in 4 bits. */
export function bnb4Type(
  tensors: ReadonlyMap<string, TensorEntry>,
  weight: string,
): Bnb4Type | null {
  return TYPES.find((type) => tensors.has(stateName(weight, type))) ?? null;
}

/**
 * Opens a linear layer that bitsandbytes saved in NF4 or FP4. Of its data only the quantisation state is read.
 * @throws TiebreakError `model/unsupported` for another 4-bit type or block size, `model/shape` for sizes that differ,
 *   `model/missing-tensor`.
 */
export async function openBnb4(
  tensors: ReadonlyMap<string, TensorEntry>,
  weight: string,
  [N, K]: [number, number],
): Promise<Bnb4Linear> {
  const need = (name: string): TensorEntry => {
    const tensor = tensors.get(name);
    if (tensor !== undefined) return tensor;
    throw new TiebreakError('model/missing-tensor:state', { params: { name } });
  };
  const type = bnb4Type(tensors, weight) ?? 'nf4';
  const stateEntry = need(stateName(weight, type));
  const file = stateEntry.source.name;
  if (stateEntry.end - stateEntry.start > MAX_STATE_BYTES) {
    throw new TiebreakError('model/bnb-state', {
      params: { tensor: stateEntry.name, bytes: stateEntry.end - stateEntry.start },
      place: { file },
    });
  }
  const stateText = new TextDecoder().decode(await tensorBytes(stateEntry));
  const state = check(
    QuantState,
    parseJson(stateText, file, 'model/bnb-state'),
    file,
    'model/bnb-state',
  );
  if (state.quant_type !== type || state.blocksize !== BLOCK_SIZE[type]) {
    throw new TiebreakError('model/unsupported:blocks', {
      params: { weight, type: state.quant_type, blocksize: state.blocksize },
      place: { file },
    });
  }
  const codes = need(weight);
  if (
    state.shape.join() !== [N, K].join() ||
    codes.dtype !== 'U8' ||
    codes.end - codes.start !== (N * K) / 2
  ) {
    throw new TiebreakError('model/shape:codes', {
      params: {
        tensor: weight,
        shape: state.shape,
        bytes: codes.end - codes.start,
        dtype: codes.dtype,
        expected: [N, K],
      },
      place: { file },
    });
  }
  const sized = (name: string, dtype: 'U8' | 'F32', length: number): TensorEntry => {
    const entry = need(name);
    if (entry.dtype === dtype && entry.end - entry.start === length * DTYPE_BYTES[dtype]) {
      return entry;
    }
    throw new TiebreakError('model/shape:state', {
      params: { tensor: name, dtype: entry.dtype, shape: entry.shape, length, expected: dtype },
      place: { file },
    });
  };
  const floats = async (entry: TensorEntry) => decodeFloats(await tensorBytes(entry), 'F32');
  const blocks = (N * K) / BLOCK_SIZE[type];
  if (need(`${weight}.absmax`).dtype === 'F32') {
    const plain = sized(`${weight}.absmax`, 'F32', blocks);
    return { type, codes, absmax: async () => checkScales(await floats(plain), plain) };
  }
  const nestedBlock = state.nested_blocksize ?? 256;
  const quantized = sized(`${weight}.absmax`, 'U8', blocks);
  const map = sized(`${weight}.nested_quant_map`, 'F32', 256);
  const nested = sized(`${weight}.nested_absmax`, 'F32', Math.ceil(blocks / nestedBlock));
  const offset = Math.fround(state.nested_offset ?? 0);
  const absmax = async () => {
    const [codes8, values, scales] = await Promise.all([
      tensorBytes(quantized),
      floats(map),
      floats(nested),
    ]);
    const out = new Float32Array(blocks);
    for (let i = 0; i < blocks; i += 1) {
      out[i] = Math.fround(values[codes8[i]!]! * scales[Math.floor(i / nestedBlock)]!) + offset;
    }
    return checkScales(out, nested);
  };
  return { type, codes, absmax };
}

// A real quantisation state has about 200 bytes. The size comes from an untrusted header, so reads are bounded.
const MAX_STATE_BYTES = 65_536;

function checkScales(
  absmax: Float32Array<ArrayBuffer>,
  entry: TensorEntry,
): Float32Array<ArrayBuffer> {
  const bad = absmax.find((value) => !Number.isFinite(value));
  if (bad === undefined) return absmax;
  throw new TiebreakError('model/nan:scale', {
    params: { name: entry.name, bad: String(bad) },
    place: { file: entry.source.name, byte: entry.start },
  });
}

/** Reads all codes and scales of a layer. */
export async function readBnb4(linear: Bnb4Linear): Promise<Bnb4Weights> {
  const [codes, absmax] = await Promise.all([tensorBytes(linear.codes), linear.absmax()]);
  return { codes, absmax };
}

/** Reads the values [N, K] of a layer: code book value times absmax, rounded to float32 once. */
export async function bnb4Values(linear: Bnb4Linear): Promise<Float32Array<ArrayBuffer>> {
  return dequantizeBnb4(await readBnb4(linear), linear.type === 'fp4' ? FP4_VALUES : NF4_VALUES);
}
