import type { GptqBits } from './quantization.ts';

/** The tensors of a linear layer [N, K] as a GPTQ checkpoint has them; words are unsigned 32-bit integers. */
export interface GptqTensors {
  bits: GptqBits;
  N: number;
  K: number;
  /** Codes [K / codes per word, N], packed along K from the low bits up. */
  qweight: Uint32Array;
  /** Zero points [groups, N / codes per word], packed along N, as {@link zeroPoints} decodes them. */
  qzeros: Uint32Array;
  /** [groups, N]. */
  scales: Float32Array;
  /** Group of each feature of the input [K]. */
  groupOf: Int32Array;
}

/**
 * Decodes zero points to [groups, N].
 * @param storesOneLess true for AutoGPTQ's first format, which stores the zero point minus one, modulo 2 ** bits; false
 *   for `gptq_v2`.
 */
export function zeroPoints(
  { bits, N, qzeros }: Pick<GptqTensors, 'bits' | 'N' | 'qzeros'>,
  storesOneLess: boolean,
): Uint8Array<ArrayBuffer> {
  const perWord = 32 / bits;
  const mask = 2 ** bits - 1;
  const out = new Uint8Array(qzeros.length * perWord);
  const words = N / perWord;
  for (let i = 0; i < out.length; i += 1) {
    const n = i % N;
    const word = qzeros[Math.floor(i / N) * words + Math.floor(n / perWord)]!;
    out[i] = ((word >>> (bits * (n % perWord))) + (storesOneLess ? 1 : 0)) & mask;
  }
  return out;
}

/**
 * The features of the input sorted by group, those of a group in their own order: `order[j]` is the feature that comes
 * to place j. Null if the groups are of different sizes, so that a place does not tell its group.
 */
export function orderByGroup(groupOf: Int32Array, groups: number): Int32Array<ArrayBuffer> | null {
  const size = groupOf.length / groups;
  const next = Int32Array.from({ length: groups }, (_, group) => group * size);
  const order = new Int32Array(groupOf.length);
  for (const [k, group] of groupOf.entries()) {
    const place = next[group]!;
    if (place >= (group + 1) * size) return null;
    order[place] = k;
    next[group] = place + 1;
  }
  return order;
}

/** Columns that are transposed together: their rows of codes stay in the processor's cache. */
const COLUMNS = 16;

/**
 * Puts rows of packed codes, from row `firstRow` of `qweight` on, to their places in the codes of `MatMulNBits`: [N, K]
 * with features in the order of `placeOf`, one per byte in 8 bits, two per byte with the first in the low half in 4.
 * @param placeOf the place of each feature: the inverse of {@link orderByGroup}.
 * @param out zeros before the first call.
 */
export function placeCodes(
  rows: Uint32Array,
  firstRow: number,
  { bits, N, K }: Pick<GptqTensors, 'bits' | 'N' | 'K'>,
  placeOf: Int32Array,
  out: Uint8Array,
): void {
  const perWord = 32 / bits;
  const count = rows.length / N;
  // Signed words stay integers; of unsigned ones the engine makes floats, which takes several times as long.
  const words = new Int32Array(rows.buffer, rows.byteOffset, rows.length);
  for (let n0 = 0; n0 < N; n0 += COLUMNS) {
    const end = Math.min(N, n0 + COLUMNS);
    for (let row = 0; row < count; row += 1) {
      const k = (firstRow + row) * perWord;
      const from = row * N;
      if (bits === 8) {
        const p0 = placeOf[k]!;
        const p1 = placeOf[k + 1]!;
        const p2 = placeOf[k + 2]!;
        const p3 = placeOf[k + 3]!;
        for (let n = n0; n < end; n += 1) {
          const word = words[from + n]!;
          const base = n * K;
          out[base + p0] = word;
          out[base + p1] = word >> 8;
          out[base + p2] = word >> 16;
          out[base + p3] = word >> 24;
        }
        continue;
      }
      for (let i = 0; i < perWord; i += 1) {
        const place = placeOf[k + i]!;
        const half = 4 * (place & 1);
        for (let n = n0; n < end; n += 1) {
          out[(n * K + place) >> 1]! |= ((words[from + n]! >> (4 * i)) & 15) << half;
        }
      }
    }
  }
}

/** Rows of a linear layer [N, K] as a package keeps them, features in their order. */
export interface GptqWeights {
  /** As {@link placeCodes} makes them. */
  codes: Uint8Array;
  /** [rows, blocks]. */
  scales: Float32Array;
  /** Zero points [rows, blocks], as {@link packZeros} packs them. */
  zeros: Uint8Array;
}

/** Bytes of the zero points of a row. */
export function zeroBytes(blocks: number, bits: GptqBits): number {
  return Math.ceil((blocks * bits) / 8);
}

/** Packs zero points [rows, blocks], one per byte, as `MatMulNBits` has them: of 4 bits two per byte, the first low. */
export function packZeros(
  zeros: Uint8Array<ArrayBuffer>,
  blocks: number,
  bits: GptqBits,
): Uint8Array<ArrayBuffer> {
  if (bits === 8) return zeros;
  const rowBytes = zeroBytes(blocks, bits);
  const out = new Uint8Array((zeros.length / blocks) * rowBytes);
  for (const [i, zero] of zeros.entries()) {
    const b = i % blocks;
    out[Math.floor(i / blocks) * rowBytes + (b >> 1)]! |= zero << (4 * (b & 1));
  }
  return out;
}

/**
 * Reconstructs rows [rows, K], features in the order of the model. The values are exact: a float16 scale times a
 * difference of codes fits into float32.
 * @param block features that share a scale.
 * @param order the feature at each place; null if features come in their own order.
 */
export function dequantizeGptq(
  { codes, scales, zeros }: GptqWeights,
  { bits, block, K }: { bits: GptqBits; block: number; K: number },
  order: Int32Array | null,
): Float32Array<ArrayBuffer> {
  const blocks = K / block;
  const rowBytes = zeroBytes(blocks, bits);
  const out = new Float32Array((scales.length / blocks) * K);
  for (let i = 0; i < scales.length; i += 1) {
    const row = Math.floor(i / blocks);
    const b = i % blocks;
    const scale = scales[i]!;
    const zero = codeAt(zeros, row * rowBytes * (8 / bits) + b, bits);
    for (let place = b * block; place < (b + 1) * block; place += 1) {
      const code = codeAt(codes, row * K + place, bits);
      out[row * K + (order === null ? place : order[place]!)] = scale * (code - zero);
    }
  }
  return out;
}

/** The number with index i in packed ones. */
function codeAt(packed: Uint8Array, i: number, bits: GptqBits): number {
  return bits === 8 ? packed[i]! : (packed[i >> 1]! >> (4 * (i & 1))) & 15;
}

/** True if a list has each number from 0 to its length once. */
export function isPermutation(order: Int32Array): boolean {
  const seen = new Uint8Array(order.length);
  for (const k of order) {
    // Of an index outside nothing is set, and it is not 1.
    seen[k] = 1;
  }
  return seen.every((one) => one === 1);
}

/** The inverse of a permutation. */
export function inverseOf(order: Int32Array): Int32Array<ArrayBuffer> {
  const out = new Int32Array(order.length);
  for (const [place, k] of order.entries()) out[k] = place;
  return out;
}
