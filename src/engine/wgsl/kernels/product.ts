import type { Quantization } from '../../../model/formats/quantization.ts';
import { type ActivationLayout, activationType, unitIndex } from './activations.ts';
import {
  decodeFunction,
  fillLookup,
  octetType,
  scaleBuffers,
  scaleOf,
  scaleType,
} from './decode.ts';
import { type Kernel, once } from './kernel.ts';
import { BUILTINS, repeat, WORKGROUP_ID } from './text.ts';

/** A tile [tileM, tileN] of the output per workgroup, in steps of `stepK` along K; a thread has `rows` x `columns`. */
export interface ProductTile {
  tileM: number;
  tileN: number;
  stepK: number;
  rows: number;
  columns: number;
}

/** A matrix product: [M, K] x [K, N] to [M, N]. */
export interface ProductShape {
  K: number;
  N: number;
  /** `f16-packed` is float16 as `unpackKernel` writes it, for which K must be a multiple of 32. */
  weights: Quantization | 'f16-packed';
  input: ActivationLayout;
  /** True adds LoRA: `low` [M, …] times `B` [rank, N]. */
  lora: boolean;
  /** Adds a bias [N]. Default false. */
  bias?: boolean;
  /** `f16`: float16 products and sums within `stepK`, which are then added in float32. Needs `shader-f16`. */
  arithmetic: 'f32' | 'f16';
  tile: ProductTile;
}

/** Bytes of workgroup memory that a tile takes: input, weights, their spare units, and the 16 values of a code book. */
export function tileStorage({ tileM, tileN, stepK }: ProductTile, arithmetic: 'f32' | 'f16') {
  return (tileM + tileN) * (stepK / (arithmetic === 'f16' ? 8 : 4) + 1) * 16 + 64;
}

/** Number of threads in a workgroup. */
export function threadsOf({ tileM, tileN, rows, columns }: ProductTile): number {
  return (tileM / rows) * (tileN / columns);
}

/** Workgroups of a product of M rows. */
export function productGroups({ N, tile }: Pick<ProductShape, 'N' | 'tile'>, M: number): number {
  return Math.ceil(M / tile.tileM) * Math.ceil(N / tile.tileN);
}

// Rows of the input whose tiles are computed for all columns before the next rows. Workgroups run roughly in the order
// of their ids, so these rows (15 MB in float16 for a 9B model) stay in the cache while all weights are read once.
const GROUP_ROWS = 2048;

/**
 * WGSL statements that turn the workgroup's `id` into the origin (m0, n0) of its tile: all column tiles for one group
 * of row tiles, then the next group. Surplus workgroups return.
 */
export function tileOrigin(tileM: number, tileN: number, N: number): string {
  const group = Math.max(1, GROUP_ROWS / tileM);
  return `let tilesM = (p.M + ${tileM - 1}u) / ${tileM}u;
  let tilesN = ${Math.ceil(N / tileN)}u;
  if (id >= tilesM * tilesN) { return; }
  let first = id / (${group}u * tilesN) * ${group}u;
  let inGroup = min(${group}u, tilesM - first);
  let rest = id % (${group}u * tilesN);
  let m0 = (first + rest % inGroup) * ${tileM}u;
  let n0 = rest / inGroup * ${tileN}u;`;
}

/** WGSL of a product's parameters. `low` is [M, lowStride]; this product's part of it begins at column `lowStart`. */
export const PRODUCT_PARAMETERS =
  'struct Parameters { M: u32, lowStride: u32, lowStart: u32, rank: u32 }';

