import type { GpuLimits } from '../../device/gpus.ts';
import { type ActivationLayout, putQuadFunction, quadType } from './activations.ts';
import { type Kernel, once } from './kernel.ts';
import { BUILTINS, float, repeat, WORKGROUP_ID } from './text.ts';

/** The shape of attention with grouped heads over concatenated rows. */
export interface AttentionShape {
  heads: number;
  keyValueHeads: number;
  /** A multiple of 8. */
  headDim: number;
  /** Factor of the scores, applied before the soft cap. */
  scale: number;
  /** Soft cap of the scores; null for none. */
  softCap: number | null;
  output: ActivationLayout;
  tile: AttentionTile;
}

/**
 * A tile: `rows` query rows by `keys` keys. `stepD` is the number of features of a head in a step of the scores, and
 * `stepKeys` the number of keys in a step of the values.
 */
interface AttentionTile {
  rows: number;
  keys: number;
  stepD: number;
  stepKeys: number;
}

const ACROSS = 16; // threads side by side along keys, and along a head
const ROWS_PER_THREAD = 4;

/**
 * Bytes of workgroup memory that a tile takes: the pool, the weights, and a vec4 of each thread for maxima and sums.
 */
function storage({ rows, keys, stepD, stepKeys }: AttentionTile, headDim: number): number {
  const pool = Math.max((rows + keys) * (stepD / 4 + 1), stepKeys * (headDim / 4));
  return 16 * (pool + (keys * rows) / 4 + (rows / ROWS_PER_THREAD) * ACROSS);
}

/**
 * Tiles that fit into the device's workgroup memory, the default first; empty if none does. All returned tiles have the
 * same number of keys, on which the order of sums depends, so they give the same bits.
 * @param small true returns only the smallest tile, which software devices compile quickly.
 */
export function attentionTiles(
  headDim: number,
  { maxComputeWorkgroupStorageSize: most }: GpuLimits,
  small = false,
): AttentionTile[] {
  const stepD = [32, 16, 8].find((d) => headDim % d === 0);
  if (stepD === undefined) return [];
  const tiles: AttentionTile[] = [
    { rows: 64, keys: 64, stepD, stepKeys: 16 },
    { rows: 64, keys: 64, stepD: Math.min(stepD, 16), stepKeys: 8 },
    { rows: 32, keys: 64, stepD, stepKeys: 8 },
    { rows: 32, keys: 32, stepD, stepKeys: 8 },
    { rows: 16, keys: 16, stepD: 8, stepKeys: 4 },
  ];
  const fitting = tiles.filter((tile) => storage(tile, headDim) <= most);
  if (small) return fitting.slice(-1);
  return fitting.filter(({ keys }) => keys === fitting[0]!.keys);
}

/** Queries of one row of text in a workgroup. A row of the tile is one of these queries in one head of the group. */
export function queriesPerBlock({
  heads,
  keyValueHeads,
  tile,
}: Omit<AttentionShape, 'softCap'>): number {
  return Math.floor(tile.rows / (heads / keyValueHeads));
}

/**
 * WGSL function `keyAt`, the index in the batch of the key at a position: one that the row shares with another row
 * (`prefix`) or one of its own (`own`). See `BLOCK_WORDS`.
 */
export const KEY_AT = `fn keyAt(position: u32, own: u32, prefix: vec4<u32>) -> u32 {
  return position + select(own, prefix.x, position < prefix.y);
}`;

/** WGSL expression of four soft-capped scores, `cap * tanh(score / cap)`. */
export function capped(scores: string, softCap: number | null): string {
  if (softCap === null) return scores;
  // tanh(x) = 1 - 2 / (exp(2 x) + 1). This is accurate enough relative to scores of up to the cap, and far faster than
  // `tanh` of some drivers, which for large arguments can return NaN.
  return `${float(softCap)} * (1.0 - 2.0 / (exp(clamp(${scores} * ${float(2 / softCap)}, vec4<f32>(-30.0), vec4<f32>(30.0))) + 1.0))`;
}

/**
 * Attention in float32, in one pass with a running maximum, so that no score matrix lies in memory. After
 * FlashAttention (Dao et al. 2022), without its backward pass.
 *
 * A workgroup computes a block of queries of one row of text, for all query heads that share one key/value head: row r
 * of its tile is query r / shared in head r % shared, so keys and values are read once for the whole group. It loops
 * over the keys in tiles. For each tile it computes scores [rows, keys] in steps of `stepD` along the head, caps and
 * masks them, raises the maximum m of each query, scales the sums so far by exp(m_old - m_new), and adds exp(score - m)
 * times the values, in steps of `stepKeys` keys. At the end it divides by l, the sum of all weights.
 *
 * A thread computes 4 rows; 16 neighbouring threads divide the keys of a tile and then the features of a head.
 * Workgroup memory bounds the tile: one pool has queries and keys first and values afterwards; the weights lie beside
 * it.
 *
 * Order of sums: scores along the head from first to last; weights and values key by key, rescaled after each tile of
 * keys. So the bits depend on `keys`, which is the same in all tiles that a device may choose from. Tiles of keys begin
 * at multiples of `keys` in the row of text, not in the batch, so a row's bits do not depend on its neighbours.
 *
 * Traps: a masked score enters the maximum as -1e30 and gets the weight 0 by `select`, because exp(-1e30 - m) is 1 if
 * every key of a tile is masked and m is -1e30 as well. Keys past the end are read as the last key and masked. Queries
 * past the end of a block are computed as its last query and not stored.
 *
 * Bindings: q float32 [queries, heads * headDim], k and v float32 [tokens, keyValueHeads * headDim], q and k rotated;
 * blocks (see `BLOCK_WORDS`), one for up to {@link queriesPerBlock} consecutive queries; output [queries, heads *
 * headDim] in the layout `output`; parameters { blocks, window }: a token sees itself and at most `window - 1` tokens
 * before it. Workgroups: blocks * keyValueHeads.
 */
