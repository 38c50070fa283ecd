import type { Quantized } from '../../../model/formats/quantization.ts';
import { unitIndex } from './activations.ts';
import {
  decodeFunction,
  fillLookup,
  octetBytes,
  octetsPerScale,
  octetType,
  scaleBuffers,
  scaleOf,
  scaleType,
} from './decode.ts';
import { type Kernel, once } from './kernel.ts';
import { PRODUCT_PARAMETERS, tileOrigin } from './product.ts';
import { BUILTINS, repeat, WORKGROUP_ID } from './text.ts';

/** Rows and columns of the output tile of a workgroup, which has four subgroups of 32 threads. */
const SUBGROUP_TILE = 128;

const STEP = 32; // values along K in a step
const WARP = 64; // rows and columns of a subgroup's quarter of the tile
const STRIDE = 5; // units (8 float16 values) of a row in workgroup memory: 4 of a step, and one against bank conflicts
const STAGE = WARP / 4 + 1; // units of a row of float32 results, with a spare one likewise

/** Bytes of workgroup memory that {@link subgroupProductKernel} takes. */
export const SUBGROUP_STORAGE = 4 * WARP * STRIDE * 16;

/** Workgroups of {@link subgroupProductKernel}. */
export function subgroupGroups(N: number, M: number): number {
  return Math.ceil(M / SUBGROUP_TILE) * Math.ceil(N / SUBGROUP_TILE);
}

/** Bytes of a buffer of unpacked float16 weights; N is rounded up to the tile. */
export function scratchBytes(K: number, N: number): number {
  return Math.ceil(N / SUBGROUP_TILE) * SUBGROUP_TILE * K * 2;
}

/**
 * Unpacks codes of weights [N, K] to float16 in the layout `f16-packed` (its rows are N), before a product that uses
 * them for all rows of a batch. Decoding inside the product was slower on an H100. Weights are rounded to float16 here.
 * One thread per 32 codes.
 *
 * Bindings: codes; scales float32; zero points (GPTQ only); output; parameters (unused). N is a multiple of 8, K of 32.
 * Workgroups: {@link unpackGroups}. Needs no `shader-f16`.
 */
export const unpackKernel = once(function unpackKernel(
  K: number,
  N: number,
  quantization: Quantized,
): Kernel {
  const across = Math.ceil(K / 32 / 32);
  const scales = scaleBuffers(quantization);
  // Codes of 32 weights are one unit of 16 bytes, or two; four octets have one scale, or two.
  const wide = octetBytes(quantization) === 8;
  const octets = wide ? ['w.xy', 'w.zw', 'v.xy', 'v.zw'] : ['w.x', 'w.y', 'w.z', 'w.w'];
  const at = `row * ${K / 32}u + block`;
  const first = `(row * ${K / 8}u + block * 4u)`;
  const split = octetsPerScale(quantization) < 4;
  const load = wide
    ? `let w = codes[(${at}) * 2u];
    let v = codes[(${at}) * 2u + 1u];`
    : `let w = codes[${at}];`;
  const put = octets.map(
    (octet, i) =>
      `out[to${i === 0 ? '' : ` + ${8 * i}u`}] = halves(${octet}, ${split && i > 1 ? 't' : 's'});`,
  );
  const code = `struct Parameters { unused: u32 }
@group(0) @binding(0) var<storage, read> codes: array<vec4<u32>>;
${scales.map((text, i) => `@group(0) @binding(${1 + i}) ${text}`).join('\n')}
@group(0) @binding(${1 + scales.length}) var<storage, read_write> out: array<vec4<u32>>;
@group(0) @binding(${2 + scales.length}) var<uniform> p: Parameters;
${decodeFunction(quantization, K)}
fn halves(w: ${octetType(quantization)}, s: ${scaleType(quantization)}) -> vec4<u32> {
  var lo: vec4<f32>;
  var hi: vec4<f32>;
  decode(w, s, &lo, &hi);
  return vec4<u32>(pack2x16float(lo.xy), pack2x16float(lo.zw), pack2x16float(hi.xy), pack2x16float(hi.zw));
}
@compute @workgroup_size(256) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  ${fillLookup(quantization)}
  workgroupBarrier();
  // Eight rows and 32 blocks of 32 codes.
  let block = id % ${across}u * 32u + lid / 8u;
  let row = id / ${across}u * 8u + lid % 8u;
  if (block < ${K / 32}u && row < ${N}u) {
    ${load}
    let s = ${scaleOf(quantization, first)};${split ? `\n    let t = ${scaleOf(quantization, `(${first} + 2u)`)};` : ''}
    let to = ((row >> 3u) * ${K / 32}u + block) * 32u + (row & 7u);
    ${put.join('\n    ')}
  }
}`;
  return {
    label: `unpack ${K} x ${N} ${quantization}`,
    code,
    bindings: ['read', ...scales.map(() => 'read' as const), 'write', 'uniform'],
  };
});

