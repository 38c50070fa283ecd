import type { GpuLimits } from '../../device/gpus.ts';
import { putFunction } from './activations.ts';
import { type AttentionShape, capped, KEY_AT } from './attention.ts';
import { type Kernel, once } from './kernel.ts';
import { BUILTINS, float, repeat, WORKGROUP_ID } from './text.ts';

/** Number of query rows and of keys in a tile. */
export const ATTENTION_ROWS = 64;

const WARPS = 8; // number of subgroups, of 32 threads each, in a workgroup
const THREADS = WARPS * 32;
const UNITS = 32; // units (vec4<u32>) in a matrix of 16 x 16 float16 values
const STRIDE = ATTENTION_ROWS / 4 + 2; // units in a row of float32 scores, two spare ones against bank conflicts
const WEIGHTS = ATTENTION_ROWS / 8 + 1; // the same for a row of float16 weights
/** Logarithm of the largest weight before sums are scaled down; e^8 is 2981, and float16 reaches 65504. */
const HEADROOM = 8;

/**
 * Source of the keys and values that are multiplied. `staged`: a tile of them is copied to workgroup memory, and the
 * next one is loaded into registers meanwhile; 1.4 times as fast on an H100. `direct`: the buffer itself, which needs
 * less workgroup memory. Both give the same bits.
 */
export type SubgroupAttentionWay = 'staged' | 'direct';

const LOADS = 4; // number of matrices along a head that are loaded before they are multiplied

/** Units of workgroup memory for a tile: float32 scores and, in turn with them, staged keys or values. */
function tileUnits(way: SubgroupAttentionWay, headDim: number): number {
  return ATTENTION_ROWS * (way === 'staged' ? Math.max(stagedRow(headDim), STRIDE) : STRIDE);
}

/** Units of a staged row, with a spare one against bank conflicts. */
function stagedRow(headDim: number): number {
  return headDim / 8 + 1;
}

/** The ways for which the device has enough workgroup memory, the fastest first. */
export function subgroupAttentionWays(
  headDim: number,
  { maxComputeWorkgroupStorageSize: most }: Pick<GpuLimits, 'maxComputeWorkgroupStorageSize'>,
): SubgroupAttentionWay[] {
  const rest = THREADS * 4 + ATTENTION_ROWS * 4 + 16;
  const bytes = (way: SubgroupAttentionWay) =>
    (tileUnits(way, headDim) + ATTENTION_ROWS * WEIGHTS) * 16 + rest;
  return (['staged', 'direct'] as const).filter((way) => bytes(way) <= most);
}

/** Marks a row of an arranged buffer that has no token and is filled with zeros. */
export const NO_TOKEN = 0xffff_ffff;

/**
 * True if {@link subgroupAttentionKernel} can compute this shape: heads divide a tile into whole matrices of 16
 * queries, and eight subgroups divide a head into whole matrices.
 */
export function tilesFit({
  heads,
  keyValueHeads,
  headDim,
}: Pick<AttentionShape, 'heads' | 'keyValueHeads' | 'headDim'>) {
  return [1, 2, 4].includes(heads / keyValueHeads) && [128, 256].includes(headDim);
}

/** Queries of one row of text in a workgroup, in each head of a group. */
export function queriesPerTile({
  heads,
  keyValueHeads,
}: Pick<AttentionShape, 'heads' | 'keyValueHeads'>): number {
  return ATTENTION_ROWS / (heads / keyValueHeads);
}

/** Bytes of an arranged buffer of `rows` rows. */
export function arrangedBytes(rows: number, heads: number, headDim: number): number {
  return rows * heads * headDim * 2;
}

/** Workgroups of {@link arrangeKernel}. */
export function arrangeGroups(rows: number, heads: number, headDim: number): number {
  return (rows * heads * (headDim / 16)) / 256;
}

/**
 * Arranges heads as float16 matrices of 16 tokens by 16 features, [rows / 16][heads][headDim / 16][16][16], and rotates
 * them if `rotated`. Values beyond float16 are clamped. One thread per two units of 8 features, which are rotated
 * together.
 *
 * Bindings: values float32 [M, heads * headDim]; cos, sin float32 [positions, headDim / 2]; source u32 [rows], the
 * token of each row or {@link NO_TOKEN}; position u32 [M]; output; parameters (unused). Rows are a multiple of {@link
 * ATTENTION_ROWS}.
 */
