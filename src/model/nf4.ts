import * as v from 'valibot';
import { TiebreakError } from '../core/errors.ts';
import { check, parseJson } from './config.ts';
import { DTYPE_BYTES, decodeFloats } from './dtype.ts';
import { BLOCK_SIZE } from './onnx/layer.ts';
import { type TensorEntry, tensorBytes } from './safetensors.ts';

/**
 * The 16 values of NormalFloat4, as bitsandbytes has them
 * (https://github.com/bitsandbytes-foundation/bitsandbytes, `create_normal_map` and csrc/kernels.cu).
 */
export const NF4_VALUES = Float32Array.of(
  -1.0,
  -0.6961928009986877,
  -0.5250730514526367,
  -0.39491748809814453,
  -0.28444138169288635,
  -0.18477343022823334,
  -0.09105003625154495,
  0.0,
  0.07958029955625534,
  0.16093020141124725,
  0.24611230194568634,
  0.33791524171829224,
  0.44070982933044434,
  0.5626170039176941,
  0.7229568362236023,
  1.0,
);

// Midpoints as literals of bitsandbytes' dQuantizeNF4: a value above threshold i has at least code i + 1.
const NF4_THRESHOLDS = Float32Array.of(
  -0.8480964004993439,
  -0.6106329262256622,
  -0.4599952697753906,
  -0.33967943489551544,
  -0.23460740596055984,
  -0.13791173323988914,
  -0.045525018125772476,
  0.03979014977812767,
  0.1202552504837513,
  0.2035212516784668,
  0.2920137718319893,
  0.3893125355243683,
  0.5016634166240692,
  0.6427869200706482,
  0.8614784181118011,
);

/** A 4-bit layer as `MatMulBnb4` reads it: bitsandbytes' codes, two a byte, high half first, and absmax per 64. */
export interface Nf4Weights {
  codes: Uint8Array<ArrayBuffer>;
  absmax: Float32Array<ArrayBuffer>;
}

/** Quantises [N, K] row-major values block by block, as bitsandbytes does on the GPU in float32. */
export function quantizeNf4(values: Float32Array): Nf4Weights {
  const block = BLOCK_SIZE.nf4;
  const codes = new Uint8Array(values.length / 2);
  const absmax = new Float32Array(values.length / block);
  for (let b = 0; b < absmax.length; b += 1) {
    const from = b * block;
    let max = 0;
    for (let i = from; i < from + block; i += 1) max = Math.max(max, Math.abs(values[i]!));
    absmax[b] = max;
    const inverse = Math.fround(1 / max);
    for (let i = from; i < from + block; i += 2) {
      // A block of zeros gives 0 * Infinity = NaN; no comparison with it is true, but its code must be that of zero.
      const high = max === 0 ? 7 : nf4Code(Math.fround(values[i]! * inverse));
      const low = max === 0 ? 7 : nf4Code(Math.fround(values[i + 1]! * inverse));
      codes[i / 2] = (high << 4) | low;
    }
  }
  return { codes, absmax };
}

