import { BLOCK_SIZE } from './quantization.ts';

/**
 * The 16 values of NormalFloat4, with the digits of bitsandbytes
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

// Midpoints between codes, the literals of bitsandbytes' dQuantizeNF4: a value above threshold i has a code above i.
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

/** The 16 values of bitsandbytes' FP4: the high bit of a code is the sign, the other three select a magnitude. */
export const FP4_VALUES = Float32Array.of(
  0,
  0.005208333333333333,
  0.6666666666666666,
  1,
  0.3333333333333333,
  0.5,
  0.16666666666666666,
  0.25,
  -0,
  -0.005208333333333333,
  -0.6666666666666666,
  -1,
  -0.3333333333333333,
  -0.5,
  -0.16666666666666666,
  -0.25,
);

/**
 * A 4-bit layer in the layout of bitsandbytes: two codes per byte, the first in the high half, and an absmax per 64.
 */
export interface Bnb4Weights {
  codes: Uint8Array<ArrayBuffer>;
  absmax: Float32Array<ArrayBuffer>;
}

/**
 * Quantises [N, K] row-major values block by block, as bitsandbytes does on the GPU in float32. Blocks are independent,
 * so a layer may be quantised in parts of whole blocks.
 */
export function quantizeNf4(values: Float32Array): Bnb4Weights {
  const block = BLOCK_SIZE.nf4;
  const codes = new Uint8Array(values.length / 2);
  const absmax = new Float32Array(values.length / block);
  for (let b = 0; b < absmax.length; b += 1) {
    const from = b * block;
    let max = 0;
    for (let i = from; i < from + block; i += 1) {
      const magnitude = Math.abs(values[i]!);
      if (magnitude > max) max = magnitude;
    }
    absmax[b] = max;
    const inverse = Math.fround(1 / max);
    if (inverse === Infinity) {
      // The block is zero, or too small for a reciprocal. 0 * Infinity would be NaN; 7 is the code of zero.
      codes.fill(0x77, from / 2, (from + block) / 2);
      continue;
    }
    for (let i = from; i < from + block; i += 2) {
      const high = nf4Code(Math.fround(values[i]! * inverse));
      const low = nf4Code(Math.fround(values[i + 1]! * inverse));
      codes[i >> 1] = (high << 4) | low;
    }
  }
  return { codes, absmax };
}

// A look-up table over [-1, 1]. Its cells are narrower than the distance between thresholds, so that a cell contains at
// most one threshold and one comparison finds the code.
const CELLS_PER_ONE = 32;
const CELLS = 2 * CELLS_PER_ONE + 1;
const cellCode = new Uint8Array(CELLS);
const cellThreshold = new Float32Array(CELLS).fill(2);
for (let cell = 0; cell < CELLS; cell += 1) {
  const start = cell / CELLS_PER_ONE - 1;
  cellCode[cell] = NF4_THRESHOLDS.filter((threshold) => threshold < start).length;
  const inside = NF4_THRESHOLDS[cellCode[cell]!];
  if (inside !== undefined && inside < start + 1 / CELLS_PER_ONE) cellThreshold[cell] = inside;
}

/** The code nearest to a value in [-1, 1]. */
function nf4Code(x: number): number {
  const cell = ((x + 1) * CELLS_PER_ONE) | 0;
  return x > cellThreshold[cell]! ? cellCode[cell]! + 1 : cellCode[cell]!;
}

/** Reconstructs 4-bit weights: code book value times absmax, rounded to float32 once. */
export function dequantizeBnb4(
  { codes, absmax }: Bnb4Weights,
  values: Float32Array = NF4_VALUES,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(codes.length * 2);
  for (let i = 0; i < codes.length; i += 1) {
    const scale = absmax[((i * 2) / BLOCK_SIZE.nf4) | 0]!;
    out[2 * i] = values[codes[i]! >> 4]! * scale;
    out[2 * i + 1] = values[codes[i]! & 15]! * scale;
  }
  return out;
}