export const attentionKernel = once(function attentionKernel(shape: AttentionShape): Kernel {
  const { heads, keyValueHeads, headDim, scale, softCap, output, tile } = shape;
  const { rows, keys, stepD, stepKeys } = tile;
  const shared = heads / keyValueHeads;
  const down = rows / ROWS_PER_THREAD;
  const threads = down * ACROSS;
  const units = stepD / 4;
  const stride = units + 1; // a spare unit against bank conflicts
  const headUnits = headDim / 4;
  const perThread = Math.ceil(headUnits / ACROSS);
  const partial = headUnits % ACROSS !== 0;
  const keysPerThread = keys / ACROSS;
  const pool = Math.max((rows + keys) * stride, stepKeys * headUnits);
  // Values of the next step are loaded into registers while this one is computed, which hides the latency of memory.
  const each = (count: number, piece: (s: number) => string) =>
    repeat(Math.ceil(count / threads), (s) => {
      const guard = (s + 1) * threads > count ? `if (i < ${count}u) ` : '';
      return `{ let i = lid + ${s * threads}u; ${guard}{ ${piece(s)} } }`;
    });
  const row = `let r = i / ${units}u; let u = i % ${units}u;`;
  const loadScores = (k0: string, d: string) => `${each(
    rows * units,
    (s) => `${row} let query = block.x + min(r / ${shared}u, block.y - 1u);
    q${s}Next = Q[query * ${heads * headUnits}u + (head * ${shared}u + r % ${shared}u) * ${headUnits}u + ${d} + u];`,
  )}
  ${each(
    keys * units,
    (s) => `${row} let key = keyAt(min(${k0} + r, end - 1u), block.z, prefix);
    k${s}Next = K[key * ${keyValueHeads * headUnits}u + head * ${headUnits}u + ${d} + u];`,
  )}`;
  const storeScores = `${each(rows * units, (s) => `${row} pool[r * ${stride}u + u] = q${s}Next;`)}
  ${each(keys * units, (s) => `${row} pool[(${rows}u + r) * ${stride}u + u] = k${s}Next;`)}`;
  const loadValues = (v0: string) =>
    each(
      stepKeys * headUnits,
      (s) => `let key = keyAt(min(k0 + ${v0} + i / ${headUnits}u, end - 1u), block.z, prefix);
    v${s}Next = V[key * ${keyValueHeads * headUnits}u + head * ${headUnits}u + i % ${headUnits}u];`,
    );
  const dot = (i: number, sum: string) =>
    `fma(q${i}.w, k.w, fma(q${i}.z, k.z, fma(q${i}.y, k.y, fma(q${i}.x, k.x, ${sum}))))`;
  const eachRow = (piece: (i: number) => string) => repeat(ROWS_PER_THREAD, piece, ' ');
  const unitOf = (c: number) => `(${c * ACROSS}u + tx)`;
  const ifUnit = (c: number) => (partial ? `if (${unitOf(c)} < ${headUnits}u) ` : '');
  const cap = capped('s', softCap);

  const code = `struct Parameters { blocks: u32, window: u32 }
@group(0) @binding(0) var<storage, read> Q: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> K: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> V: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> blocks: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> X: ${quadType(output)};
@group(0) @binding(5) var<uniform> p: Parameters;
${putQuadFunction(output, heads * headDim, 'X')}
// A step of queries and keys, or of values.
var<workgroup> pool: array<vec4<f32>, ${pool}>;
var<workgroup> weights: array<vec4<f32>, ${keys * down}>;
var<workgroup> most: array<vec4<f32>, ${threads}>;
${KEY_AT}
@compute @workgroup_size(${threads}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  if (id >= p.blocks * ${keyValueHeads}u) { return; }
  let block = blocks[id / ${keyValueHeads}u * 2u];
  let prefix = blocks[id / ${keyValueHeads}u * 2u + 1u];
  let head = id % ${keyValueHeads}u;
  let tx = lid % ${ACROSS}u;
  let ty = lid / ${ACROSS}u;
  let end = block.w + block.y;
  let start = (max(block.w + 1u, p.window) - p.window) / ${keys}u * ${keys}u;
  var m = vec4<f32>(-1e30);
  var l = vec4<f32>();
  ${eachRow((i) => `let at${i} = block.w + (ty * ${ROWS_PER_THREAD}u + ${i}u) / ${shared}u;`)}
  ${eachRow((i) => repeat(perThread, (c) => `var o${i}_${c}: vec4<f32>;`, ' '))}
  ${repeat(Math.ceil((rows * units) / threads), (s) => `var q${s}Next: vec4<f32>;`, ' ')}
  ${repeat(Math.ceil((keys * units) / threads), (s) => `var k${s}Next: vec4<f32>;`, ' ')}
  ${repeat(Math.ceil((stepKeys * headUnits) / threads), (s) => `var v${s}Next: vec4<f32>;`, ' ')}
  ${loadScores('start', '0u')}
  for (var k0 = start; k0 < end; k0 += ${keys}u) {
    // Without the value some compilers keep that of the last round.
    ${repeat(keysPerThread, (j) => `var s${j} = vec4<f32>();`, ' ')}
    for (var d = 0u; d < ${headUnits}u; d += ${units}u) {
      workgroupBarrier();
      ${storeScores}
      workgroupBarrier();
      if (d + ${units}u < ${headUnits}u) { ${loadScores('k0', `d + ${units}u`)} } else { ${loadValues('0u')} }
      for (var u = 0u; u < ${units}u; u++) {
        ${eachRow((i) => `let q${i} = pool[(ty * ${ROWS_PER_THREAD}u + ${i}u) * ${stride}u + u];`)}
        ${repeat(keysPerThread, (j) => `{ let k = pool[(${rows + j * ACROSS}u + tx) * ${stride}u + u]; s${j} = vec4<f32>(${repeat(ROWS_PER_THREAD, (i) => dot(i, `s${j}[${i}]`), ', ')}); }`)}
      }
    }
    var high = vec4<f32>(-1e30);
    ${repeat(
      keysPerThread,
      (j) => `let key${j} = k0 + ${j * ACROSS}u + tx;
    let seen${j} = vec4<bool>(${repeat(ROWS_PER_THREAD, (i) => `key${j} <= at${i} && key${j} + p.window > at${i}`, ', ')});
    { let s = s${j} * ${float(scale)}; s${j} = ${cap}; }
    high = max(high, select(vec4<f32>(-1e30), s${j}, seen${j}));`,
    )}
    most[lid] = high;
    workgroupBarrier();
    var now = m;
    for (var t = 0u; t < ${ACROSS}u; t++) { now = max(now, most[ty * ${ACROSS}u + t]); }
    let keep = exp(m - now);
    m = now;
    l *= keep;
    ${repeat(
      keysPerThread,
      (j) =>
        `{ let w = select(vec4<f32>(), exp(s${j} - now), seen${j}); l += w; weights[(${j * ACROSS}u + tx) * ${down}u + ty] = w; }`,
    )}
    ${eachRow((i) => repeat(perThread, (c) => `o${i}_${c} *= keep[${i}];`, ' '))}
    for (var v0 = 0u; v0 < ${keys}u; v0 += ${stepKeys}u) {
      workgroupBarrier();
      ${each(stepKeys * headUnits, (s) => `pool[i] = v${s}Next;`)}
      workgroupBarrier();
      if (v0 + ${stepKeys}u < ${keys}u) { ${loadValues(`v0 + ${stepKeys}u`)} } else { ${loadScores(`k0 + ${keys}u`, '0u')} }
      for (var r = 0u; r < ${stepKeys}u; r++) {
        let w = weights[(v0 + r) * ${down}u + ty];
        ${repeat(perThread, (c) => `${ifUnit(c)}{ let v = pool[r * ${headUnits}u + ${unitOf(c)}]; ${eachRow((i) => `o${i}_${c} = fma(vec4<f32>(w[${i}]), v, o${i}_${c});`)} }`)}
      }
    }
  }
  most[lid] = l;
  workgroupBarrier();
  var sum = vec4<f32>();
  for (var t = 0u; t < ${ACROSS}u; t++) { sum += most[ty * ${ACROSS}u + t]; }
  ${eachRow(
    (i) => `{ let r = ty * ${ROWS_PER_THREAD}u + ${i}u; let query = r / ${shared}u;
    if (query < block.y && r < ${queriesPerBlock(shape) * shared}u) {
      let first = (head * ${shared}u + r % ${shared}u) * ${headUnits}u;
      ${repeat(perThread, (c) => `${ifUnit(c)}{ put(block.x + query, first + ${unitOf(c)}, o${i}_${c} / sum[${i}]); }`)}
    } }`,
  )}
}`;
  return {
    label: `attention ${heads}/${keyValueHeads} x ${headDim} cap ${softCap}`,
    code,
    bindings: ['read', 'read', 'read', 'read', 'write', 'uniform'],
  };
});