/** Workgroups of {@link unpackKernel}. */
export function unpackGroups(K: number, N: number): number {
  return (N / 8) * Math.ceil(K / 32 / 32);
}

/**
 * Product with subgroup matrices: float16 inputs, float32 sums.
 *
 * Four subgroups share a tile of 128 x 128; each computes a quarter of 64 x 64 with 16 matrices of sums, so each loaded
 * matrix is used four times. Steps of 32 along K are copied to workgroup memory first, for two reasons: two subgroups
 * use each part, and the copy turns the layout of the buffers (`f16-packed`, of which neighbouring threads read
 * neighbouring units) into rows with a spare unit, which load without bank conflicts. The next step is loaded into
 * registers meanwhile. One copy in workgroup memory is enough: on an H100 two alternating ones were slower.
 *
 * Order of sums: steps of 16 along K from first to last; within a step the order of the hardware, which is the same for
 * every row of a matrix. So a row's result does not depend on the other rows of the batch.
 *
 * Results pass through workgroup memory, in strips of 16 rows, because a matrix can only be stored as a whole and LoRA
 * must be added before. Rows from M on are written to the output's padding; columns from N on are not stored.
 *
 * Needs `chromium-experimental-subgroup-matrix` with matrices of 16 x 16 x 16, `shader-f16` and subgroups of 32.
 *
 * Bindings: input `f16-packed` [M, K]; weights as {@link unpackKernel} writes them; low and B (LoRA only, as in
 * `productKernel`); bias float32 [N] (`bias` only); output float32 [M, N]; parameters. N is a multiple of 8, K of 32.
 */
