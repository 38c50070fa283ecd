import { BLOCK_SIZE, type FixedFormat } from '../../../model/formats/quantization.ts';
import { INT8_BLOCK, wholeLevels } from './int8.ts';
import { type Kernel, once } from './kernel.ts';
import {
  PRODUCT_PARAMETERS,
  type ProductTile,
  threadPlace,
  threadsOf,
  tileOrigin,
} from './product.ts';
import { BUILTINS, float, repeat, WORKGROUP_ID } from './text.ts';

/** Name of the language feature with `dot4I8Packed`. */
export const PACKED_DOT_PRODUCT = 'packed_4x8_integer_dot_product';

/** An int8 product: [M, K] x [K, N] to [M, N]. */
interface Int8ProductShape {
  K: number;
  N: number;
  weights: FixedFormat;
  lora: boolean;
  /** Adds a bias [N]. Default false. */
  bias?: boolean;
  tile: ProductTile;
}

const UNIT = 16; // codes in a unit of 16 bytes
const UNITS = INT8_BLOCK / UNIT; // units in a block

/** Bytes of workgroup memory that a tile takes. */
export function int8TileStorage({ tileM, tileN, stepK }: ProductTile): number {
  return (tileM + tileN) * ((stepK / UNIT + 1) * 16 + (stepK / INT8_BLOCK) * 4);
}

/*
 * Converts integer sums to float32 by a subtraction, which is faster than a conversion. A sum of 32 products of codes
 * within ±127 is at most 516,128, far below 2^22. Added to the bits of 1.5 * 2^23 it becomes the low part of the
 * mantissa, and subtracting 1.5 * 2^23 leaves the sum. The factor 1.5 keeps negative sums from borrowing from the
 * exponent.
 */
const MAGIC = 1.5 * 2 ** 23;
const MAGIC_BITS = 0x4b400000;

/**
 * Product of int8 codes by `dot4I8Packed`, with the tiling of `productKernel` in units of 16 codes. The scales of input
 * and weights lie in the tile beside the codes.
 *
 * Order of sums: exact integers within a block of {@link INT8_BLOCK} along K, then float32 from block to block. It is
 * the same in every tile, so all tiles give the same bits.
 *
 * Bindings: codes and scales of the input as `quantizeKernel` writes them (`rowMultiple` is a multiple of the tile's
 * rows); weights as `unpackInt8Kernel` writes them; scales of the weights; low float32 and B float32 [rank, N] (LoRA
 * only); bias float32 [N] (`bias` only); output float32 [M, N]; parameters of `productKernel`. K is a multiple of 32.
 * All buffers except the weights have room for M up to a multiple of the tile. Needs the language feature
 * {@link PACKED_DOT_PRODUCT}.
 */