/**
 * Product of activations and weights, register-blocked. Weights are decoded while they are copied into a tile.
 *
 * A workgroup computes a tile [tileM, tileN] of the output in steps of `stepK` along K. In each step its threads copy a
 * part of the input [tileM, stepK] and of the weights [tileN, stepK] to workgroup memory. Codes become numbers on the
 * way, so a weight is read from memory in few bits and decoded once for every tileM rows. A thread keeps `rows` x
 * `columns` sums in registers: each value that it reads from workgroup memory is used `columns` or `rows` times.
 *
 * Two resources bound a tile: workgroup memory ({@link tileStorage}), and registers, of which a thread needs rows *
 * columns for sums (twice that in float16) and some for the next step. In float16, 8 x 16 sums per thread on an H100
 * spilled registers and were ten times slower. The next step is loaded into registers before the current one is
 * computed, which hides the latency of memory; the last step loads itself again instead of branching.
 *
 * Order of sums: along K from first to last, one `fma` after the other, x before y before z before w. It does not
 * depend on the tile, so all float32 tiles give the same bits. In float16 a pair of float16 sums covers one step and is
 * then added to a float32 sum. The bits depend on `stepK` there, so `productTiles` offers only one length of it. LoRA
 * is added after it, in float32, one rank after the other, and the bias last.
 *
 * Traps: a row of a tile in workgroup memory has a spare unit, without which all rows would begin in the same bank.
 * Rows from M on and columns from N on are computed from whatever lies in the buffers; these rows are written to the
 * output's padding, these columns are not stored. If K is no multiple of `stepK`, the last step is padded with zeros.
 *
 * Bindings: input (see {@link ActivationLayout}); weights (dense float32 [K, N], codes [N, K], or unpacked [N, K]);
 * scales (codes only); zero points (GPTQ only); low float32 and B float32 [rank, N] (LoRA only); bias float32 [N]
 * (`bias` only); output float32 [M, N]; parameters. The buffers of input and output have room for M up to a multiple of
 * the tile. K is a multiple of 8.
 */
