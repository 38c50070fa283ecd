import { type Prefix, SHARED_MULTIPLE, sharedPrefixes } from '../planning/prefixes.ts';
import { ATTENTION_ROWS, NO_TOKEN } from './kernels/subgroup-attention.ts';

/**
 * A batch of rows without padding, as the kernels want it: rows are concatenated, and a beginning that several rows
 * share is there once, with the first of them.
 */
export interface PackedBatch {
  /** Those that are computed. */
  tokens: number;
  /** All rows one after the other, without what they share with an earlier one. */
  ids: Int32Array;
  /** Position of each token in its row. */
  positions: Uint32Array<ArrayBuffer>;
  /** Index of each row's last token, and its position in its row. */
  last: Uint32Array<ArrayBuffer>;
  lastPositions: Uint32Array<ArrayBuffer>;
  /** Blocks of queries for the attention kernel, {@link BLOCK_WORDS} each: all tokens, and the last ones alone. */
  blocks: Uint32Array<ArrayBuffer>;
  lastBlocks: Uint32Array<ArrayBuffer>;
  /** For subgroup attention, whose rows begin at a multiple of a matrix: the token of each place, and its blocks. */
  tiled: { source: Uint32Array<ArrayBuffer>; blocks: Uint32Array<ArrayBuffer> } | null;
}

/**
 * A block of consecutive queries of a row: first query, queries, where a key of position 0 would lie if the row's own
 * keys went back that far (modulo 2^32), position of the first query; where the shared keys lie, and how many there
 * are.
 */
export const BLOCK_WORDS = 8;

interface PackOptions {
  /** See `queriesPerBlock` of the attention kernel. */
  queriesPerBlock: number;
  /** Of the subgroup attention kernel; left out where it is not used. */
  queriesPerTile?: number | null;
  /** Default: rows share what they have in common at their beginning. */
  share?: boolean;
}

/** Concatenates rows. */
export function packBatch(rows: readonly Int32Array[], options: PackOptions): PackedBatch {
  const { queriesPerBlock, queriesPerTile = null, share = true } = options;
  const prefixes = share ? sharedPrefixes(rows) : rows.map((_, row) => ({ row, length: 0 }));
  const own = rows.map((row, r) => row.length - prefixes[r]!.length);
  const tokens = own.reduce((sum, length) => sum + length, 0);
  const ids = new Int32Array(tokens);
  const positions = new Uint32Array(tokens);
  const last = new Uint32Array(rows.length);
  const starts: number[] = [];
  let first = 0;
  for (const [r, row] of rows.entries()) {
    const shared = prefixes[r]!.length;
    ids.set(row.subarray(shared), first);
    for (let i = 0; i < own[r]!; i += 1) positions[first + i] = shared + i;
    last[r] = first + own[r]! - 1;
    starts.push(first);
    first += own[r]!;
  }
  const lastBlocks = rows.flatMap((row, r) => {
    const { row: of, length } = prefixes[r]!;
    return [r, 1, starts[r]! - length, row.length - 1, starts[of]!, length, 0, 0];
  });
  const layout = { rows, prefixes, starts };
  return {
    tokens,
    ids,
    positions,
    last,
    lastPositions: Uint32Array.from(rows, (row) => row.length - 1),
    blocks: blocksOf(layout, starts, queriesPerBlock),
    lastBlocks: Uint32Array.from(lastBlocks),
    tiled: queriesPerTile === null ? null : tiled(layout, own, queriesPerTile),
  };
}

interface Layout {
  rows: readonly Int32Array[];
  prefixes: readonly Prefix[];
  /** First own token of each row. */
  starts: readonly number[];
}

function tiled(layout: Layout, own: readonly number[], queriesPerTile: number) {
  const begins: number[] = [];
  let total = 0;
  for (const length of own) {
    begins.push(total);
    total += Math.ceil(length / SHARED_MULTIPLE) * SHARED_MULTIPLE;
  }
  // A tile of keys may reach beyond the last row.
  const places = Math.ceil(total / ATTENTION_ROWS + 1) * ATTENTION_ROWS;
  const source = new Uint32Array(places).fill(NO_TOKEN);
  for (const [r, length] of own.entries()) {
    for (let i = 0; i < length; i += 1) source[begins[r]! + i] = layout.starts[r]! + i;
  }
  return { source, blocks: blocksOf(layout, begins, queriesPerTile) };
}

/** @param begins where the own keys of each row begin. */
function blocksOf(
  { rows, prefixes, starts }: Layout,
  begins: readonly number[],
  queries: number,
): Uint32Array<ArrayBuffer> {
  const blocks: number[][] = [];
  for (const [r, row] of rows.entries()) {
    const { row: of, length } = prefixes[r]!;
    for (let q = length; q < row.length; q += queries) {
      const first = starts[r]! + q - length;
      const count = Math.min(queries, row.length - q);
      blocks.push([first, count, begins[r]! - length, q, begins[of]!, length, 0, 0]);
    }
  }
  // Later queries see more tokens: the long blocks go first, so that the device is busy to the end.
  blocks.sort((a, b) => b[3]! - a[3]!);
  return Uint32Array.from(blocks.flat());
}