export const int8ProductKernel = once(function int8ProductKernel(
  shape: Int8ProductShape,
  rowMultiple: number,
): Kernel {
  const { K, N, weights, lora, bias = false, tile } = shape;
  const { tileM, tileN, stepK, rows, columns } = tile;
  const threads = threadsOf(tile);
  const threadsN = tileN / columns;
  const threadsM = tileM / rows;
  const units = stepK / UNIT;
  const stride = units + 1; // a spare unit against bank conflicts
  const blocks = stepK / INT8_BLOCK;
  const steps = Math.ceil(K / stepK);
  const ragged = K % stepK !== 0;

  /** WGSL pieces that move `count` values of a step, `threads` at a time, through registers `name0`, `name1`, … */
  const moving = (
    name: string,
    count: number,
    place: string,
    inK: string,
    from: string,
    to: string,
    zero: string,
  ) => {
    const loads = Math.ceil(count / threads);
    const at = (s: number) => `let i = lid + ${s * threads}u; ${place}`;
    const value = ragged ? `select(${zero}, ${from}, ${inK})` : from;
    return {
      declare: repeat(loads, (s) => `var ${name}${s} = ${zero};`, ' '),
      load: repeat(loads, (s) => `{ ${at(s)} ${name}${s} = ${value}; }`),
      store: repeat(
        loads,
        (s) =>
          `{ ${at(s)} ${count % threads === 0 || s < loads - 1 ? '' : `if (i < ${count}u) `}{ ${to} = ${name}${s}; } }`,
      ),
    };
  };
  const unitPlace = `let row = i / ${units}u; let u = i % ${units}u;`;
  const codesOf = (name: string, array: string, buffer: string, origin: string, count: number) =>
    moving(
      name,
      count * units,
      unitPlace,
      `k0 + u * ${UNIT}u < ${K}u`,
      `${buffer}[(${origin} + row) * ${K / UNIT}u + k0 / ${UNIT}u + u]`,
      `${array}[row * ${stride}u + u]`,
      'vec4<u32>()',
    );
  const block = `(k0 / ${INT8_BLOCK}u + part)`;
  const scalesOf = (name: string, array: string, count: number, from: string) =>
    moving(
      name,
      count * blocks,
      `let row = i % ${count}u; let part = i / ${count}u;`,
      `${block} < ${K / INT8_BLOCK}u`,
      from,
      `${array}[i]`,
      '0.0',
    );
  const perScale = BLOCK_SIZE[weights] / INT8_BLOCK;
  const moves = [
    codesOf('a', 'As', 'A', 'm0', tileM),
    codesOf('b', 'Bs', 'W', 'n0', tileN),
    scalesOf('p', 'scalesA', tileM, `inputScales[${block} * padded + m0 + row]`),
    scalesOf(
      'q',
      'scalesB',
      tileN,
      `weightScales[((n0 + row) * ${K / INT8_BLOCK}u + ${block}) / ${perScale}u]`,
    ),
  ];
  const load = moves.map((move) => move.load).join('\n');
  const store = moves.map((move) => move.store).join('\n');

  const dots = (i: number) =>
    repeat(
      UNITS,
      (u) => repeat(4, (w) => `dot4I8Packed(a${i}_${u}[${w}], b${u}[${w}])`, ' + '),
      ' + ',
    );
  const compute = (part: number) => `{
    ${repeat(rows, (i) => `${repeat(UNITS, (u) => `let a${i}_${u} = As[(${i * threadsM}u + ty) * ${stride}u + ${part * UNITS + u}u];`, ' ')} let s${i} = scalesA[${part * tileM + i * threadsM}u + ty];`)}
    ${repeat(
      columns,
      (
        j,
      ) => `{ ${repeat(UNITS, (u) => `let b${u} = Bs[(${j * threadsN}u + tx) * ${stride}u + ${part * UNITS + u}u];`, ' ')} let s = scalesB[${part * tileN + j * threadsN}u + tx];
      ${repeat(rows, (i) => `c${i}_${j} = fma(bitcast<f32>(${MAGIC_BITS} + ${dots(i)}) - ${float(MAGIC)}, s${i} * s, c${i}_${j});`)} }`,
    )}
  }`;
  const each = (piece: (i: number, j: number) => string) =>
    repeat(rows, (i) => repeat(columns, (j) => piece(i, j), ' '));
  const addLora = lora
    ? `for (var r = 0u; r < p.rank; r++) {
    ${repeat(rows, (i) => `let l${i} = low[(m0 + ${i * threadsM}u + ty) * p.lowStride + p.lowStart + r];`)}
    ${repeat(columns, (j) => `{ let b = loraB[r * ${N}u + n0 + ${j * threadsN}u + tx]; ${repeat(rows, (i) => `c${i}_${j} = fma(l${i}, b, c${i}_${j});`, ' ')} }`)}
  }`
    : '';
  const addBias = bias
    ? repeat(
        columns,
        (j) =>
          `{ let b = bias[n0 + ${j * threadsN}u + tx]; ${repeat(rows, (i) => `c${i}_${j} += b;`, ' ')} }`,
      )
    : '';
  const { factor } = wholeLevels(weights);
  const declarations = [
    'var<storage, read> A: array<vec4<u32>>;',
    'var<storage, read> inputScales: array<f32>;',
    'var<storage, read> W: array<vec4<u32>>;',
    'var<storage, read> weightScales: array<f32>;',
    ...(lora
      ? ['var<storage, read> low: array<f32>;', 'var<storage, read> loraB: array<f32>;']
      : []),
    ...(bias ? ['var<storage, read> bias: array<f32>;'] : []),
    'var<storage, read_write> C: array<f32>;',
    'var<uniform> p: Parameters;',
  ];
  const code = `requires ${PACKED_DOT_PRODUCT};
${PRODUCT_PARAMETERS}
${declarations.map((text, binding) => `@group(0) @binding(${binding}) ${text}`).join('\n')}
var<workgroup> As: array<vec4<u32>, ${tileM * stride}>;
var<workgroup> Bs: array<vec4<u32>, ${tileN * stride}>;
var<workgroup> scalesA: array<f32, ${tileM * blocks}>;
var<workgroup> scalesB: array<f32, ${tileN * blocks}>;
@compute @workgroup_size(${threads}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  ${tileOrigin(tileM, tileN, N)}
  ${threadPlace(threadsM, threadsN)}
  let padded = (p.M + ${rowMultiple - 1}u) / ${rowMultiple}u * ${rowMultiple}u;
  ${moves.map((move) => move.declare).join(' ')}
  ${each((i, j) => `var c${i}_${j}: f32;`)}
  { let k0 = 0u; ${load} }
  for (var t = 0u; t < ${steps}u; t++) {
    ${store}
    workgroupBarrier();
    // The next step is on its way while this one is computed.
    { let k0 = min(t + 1u, ${steps - 1}u) * ${stepK}u; ${load} }
    ${repeat(blocks, compute)}
    workgroupBarrier();
  }
  ${each((i, j) => `c${i}_${j} *= ${float(1 / factor)};`)}
  ${addLora}${addBias}
  ${each((i, j) => `${N % tileN === 0 ? '' : `if (n0 + ${j * threadsN}u + tx < ${N}u) `}{ C[(m0 + ${i * threadsM}u + ty) * ${N}u + n0 + ${j * threadsN}u + tx] = c${i}_${j}; }`)}
}`;
  return {
    label: `product ${K} x ${N} ${weights} int8${lora ? ' lora' : ''}${bias ? ' bias' : ''}`,
    code,
    bindings: [...declarations.slice(0, -2).map(() => 'read' as const), 'write', 'uniform'],
  };
});