/** Code of a value in [-1, 1]. */
function nf4Code(x: number): number {
  let low = 0;
  let high = 15;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x > NF4_THRESHOLDS[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The float32 values of NF4 weights: code book value times absmax, nothing rounded in between. */
export function dequantizeNf4({ codes, absmax }: Nf4Weights): Float32Array<ArrayBuffer> {
  const out = new Float32Array(codes.length * 2);
  for (let i = 0; i < codes.length; i += 1) {
    const scale = absmax[((i * 2) / BLOCK_SIZE.nf4) | 0]!;
    out[2 * i] = NF4_VALUES[codes[i]! >> 4]! * scale;
    out[2 * i + 1] = NF4_VALUES[codes[i]! & 15]! * scale;
  }
  return out;
}

const QuantState = v.object({
  quant_type: v.string(),
  blocksize: v.number(),
  shape: v.array(v.number()),
  nested_blocksize: v.optional(v.number()),
  nested_offset: v.optional(v.number()),
});

/** Does the checkpoint hold `weight` (the name of an [N, K] tensor) as bitsandbytes 4-bit codes? */
export function isBnb4(tensors: ReadonlyMap<string, TensorEntry>, weight: string): boolean {
  return (
    tensors.has(`${weight}.quant_state.bitsandbytes__nf4`) ||
    tensors.has(`${weight}.quant_state.bitsandbytes__fp4`)
  );
}

/**
 * Reads a layer that bitsandbytes saved in NF4, codes bit for bit; a doubly quantised absmax is reconstructed in float32
 * as `dequantize_blockwise` does.
 * @throws TiebreakError `model/unsupported` for another 4-bit type or block size, `model/shape` for sizes that differ.
 */
export async function readBnbNf4(
  tensors: ReadonlyMap<string, TensorEntry>,
  weight: string,
  [N, K]: [number, number],
): Promise<Nf4Weights> {
  const need = (name: string): TensorEntry => {
    const tensor = tensors.get(name);
    if (tensor !== undefined) return tensor;
    throw new TiebreakError('model/missing-tensor', `The checkpoint lacks the tensor ${name}.`, {
      action: 'A shard is missing or the checkpoint was not saved completely.',
    });
  };
  const codesEntry = need(weight);
  const fp4 = tensors.has(`${weight}.quant_state.bitsandbytes__fp4`);
  const stateEntry = need(`${weight}.quant_state.bitsandbytes__${fp4 ? 'fp4' : 'nf4'}`);
  const file = stateEntry.source.name;
  const stateText = new TextDecoder().decode(await tensorBytes(stateEntry));
  const state = check(
    QuantState,
    parseJson(stateText, file, 'model/bnb-state'),
    file,
    'model/bnb-state',
  );
  if (state.quant_type !== 'nf4' || state.blocksize !== BLOCK_SIZE.nf4) {
    throw new TiebreakError(
      'model/unsupported',
      `${weight} is ${state.quant_type} in blocks of ${state.blocksize}; only nf4 in blocks of 64 is read.`,
      { action: 'Save the checkpoint with bnb_4bit_quant_type="nf4".', place: { file } },
    );
  }
  if (
    state.shape[0] !== N ||
    state.shape[1] !== K ||
    codesEntry.end - codesEntry.start !== (N * K) / 2
  ) {
    throw new TiebreakError(
      'model/shape',
      `${weight} holds [${state.shape.join(', ')}] in ${codesEntry.end - codesEntry.start} bytes; config.json asks for [${N}, ${K}].`,
      { place: { file } },
    );
  }
  const read = async (name: string, dtype: 'U8' | 'F32', length: number) => {
    const entry = need(name);
    if (entry.dtype === dtype && entry.end - entry.start === length * DTYPE_BYTES[dtype]) {
      return tensorBytes(entry);
    }
    throw new TiebreakError(
      'model/shape',
      `${name} is ${entry.dtype} [${entry.shape.join(', ')}], expected ${length} of ${dtype}.`,
      { place: { file } },
    );
  };
  const codes = await tensorBytes(codesEntry);
  const blocks = (N * K) / BLOCK_SIZE.nf4;
  if (need(`${weight}.absmax`).dtype === 'F32') {
    const absmax = decodeFloats(await read(`${weight}.absmax`, 'F32', blocks), 'F32');
    return { codes, absmax };
  }
  const nestedBlock = state.nested_blocksize ?? 256;
  const nestedBlocks = Math.ceil(blocks / nestedBlock);
  const offset = Math.fround(state.nested_offset ?? 0);
  const absmaxBytes = await read(`${weight}.absmax`, 'U8', blocks);
  const map = decodeFloats(await read(`${weight}.nested_quant_map`, 'F32', 256), 'F32');
  const nested = decodeFloats(await read(`${weight}.nested_absmax`, 'F32', nestedBlocks), 'F32');
  const absmax = new Float32Array(blocks);
  for (let i = 0; i < blocks; i += 1) {
    absmax[i] = Math.fround(map[absmaxBytes[i]!]! * nested[Math.floor(i / nestedBlock)]!) + offset;
  }
  return { codes, absmax };
}