export const arrangeKernel = once(function arrangeKernel(
  heads: number,
  headDim: number,
  rotated: boolean,
): Kernel {
  const across = headDim / 32; // matrices in half a head
  const row = (heads * headDim) / 4;
  const code = `struct Parameters { unused: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> cosines: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> sines: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> source: array<u32>;
@group(0) @binding(4) var<storage, read> positions: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4<u32>>;
@group(0) @binding(6) var<uniform> p: Parameters;
fn halves(lo: vec4<f32>, hi: vec4<f32>) -> vec4<u32> {
  let most = vec4<f32>(65504.0);
  let l = clamp(lo, -most, most);
  let h = clamp(hi, -most, most);
  return vec4<u32>(pack2x16float(l.xy), pack2x16float(l.zw), pack2x16float(h.xy), pack2x16float(h.zw));
}
@compute @workgroup_size(256) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  // Two units of 8 features, half a head apart, which are rotated together.
  let i = id * 256u + lid;
  let unit = i % ${UNITS}u;
  let matrix = i / ${UNITS}u;
  let column = matrix % ${across}u;
  let head = matrix / ${across}u % ${heads}u;
  let rows = matrix / ${across * heads}u;
  let octet = column * 2u + unit % 2u;
  let token = source[rows * 16u + unit / 2u];
  var a = vec4<f32>();
  var b = vec4<f32>();
  var c = vec4<f32>();
  var d = vec4<f32>();
  if (token != ${NO_TOKEN}u) {
    let start = token * ${row}u + head * ${headDim / 4}u + octet * 2u;
    a = x[start];
    b = x[start + 1u];
    c = x[start + ${headDim / 8}u];
    d = x[start + ${headDim / 8 + 1}u];
    ${
      rotated
        ? `let angle = positions[token] * ${headDim / 8}u + octet * 2u;
    let ca = cosines[angle];
    let cb = cosines[angle + 1u];
    let sa = sines[angle];
    let sb = sines[angle + 1u];
    let ra = a * ca - c * sa;
    let rb = b * cb - d * sb;
    c = c * ca + a * sa;
    d = d * cb + b * sb;
    a = ra;
    b = rb;`
        : ''
    }
  }
  let to = ((rows * ${heads}u + head) * ${headDim / 16}u + column) * ${UNITS}u + unit;
  out[to] = halves(a, b);
  out[to + ${across * UNITS}u] = halves(c, d);
}`;
  return {
    label: `arrange ${heads} x ${headDim}${rotated ? ' rotated' : ''}`,
    code,
    bindings: ['read', 'read', 'read', 'read', 'read', 'write', 'uniform'],
  };
});

/**
 * Attention in one pass with subgroup matrices: float16 inputs, float32 sums. The algorithm is that of
 * `attentionKernel`.
 *
 * Eight subgroups share a tile of 64 queries by 64 keys. A tile has 64 / shared queries in each of the `shared` heads
 * that use one key/value head. Subgroup w computes the scores of 16 query rows from 16 * (w / 2) on and of 32 keys from
 * 32 * (w % 2) on. Scores pass through workgroup memory, where four threads per row mask it, find its maximum and
 * compute its weights. For the output a subgroup has all 64 rows and headDim / 8 features, in registers from the first
 * key to the last.
 *
 * The running maximum is raised only if a weight would exceed e^8 (see {@link HEADROOM}). Sums lie in matrices with a
 * layout of the driver's choice, so scaling their rows needs a round trip through workgroup memory. Weights above 1 are
 * as accurate as those below, because float16 has the same number of digits everywhere in this range.
 *
 * Traps: one thread reads `raised`, and `workgroupUniformLoad` passes it to the others, because barriers must be
 * reached in uniform control flow. Sums that are still zero (m is -1e30) need no scaling. Rows of text begin at a
 * multiple of 16 in the arranged buffers ({@link arrangeKernel}), because a matrix must not contain tokens of two rows.
 * For the same reason shared beginnings are whole matrices (`SHARED_MULTIPLE`).
 *
 * Bindings: q, k, v as {@link arrangeKernel} writes them; blocks (see `BLOCK_WORDS`), one for up to
 * {@link queriesPerTile} consecutive queries; output [M, heads * headDim] in `f16-packed`; parameters { blocks, window
 * } as in `attentionKernel`. Workgroups: blocks * keyValueHeads.
 */