export const productKernel = once(function productKernel(shape: ProductShape): Kernel {
  const { K, N, weights, input, lora, bias = false, arithmetic, tile } = shape;
  const { tileM, tileN, stepK, rows, columns } = tile;
  const half = arithmetic === 'f16';
  const threads = threadsOf(tile);
  const threadsN = tileN / columns;
  const threadsM = tileM / rows;
  const perUnit = half ? 8 : 4;
  const units = stepK / perUnit;
  const stride = units + 1; // a spare unit, so that rows begin in different banks
  const octets = stepK / 8;
  const dense = weights === 'none';
  const unpacked = weights === 'f16-packed';
  const coded = weights === 'none' || weights === 'f16-packed' ? null : weights;
  const ragged = K % stepK !== 0;
  const unitType = half ? 'vec4<u32>' : 'vec4<f32>';
  const loadsA = Math.ceil((tileM * octets) / threads);
  const loadsB = Math.ceil((tileN * octets) / threads);
  const guardA = (tileM * octets) % threads !== 0;
  const guardB = (tileN * octets) % threads !== 0;

  // Neighbouring threads copy neighbouring octets of a row, which are adjacent in memory; dense weights are [K, N], so
  // there neighbouring threads copy neighbouring columns.
  const placeOf = (layout: ActivationLayout) =>
    layout === 'f16-packed'
      ? `let row = i / ${8 * octets}u * 8u + i % 8u; let octet = i / 8u % ${octets}u;`
      : `let row = i / ${octets}u; let octet = i % ${octets}u;`;
  const placeA = placeOf(input);
  const placeB = dense
    ? `let row = i % ${tileN}u; let octet = i / ${tileN}u;`
    : placeOf(unpacked ? 'f16-packed' : 'f32');
  const indexOf = (layout: ActivationLayout, origin: string) =>
    unitIndex(layout, K, `${origin} + row`, 'k0 / 8u + octet');
  const inK = `k0 + octet * 8u < ${K}u`;
  const within = (zero: string, value: string) =>
    ragged ? `select(${zero}, ${value}, ${inK})` : value;

  const putUnit = (array: string, lo: string, hi: string) =>
    half
      ? `${array}[row * ${stride}u + octet] = vec4<u32>(pack2x16float(${lo}.xy), pack2x16float(${lo}.zw), pack2x16float(${hi}.xy), pack2x16float(${hi}.zw));`
      : `${array}[row * ${stride}u + octet * 2u] = ${lo}; ${array}[row * ${stride}u + octet * 2u + 1u] = ${hi};`;

  const loadA = (s: number) => {
    if (input === 'f32') {
      return `{ ${at(s)} ${placeA} let u = ${indexOf(input, 'm0')}; a${s}l = ${within('vec4<f32>()', 'A[u]')}; a${s}h = ${within('vec4<f32>()', 'A[u + 1u]')}; }`;
    }
    return `{ ${at(s)} ${placeA} a${s} = ${within('vec4<u32>()', `A[${indexOf(input, 'm0')}]`)}; }`;
  };
  const at = (s: number) => `let i = lid + ${s * threads}u;`;
  const putHalves = (array: string, unit: string) =>
    half
      ? `${array}[row * ${stride}u + octet] = ${unit};`
      : `let lo = vec4<f32>(unpack2x16float(${unit}.x), unpack2x16float(${unit}.y)); let hi = vec4<f32>(unpack2x16float(${unit}.z), unpack2x16float(${unit}.w)); ${putUnit(array, 'lo', 'hi')}`;
  const storeA = (s: number) => {
    const guard = guardA ? `if (i < ${tileM * octets}u) ` : '';
    const body = input === 'f32' ? putUnit('As', `a${s}l`, `a${s}h`) : putHalves('As', `a${s}`);
    return `{ ${at(s)} ${guard}{ ${placeA} ${body} } }`;
  };
  const weight = (k: number) =>
    ragged
      ? `select(0.0, W[min((k + ${k}u) * ${N}u + n, ${K * N - 1}u)], k + ${k}u < ${K}u)`
      : `W[(k + ${k}u) * ${N}u + n]`;
  const loadB = (s: number) => {
    if (dense) {
      const four = (from: number) => repeat(4, (k) => weight(from + k), ', ');
      return `{ ${at(s)} ${placeB} let n = n0 + row; let k = k0 + octet * 8u; b${s}l = vec4<f32>(${four(0)}); b${s}h = vec4<f32>(${four(4)}); }`;
    }
    if (unpacked) {
      return `{ ${at(s)} ${placeB} b${s} = ${within('vec4<u32>()', `W[${indexOf('f16-packed', 'n0')}]`)}; }`;
    }
    const noScale = scaleType(coded!) === 'f32' ? '0.0' : `${scaleType(coded!)}()`;
    return `{ ${at(s)} ${placeB} let u = (n0 + row) * ${K / 8}u + k0 / 8u + octet; b${s} = W[u]; s${s} = ${within(noScale, scaleOf(coded!, 'u'))}; }`;
  };
  const storeB = (s: number) => {
    const guard = guardB ? `if (i < ${tileN * octets}u) ` : '';
    const body = dense
      ? putUnit('Bs', `b${s}l`, `b${s}h`)
      : unpacked
        ? putHalves('Bs', `b${s}`)
        : `var lo: vec4<f32>; var hi: vec4<f32>; decode(b${s}, s${s}, &lo, &hi); ${putUnit('Bs', 'lo', 'hi')}`;
    return `{ ${at(s)} ${guard}{ ${placeB} ${body} } }`;
  };
  const load = `${repeat(loadsA, loadA)}\n${repeat(loadsB, loadB)}`;

  const asHalves = (name: string, value: string) =>
    repeat(4, (q) => `let ${name}h${q} = bitcast<vec2<f16>>(${value}[${q}]);`, ' ');
  const multiply = (i: number, j: number) =>
    half
      ? `c${i}_${j} = fma(a${i}h3, bh3, fma(a${i}h2, bh2, fma(a${i}h1, bh1, fma(a${i}h0, bh0, c${i}_${j}))));`
      : `c${i}_${j} = fma(a${i}.w, b.w, fma(a${i}.z, b.z, fma(a${i}.y, b.y, fma(a${i}.x, b.x, c${i}_${j}))));`;
  const step = (u: number) => `{
    ${repeat(rows, (i) => `let a${i} = As[(${i * threadsM}u + ty) * ${stride}u + ${u}u]; ${half ? asHalves(`a${i}`, `a${i}`) : ''}`)}
    ${repeat(columns, (j) => `{ let b = Bs[(${j * threadsN}u + tx) * ${stride}u + ${u}u]; ${half ? asHalves('b', 'b') : ''} ${repeat(rows, (i) => multiply(i, j), ' ')} }`)}
  }`;
  const each = (piece: (i: number, j: number) => string) =>
    repeat(rows, (i) => repeat(columns, (j) => piece(i, j), ' '));
  const sum = half ? 'f' : 'c';
  const steps = Math.ceil(K / stepK);
  const flush = half
    ? each(
        (i, j) => `f${i}_${j} += f32(c${i}_${j}.x) + f32(c${i}_${j}.y); c${i}_${j} = vec2<f16>();`,
      )
    : '';
  const addLora = lora
    ? `for (var r = 0u; r < p.rank; r++) {
    ${repeat(rows, (i) => `let l${i} = low[(m0 + ${i * threadsM}u + ty) * p.lowStride + p.lowStart + r];`)}
    ${repeat(columns, (j) => `{ let b = loraB[r * ${N}u + n0 + ${j * threadsN}u + tx]; ${repeat(rows, (i) => `${sum}${i}_${j} = fma(l${i}, b, ${sum}${i}_${j});`, ' ')} }`)}
  }`
    : '';
  const addBias = bias
    ? repeat(
        columns,
        (j) =>
          `{ let b = bias[n0 + ${j * threadsN}u + tx]; ${repeat(rows, (i) => `${sum}${i}_${j} += b;`, ' ')} }`,
      )
    : '';
  const store = each((i, j) => {
    const guard = N % tileN === 0 ? '' : `if (n0 + ${j * threadsN}u + tx < ${N}u) `;
    return `${guard}{ C[(m0 + ${i * threadsM}u + ty) * ${N}u + n0 + ${j * threadsN}u + tx] = ${sum}${i}_${j}; }`;
  });

  const declarations = [
    `var<storage, read> A: ${activationType(input)};`,
    `var<storage, read> W: array<${coded !== null ? octetType(coded) : dense ? 'f32' : 'vec4<u32>'}>;`,
    ...(coded === null ? [] : scaleBuffers(coded)),
    ...(lora
      ? ['var<storage, read> low: array<f32>;', 'var<storage, read> loraB: array<f32>;']
      : []),
    ...(bias ? ['var<storage, read> bias: array<f32>;'] : []),
    'var<storage, read_write> C: array<f32>;',
    'var<uniform> p: Parameters;',
  ];
  const code = `${half ? 'enable f16;' : ''}
${PRODUCT_PARAMETERS}
${declarations.map((text, binding) => `@group(0) @binding(${binding}) ${text}`).join('\n')}
var<workgroup> As: array<${unitType}, ${tileM * stride}>;
var<workgroup> Bs: array<${unitType}, ${tileN * stride}>;
${coded === null ? '' : decodeFunction(coded, K)}
@compute @workgroup_size(${threads}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  ${tileOrigin(tileM, tileN, N)}
  ${threadPlace(threadsM, threadsN)}
  ${coded === null ? '' : `${fillLookup(coded)} workgroupBarrier();`}
  ${repeat(loadsA, (s) => (input === 'f32' ? `var a${s}l: vec4<f32>; var a${s}h: vec4<f32>;` : `var a${s}: vec4<u32>;`))}
  ${repeat(loadsB, (s) => {
    if (dense) return `var b${s}l: vec4<f32>; var b${s}h: vec4<f32>;`;
    return unpacked
      ? `var b${s}: vec4<u32>;`
      : `var b${s}: ${octetType(coded!)}; var s${s}: ${scaleType(coded!)};`;
  })}
  ${each((i, j) => (half ? `var c${i}_${j}: vec2<f16>; var f${i}_${j}: f32;` : `var c${i}_${j}: f32;`))}
  { let k0 = 0u; ${load} }
  for (var t = 0u; t < ${steps}u; t++) {
    ${repeat(loadsA, storeA)}
    ${repeat(loadsB, storeB)}
    workgroupBarrier();
    // The next step is on its way while this one is computed.
    { let k0 = min(t + 1u, ${steps - 1}u) * ${stepK}u; ${load} }
    ${repeat(units, step)}
    ${flush}
    workgroupBarrier();
  }
  ${addLora}${addBias}
  ${store}
}`;
  const bindings: Kernel['bindings'] = [
    ...declarations.slice(0, -2).map(() => 'read' as const),
    'write',
    'uniform',
  ];
  return {
    label: `product ${K} x ${N} ${weights} ${arithmetic}${lora ? ' lora' : ''}${bias ? ' bias' : ''}`,
    code,
    bindings,
  };
});

/** WGSL statements for the place (ty, tx) of a thread. 32 neighbours form 4 x 8, which share more reads than 1 x 32. */
export function threadPlace(threadsM: number, threadsN: number): string {
  if (threadsN % 8 !== 0 || threadsM % 4 !== 0) {
    return `let tx = lid % ${threadsN}u; let ty = lid / ${threadsN}u;`;
  }
  const across = threadsN / 8;
  return `let w = lid / 32u; let l = lid % 32u;
  let tx = w % ${across}u * 8u + l % 8u; let ty = w / ${across}u * 4u + l / 8u;`;
}
