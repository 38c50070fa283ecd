import { ATTENTION_ROWS, NO_TOKEN } from './subgroup-attention.ts';

/** A batch of rows without padding, as the kernels want it. */
export interface PackedBatch {
  tokens: number;
  /** All rows one after the other. */
  ids: Int32Array;
  /** Position of each token in its row. */
  positions: Uint32Array<ArrayBuffer>;
  /** Index of each row's last token, and its position in its row. */
  last: Uint32Array<ArrayBuffer>;
  lastPositions: Uint32Array<ArrayBuffer>;
  /** Blocks of queries for the attention kernel: all tokens, and the last ones alone. */
  blocks: Uint32Array<ArrayBuffer>;
  lastBlocks: Uint32Array<ArrayBuffer>;
  /** For subgroup attention, whose sequences begin at a multiple of a tile: the token of each row, and its blocks. */
  tiled: { source: Uint32Array<ArrayBuffer>; blocks: Uint32Array<ArrayBuffer> } | null;
}

/**
 * Concatenates rows.
 * @param queriesPerBlock see `queriesPerBlock` of the attention kernel.
 * @param queriesPerTile of the subgroup attention kernel; null where it is not used.
 */
export function packBatch(
  rows: readonly Int32Array[],
  queriesPerBlock: number,
  queriesPerTile: number | null = null,
): PackedBatch {
  const tokens = rows.reduce((sum, row) => sum + row.length, 0);
  const ids = new Int32Array(tokens);
  const positions = new Uint32Array(tokens);
  const last = new Uint32Array(rows.length);
  const lastBlocks: number[] = [];
  const starts: number[] = [];
  let first = 0;
  for (const [r, row] of rows.entries()) {
    ids.set(row, first);
    for (let i = 0; i < row.length; i += 1) positions[first + i] = i;
    last[r] = first + row.length - 1;
    lastBlocks.push(r, 1, first, row.length - 1);
    starts.push(first);
    first += row.length;
  }
  return {
    tokens,
    ids,
    positions,
    last,
    lastPositions: Uint32Array.from(rows, (row) => row.length - 1),
    blocks: blocksOf(rows, starts, starts, queriesPerBlock),
    lastBlocks: Uint32Array.from(lastBlocks),
    tiled: queriesPerTile === null ? null : tiled(rows, starts, queriesPerTile),
  };
}

function tiled(rows: readonly Int32Array[], starts: readonly number[], queriesPerTile: number) {
  const begins: number[] = [];
  let total = 0;
  for (const row of rows) {
    begins.push(total);
    total += Math.ceil(row.length / ATTENTION_ROWS) * ATTENTION_ROWS;
  }
  const source = new Uint32Array(total).fill(NO_TOKEN);
  for (const [r, row] of rows.entries()) {
    for (let i = 0; i < row.length; i += 1) source[begins[r]! + i] = starts[r]! + i;
  }
  return { source, blocks: blocksOf(rows, starts, begins, queriesPerTile) };
}

/** For consecutive queries of a row: first token, queries, where the row begins in keys and values, position. */
function blocksOf(
  rows: readonly Int32Array[],
  starts: readonly number[],
  begins: readonly number[],
  queries: number,
): Uint32Array<ArrayBuffer> {
  const blocks: [number, number, number, number][] = [];
  for (const [r, { length }] of rows.entries()) {
    for (let q = 0; q < length; q += queries) {
      blocks.push([starts[r]! + q, Math.min(queries, length - q), begins[r]!, q]);
    }
  }
  // Later queries see more tokens: the long blocks go first, so that the device is busy to the end.
  blocks.sort((a, b) => b[3] - a[3]);
  return Uint32Array.from(blocks.flat());
}