export const subgroupAttentionKernel = once(function subgroupAttentionKernel(
  shape: Pick<AttentionShape, 'heads' | 'keyValueHeads' | 'headDim' | 'scale' | 'softCap'>,
  way: SubgroupAttentionWay,
): Kernel {
  const { heads, keyValueHeads, headDim, scale, softCap } = shape;
  const shared = heads / keyValueHeads;
  const tilesOfHead = 4 / shared; // matrices of 16 queries per head in a tile
  const columns = headDim / 16;
  const tileAt = (position: string) =>
    `(keyAt(${position}, block.z, prefix) / 16u * ${keyValueHeads}u + group) * ${columns * UNITS}u`;
  const own = columns / WARPS; // matrices along the head that a subgroup has of the output
  const left = 'subgroup_matrix_left<f16, 16, 16>';
  const right = 'subgroup_matrix_right<f16, 16, 16>';
  const result = 'subgroup_matrix_result<f32, 16, 16>';
  const outputs = (piece: (i: number, j: number) => string) =>
    repeat(4, (i) => repeat(own, (j) => piece(i, j), ' '));
  const strip = own * 4 + 1; // units in a row of a subgroup's strip of the output, with a spare one
  const octets = own * 2;
  const keyTiles = (piece: (j: number) => string) => repeat(2, piece, ' ');
  const staged = way === 'staged';
  const across = stagedRow(headDim);
  const keyLoad = (j: number, c: number) =>
    staged
      ? `subgroupMatrixLoad<${right}, col_major>(&S, (wj * 2u + ${j}u) * ${16 * across}u + ${c * 2}u, ${across}u)`
      : `subgroupMatrixLoad<${right}, col_major>(&K, k${j}At + ${c * UNITS}u, 2u)`;
  const valueLoad = (k: number, j: number) =>
    staged
      ? `subgroupMatrixLoad<${right}, row_major>(&S, ${k * 16 * across}u + warp * ${own * 2}u + ${j * 2}u, ${across}u)`
      : `subgroupMatrixLoad<${right}, row_major>(&V, v${k}At + ${j * UNITS}u, 2u)`;
  const values = (k: number) => `${
    staged ? '' : `let v${k}At = ${tileAt(`k0 + ${k * 16}u`)} + warp * ${own * UNITS}u;`
  }
      ${repeat(own, (j) => `let v${k}_${j} = ${valueLoad(k, j)};`)}`;
  // Units of every 16 rows of a staged tile that a thread copies.
  const units = (columns * UNITS) / THREADS;
  const parts = (piece: (k: number, u: number) => string) =>
    repeat(4, (k) => repeat(units, (u) => piece(k, u), ' '));
  const declare = (name: string) => parts((k, u) => `var ${name}${k}_${u}: vec4<u32>;`);
  const fetch = (name: string, from: string, k0: string) =>
    repeat(
      4,
      (k) =>
        `{ let begin = ${tileAt(`${k0} + ${k * 16}u`)} + lid; ${repeat(units, (u) => `${name}${k}_${u} = ${from}[begin + ${u * THREADS}u];`, ' ')} }`,
    );
  const put = (name: string) =>
    parts((k, u) => `S[stageAt + ${k * 16 * across + u * 16}u] = ${name}${k}_${u};`);
  const spill = (i: number) =>
    repeat(
      own,
      (j) => `subgroupMatrixStore<row_major>(&S, stripAt + ${j * 4}u, o${i}_${j}, ${strip}u);`,
      ' ',
    );

  const code = `enable f16;
enable chromium_experimental_subgroup_matrix;
// What a subgroup does depends on its number, which is the same for all of its threads.
diagnostic(off, chromium.subgroup_matrix_uniformity);
struct Parameters { blocks: u32, window: u32 }
@group(0) @binding(0) var<storage, read> Q: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> K: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> V: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> blocks: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> X: array<vec4<u32>>;
@group(0) @binding(5) var<uniform> p: Parameters;
// Scores, then strips of the output${staged ? '; before the scores keys, and after them values' : ''}.
var<workgroup> S: array<vec4<u32>, ${tileUnits(way, headDim)}>;
var<workgroup> P: array<vec4<u32>, ${ATTENTION_ROWS * WEIGHTS}>;
var<workgroup> most: array<f32, ${THREADS}>;
var<workgroup> factor: array<f32, ${ATTENTION_ROWS}>;
var<workgroup> raised: atomic<u32>;
var<workgroup> raise: u32;
${putFunction('f16-packed', heads * headDim, 'X')}
fn cap(x: vec4<f32>) -> vec4<f32> { let s = x * ${float(scale)}; return ${capped('s', softCap)}; }
${KEY_AT}
@compute @workgroup_size(${THREADS}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  if (id >= p.blocks * ${keyValueHeads}u) { return; }
  let group = id % ${keyValueHeads}u;
  let block = blocks[id / ${keyValueHeads}u * 2u];
  let prefix = blocks[id / ${keyValueHeads}u * 2u + 1u];
  let warp = lid / 32u;
  let wi = warp / 2u;
  let wj = warp % 2u;
  let stripAt = warp * ${16 * strip}u;
  let lane = lid % 32u;
  // A tile's rows are queries of one head after the other; four threads have a row, every fourth octet of keys each.
  let row = lid / 4u;
  let side = lid % 4u;
  let at = block.w + row / 16u % ${tilesOfHead}u * 16u + row % 16u;
  let qTile = (block.z + block.w) / 16u + wi % ${tilesOfHead}u;
  let qAt = (qTile * ${heads}u + group * ${shared}u + wi / ${tilesOfHead}u) * ${columns * UNITS}u;
  var m = -1e30;
  var l = 0.0;
  ${outputs((i, j) => `var o${i}_${j}: ${result};`)}
  let end = block.w + block.y;
  let seen = select(0u, (block.w + 1u - p.window) / ${ATTENTION_ROWS}u * ${ATTENTION_ROWS}u, block.w + 1u > p.window);
  ${repeat(columns, (c) => `let q${c} = subgroupMatrixLoad<${left}, row_major>(&Q, qAt + ${c * UNITS}u, 2u);`)}
  ${
    staged
      ? `let stageAt = lid % 32u / 2u * ${across}u + lid / 32u * 2u + lid % 2u;
  ${declare('key')}
  ${declare('value')}
  ${fetch('key', 'K', 'seen')}`
      : ''
  }
  for (var k0 = seen; k0 < end; k0 += ${ATTENTION_ROWS}u) {
    ${
      staged
        ? `workgroupBarrier();
    ${put('key')}
    workgroupBarrier();
    ${fetch('value', 'V', 'k0')}`
        : ''
    }
    {
      ${staged ? '' : keyTiles((j) => `let k${j}At = ${tileAt(`k0 + (wj * 2u + ${j}u) * 16u`)};`)}
      // Without the value some compilers keep that of the last round.
      ${keyTiles((j) => `var s${j} = ${result}();`)}
      ${repeat(
        columns / LOADS,
        (g) => `{
        ${repeat(LOADS, (u) => keyTiles((j) => `let b${u}_${j} = ${keyLoad(j, g * LOADS + u)};`))}
        ${repeat(LOADS, (u) => keyTiles((j) => `s${j} = subgroupMatrixMultiplyAccumulate(q${g * LOADS + u}, b${u}_${j}, s${j});`))}
      }`,
      )}
      ${staged ? 'workgroupBarrier();' : ''}
      ${keyTiles((j) => `subgroupMatrixStore<row_major>(&S, wi * ${16 * STRIDE}u + wj * 8u + ${j * 4}u, s${j}, ${STRIDE}u);`)}
    }
    ${staged ? '' : repeat(4, values)}
    workgroupBarrier();
    var high = vec4<f32>(-1e30);
    ${repeat(2, (c) => {
      const quad = (
        name: string,
        half: number,
      ) => `{ let key = k0 + (${4 * c}u + side) * 8u + ${half * 4}u + vec4<u32>(0u, 1u, 2u, 3u);
      let visible = (key <= vec4<u32>(at)) & (key + p.window > vec4<u32>(at));
      ${name} = select(vec4<f32>(-1e30), cap(bitcast<vec4<f32>>(S[row * ${STRIDE}u + (${4 * c}u + side) * 2u + ${half}u])), visible); }`;
      return `var x${c}l: vec4<f32>; var x${c}h: vec4<f32>;
    ${quad(`x${c}l`, 0)}
    ${quad(`x${c}h`, 1)}
    high = max(high, max(x${c}l, x${c}h));`;
    })}
    most[lid] = max(max(high.x, high.y), max(high.z, high.w));
    workgroupBarrier();
    let now = max(max(most[row * 4u], most[row * 4u + 1u]), max(most[row * 4u + 2u], most[row * 4u + 3u]));
    var keep = 1.0;
    if (now > m + ${HEADROOM}.0) {
      // Sums that are zero need no scaling.
      if (m > -1e29) { atomicStore(&raised, 1u); }
      keep = exp(m - now);
      m = now;
    }
    factor[row] = keep;
    l *= keep;
    ${repeat(
      2,
      (c) => `{ let lo = select(vec4<f32>(), exp(x${c}l - m), x${c}l > vec4<f32>(-1e29));
      let hi = select(vec4<f32>(), exp(x${c}h - m), x${c}h > vec4<f32>(-1e29));
      l += dot(lo + hi, vec4<f32>(1.0));
      P[row * ${WEIGHTS}u + ${4 * c}u + side] = vec4<u32>(pack2x16float(lo.xy), pack2x16float(lo.zw), pack2x16float(hi.xy), pack2x16float(hi.zw)); }`,
    )}
    workgroupBarrier();
    if (lid == 0u) { raise = atomicExchange(&raised, 0u); }
    if (workgroupUniformLoad(&raise) != 0u) {
      ${repeat(
        4,
        (i) => `${spill(i)}
      workgroupBarrier();
      for (var e = lane; e < ${16 * own * 4}u; e += 32u) { let value = stripAt + e / ${own * 4}u * ${strip}u + e % ${own * 4}u; S[value] = bitcast<vec4<u32>>(bitcast<vec4<f32>>(S[value]) * factor[${i * 16}u + e / ${own * 4}u]); }
      workgroupBarrier();
      ${repeat(own, (j) => `o${i}_${j} = subgroupMatrixLoad<${result}, row_major>(&S, stripAt + ${j * 4}u, ${strip}u);`, ' ')}
      workgroupBarrier();`,
      )}
    }
    ${
      staged
        ? `${put('value')}
    if (k0 + ${ATTENTION_ROWS}u < end) {
      ${fetch('key', 'K', `k0 + ${ATTENTION_ROWS}u`)}
    }
    workgroupBarrier();`
        : ''
    }
    ${repeat(
      4,
      (k) => `{
      ${staged ? values(k) : ''}
      ${repeat(4, (i) => `{ let a = subgroupMatrixLoad<${left}, row_major>(&P, ${i * 16 * WEIGHTS + k * 2}u, ${WEIGHTS}u); ${repeat(own, (j) => `o${i}_${j} = subgroupMatrixMultiplyAccumulate(a, v${k}_${j}, o${i}_${j});`, ' ')} }`)}
    }`,
    )}
  }
  most[lid] = l;
  workgroupBarrier();
  if (side == 0u) { factor[row] = 1.0 / (most[lid] + most[lid + 1u] + most[lid + 2u] + most[lid + 3u]); }
  ${repeat(
    4,
    (i) => `${spill(i)}
  workgroupBarrier();
  for (var e = lane; e < ${16 * octets}u; e += 32u) {
    let r = e % 16u;
    let query = ${(i % tilesOfHead) * 16}u + r;
    if (query < block.y) {
      let f = factor[${i * 16}u + r];
      let value = stripAt + r * ${strip}u + e / 16u * 2u;
      put(block.x + query, (group * ${shared}u + ${Math.floor(i / tilesOfHead)}u) * ${headDim / 8}u + warp * ${octets}u + e / 16u, bitcast<vec4<f32>>(S[value]) * f, bitcast<vec4<f32>>(S[value + 1u]) * f);
    }
  }
  workgroupBarrier();`,
  )}
}`;
  return {
    label: `subgroup attention ${heads}/${keyValueHeads} x ${headDim} cap ${softCap}`,
    code,
    bindings: ['read', 'read', 'read', 'read', 'write', 'uniform'],
  };
});
