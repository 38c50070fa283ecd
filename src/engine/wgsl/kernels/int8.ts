import { FP4_VALUES, NF4_VALUES } from '../../../model/formats/nf4.ts';
import type { FixedFormat } from '../../../model/formats/quantization.ts';
import { type Kernel, once } from './kernel.ts';
import { BUILTINS, float, repeat, WORKGROUP_ID } from './text.ts';

/**
 * Values along K that share a scale of the input. They are few, so that one large value makes few others inexact. A
 * block of weights (64 in NF4, 32 in int4) is a whole number of them.
 */
export const INT8_BLOCK = 32;

const LARGEST = 127;

/** Bytes of the int8 codes of an input [M, K]. */
export function codeBytes(M: number, K: number): number {
  return M * K;
}

/** Bytes of the scales of an input [M, K]; M is a multiple of the largest tile. */
export function codeScaleBytes(M: number, K: number): number {
  return (M * K * 4) / INT8_BLOCK;
}

/** The 16 values of a 4-bit code as integers within ±127: `levels[code]` is about `factor` times the value. */
export function wholeLevels(format: FixedFormat): { factor: number; levels: number[] } {
  switch (format) {
    case 'int4':
      return { factor: 1, levels: Array.from({ length: 16 }, (_, code) => code - 8) };
    case 'nf4':
      return levelsOf([...NF4_VALUES]);
    case 'fp4':
      return levelsOf([...FP4_VALUES]);
  }
}

function levelsOf(values: readonly number[]): { factor: number; levels: number[] } {
  const squares = (factor: number) =>
    values.reduce((sum, value) => sum + (Math.round(value * factor) / factor - value) ** 2, 0);
  // The largest factor is not the best one. The loop finds the one with the smallest squared error.
  let factor = LARGEST;
  for (let tried = 6400; tried <= LARGEST * 100; tried += 1) {
    if (squares(tried / 100) < squares(factor)) factor = tried / 100;
  }
  return { factor, levels: values.map((value) => Math.round(value * factor)) };
}

/**
 * Quantises the input of products to int8, rounding to nearest. Each row has a scale per block of {@link INT8_BLOCK}
 * along K, such that the largest magnitude of a block becomes 127. One thread per block.
 *
 * Bindings: input `f16` [M, K]; codes [M, K], four per word; scales float32 [K / 32, M rounded up to a multiple of
 * `rowMultiple`]; parameters { M }. K is a multiple of 32. Workgroups: {@link quantizeGroups}. Needs no `shader-f16`.
 */
export const quantizeKernel = once(function quantizeKernel(K: number, rowMultiple: number): Kernel {
  const blocks = K / INT8_BLOCK;
  const units = INT8_BLOCK / 8; // units of 16 bytes in a block of the input
  const quads = INT8_BLOCK / 4;
  const code = `struct Parameters { M: u32 }
@group(0) @binding(0) var<storage, read> X: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> codes: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> scales: array<f32>;
@group(0) @binding(3) var<uniform> p: Parameters;
@compute @workgroup_size(256) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  let block = id * 256u + lid;
  let m = block / ${blocks}u;
  if (m >= p.M) { return; }
  ${repeat(units, (u) => `let u${u} = X[block * ${units}u + ${u}u];`, ' ')}
  ${repeat(quads, (q) => `let x${q} = vec4<f32>(unpack2x16float(u${q >> 1}[${(q % 2) * 2}]), unpack2x16float(u${q >> 1}[${(q % 2) * 2 + 1}]));`)}
  var most = vec4<f32>();
  ${repeat(quads, (q) => `most = max(most, abs(x${q}));`, ' ')}
  let largest = max(max(most.x, most.y), max(most.z, most.w));
  // Of a block of zeros, or of numbers too small to matter, the codes are zero.
  let factor = select(0.0, ${LARGEST}.0 / largest, largest > 1e-30);
  ${repeat(quads, (q) => `let c${q} = pack4xI8(vec4<i32>(round(x${q} * factor)));`)}
  ${repeat(quads / 4, (u) => `codes[block * ${quads / 4}u + ${u}u] = vec4<u32>(${repeat(4, (w) => `c${u * 4 + w}`, ', ')});`)}
  scales[block % ${blocks}u * ((p.M + ${rowMultiple - 1}u) / ${rowMultiple}u * ${rowMultiple}u) + m] = largest * ${float(1 / LARGEST)};
}`;
  return { label: `quantize ${K}`, code, bindings: ['read', 'write', 'write', 'uniform'] };
});

/** Workgroups of {@link quantizeKernel}. */
export function quantizeGroups(M: number, K: number): number {
  return Math.ceil((M * K) / INT8_BLOCK / 256);
}

/**
 * Unpacks 4-bit weights [N, K] to int8, by {@link wholeLevels}. One thread per 16 codes. Scales are not applied here
 * but in the product.
 *
 * Bindings: codes; output [N, K]; parameters (unused). K is a multiple of 16. Workgroups: {@link unpackInt8Groups}.
 */
export const unpackInt8Kernel = once(function unpackInt8Kernel(
  K: number,
  N: number,
  quantization: FixedFormat,
): Kernel {
  const { levels } = wholeLevels(quantization);
  // The first code of a byte is in the low half for int4, and in the high half for the others.
  const shift = (i: number) => (quantization === 'int4' ? i * 4 : (i ^ 1) * 4);
  const quad = (word: string, first: number) =>
    repeat(4, (i) => `(lookup[(${word} >> ${shift(first + i)}u) & 15u] << ${8 * i}u)`, ' | ');
  const code = `struct Parameters { unused: u32 }
@group(0) @binding(0) var<storage, read> codes: array<vec2<u32>>;
@group(0) @binding(1) var<storage, read_write> out: array<vec4<u32>>;
@group(0) @binding(2) var<uniform> p: Parameters;
const book = array<u32, 16>(${levels.map((level) => `${level & 255}u`).join(', ')});
var<workgroup> lookup: array<u32, 16>;
@compute @workgroup_size(256) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  if (lid < 16u) { lookup[lid] = book[lid]; }
  workgroupBarrier();
  let i = id * 256u + lid;
  if (i < ${(N * K) / 16}u) {
    let w = codes[i];
    out[i] = vec4<u32>(${quad('w.x', 0)}, ${quad('w.x', 4)}, ${quad('w.y', 0)}, ${quad('w.y', 4)});
  }
}`;
  return {
    label: `unpack ${K} x ${N} ${quantization} int8`,
    code,
    bindings: ['read', 'write', 'uniform'],
  };
});

/** Workgroups of {@link unpackInt8Kernel}. */
export function unpackInt8Groups(K: number, N: number): number {
  return Math.ceil((N * K) / 16 / 256);
}