export const subgroupProductKernel = once(function subgroupProductKernel(
  K: number,
  N: number,
  lora: boolean,
  bias = false,
): Kernel {
  const left = 'subgroup_matrix_left<f16, 16, 16>';
  const right = 'subgroup_matrix_right<f16, 16, 16>';
  const result = 'subgroup_matrix_result<f32, 16, 16>';
  const parts = WARP / 16;
  const grid = (piece: (i: number, j: number) => string) =>
    repeat(parts, (i) => repeat(parts, (j) => piece(i, j), ' '));
  // 128 threads copy 128 rows of 4 units in 4 loads of 32 rows. 8 rows of a step are adjacent in memory.
  const loads = 4;
  const load = (k: string) =>
    repeat(
      loads,
      (s) =>
        `a${s} = A[fromA + (${k}) * 32u + ${s * 4 * K}u]; b${s} = W[fromB + (${k}) * 32u + ${s * 4 * K}u];`,
    );
  // Each load has 32 rows; rows 64 to 127 belong to the other half of the subgroups.
  const store = repeat(loads, (s) => {
    const half = Math.floor(s / 2);
    const offset = (s % 2) * 32 * STRIDE;
    return `tile[${half}][to + ${offset}u] = a${s}; tile[${2 + half}][to + ${offset}u] = b${s};`;
  });
  const compute = repeat(
    STEP / 16,
    (k) => `{
      ${repeat(parts, (i) => `let a${i} = subgroupMatrixLoad<${left}, row_major>(&tile[wi], ${i * 16 * STRIDE + k * 2}u, ${STRIDE}u);`)}
      ${repeat(parts, (j) => `{ let b = subgroupMatrixLoad<${right}, col_major>(&tile[2u + wj], ${j * 16 * STRIDE + k * 2}u, ${STRIDE}u); ${repeat(parts, (i) => `c${i}_${j} = subgroupMatrixMultiplyAccumulate(a${i}, b, c${i}_${j});`, ' ')} }`)}
    }`,
  );
  // Strips of 16 rows pass through the subgroup's quarter of workgroup memory.
  const quads = (16 * WARP) / 4 / 32;
  const addLora = `for (var r = 0u; r < p.rank; r++) { v = fma(vec4<f32>(low[m * p.lowStride + p.lowStart + r]), loraB[(r * ${N}u + n) / 4u], v); }`;
  const strip = (i: number) => `
  ${repeat(parts, (j) => `subgroupMatrixStore<row_major>(&tile[warp], ${j * 4}u, c${i}_${j}, ${STAGE}u);`, ' ')}
  workgroupBarrier();
  for (var s = 0u; s < ${quads}u; s++) {
    let e = lane + s * 32u;
    let row = e / ${WARP / 4}u;
    let quad = e % ${WARP / 4}u;
    let m = m0 + wi * ${WARP}u + ${i * 16}u + row;
    let n = n0 + wj * ${WARP}u + quad * 4u;
    ${N % SUBGROUP_TILE === 0 ? '' : `if (n < ${N}u)`} {
      var v = bitcast<vec4<f32>>(tile[warp][row * ${STAGE}u + quad]);
      ${lora ? addLora : ''}${bias ? `v += bias[n / 4u];` : ''}
      C[(m * ${N}u + n) / 4u] = v;
    }
  }
  workgroupBarrier();`;

  const declarations = [
    'var<storage, read> A: array<vec4<u32>>;',
    'var<storage, read> W: array<vec4<u32>>;',
    ...(lora
      ? ['var<storage, read> low: array<f32>;', 'var<storage, read> loraB: array<vec4<f32>>;']
      : []),
    ...(bias ? ['var<storage, read> bias: array<vec4<f32>>;'] : []),
    'var<storage, read_write> C: array<vec4<f32>>;',
    'var<uniform> p: Parameters;',
  ];
  const code = `enable f16;
enable chromium_experimental_subgroup_matrix;
// The subgroup's number is the same for all of its threads, which the analysis cannot see.
diagnostic(off, chromium.subgroup_matrix_uniformity);
${PRODUCT_PARAMETERS}
${declarations.map((text, binding) => `@group(0) @binding(${binding}) ${text}`).join('\n')}
// Two halves of the input's rows, two of the weights'.
var<workgroup> tile: array<array<vec4<u32>, ${WARP * STRIDE}>, 4>;
@compute @workgroup_size(128) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  ${tileOrigin(SUBGROUP_TILE, SUBGROUP_TILE, N)}
  let warp = lid / 32u;
  let lane = lid % 32u;
  let wi = warp / 2u;
  let wj = warp % 2u;
  let unit = lid % 32u;
  let fromA = ${unitIndex('f16-packed', K, 'm0 + lid / 32u * 8u', '0u')} + unit;
  let fromB = ${unitIndex('f16-packed', K, 'n0 + lid / 32u * 8u', '0u')} + unit;
  let to = (lid / 32u * 8u + unit % 8u) * ${STRIDE}u + unit / 8u;
  ${repeat(loads, (s) => `var a${s}: vec4<u32>; var b${s}: vec4<u32>;`, ' ')}
  ${grid((i, j) => `var c${i}_${j}: ${result};`)}
  ${load('0u')}
  for (var t = 0u; t < ${K / STEP}u; t++) {
    ${store}
    workgroupBarrier();
    { let next = min(t + 1u, ${K / STEP - 1}u); ${load('next')} }
    ${compute}
    workgroupBarrier();
  }
  ${repeat(parts, strip)}
}`;
  return {
    label: `subgroup product ${K} x ${N}${lora ? ' lora' : ''}${bias ? ' bias' : ''}`,
    code,
    bindings: [...declarations.slice(0, -2).map(() => 'read' as const), 'write', 'uniform'],
  };
});
