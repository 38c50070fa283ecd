import { type Prefix, SHARED_MULTIPLE, sharedPrefixes } from '../planning/prefixes.ts';
import { ATTENTION_ROWS, NO_TOKEN } from './kernels/subgroup-attention.ts';

/**
 * A batch in the layout of the kernels: rows are concatenated without padding, and a beginning that several rows share
 * is stored once, with its root row.
 */
export interface PackedBatch {
  /** Number of tokens that are computed. */
  tokens: number;
  /** [tokens]: all rows in order, each without the beginning that it takes from another row. */
  ids: Int32Array;
  /** [tokens]: position of each token in its row. */
  positions: Uint32Array<ArrayBuffer>;
  /** [rows]: index of each row's last token in `ids`, which is pooled. */
  last: Uint32Array<ArrayBuffer>;
  /** [rows]: position of each row's last token in its row. */
  lastPositions: Uint32Array<ArrayBuffer>;
  /** Blocks of queries for the attention kernel, {@link BLOCK_WORDS} words each: of all tokens. */
  blocks: Uint32Array<ArrayBuffer>;
  /** The same of the last tokens alone. */
  lastBlocks: Uint32Array<ArrayBuffer>;
  /** For subgroup attention, in whose buffers rows begin at whole matrices: the token of each place, and blocks. */
  tiled: { source: Uint32Array<ArrayBuffer>; blocks: Uint32Array<ArrayBuffer> } | null;
}

/**
 * Words (u32) of a block, which is a stretch of consecutive queries of a row:
 * - 0: index of the first query;
 * - 1: number of queries;
 * - 2: offset from a position to the row's own key, modulo 2^32, since a shared beginning can make it negative;
 * - 3: position of the first query;
 * - 4: index of the first shared key;
 * - 5: number of shared keys;
 * - 6 and 7: unused, so that a block is two vec4<u32>.
 */
export const BLOCK_WORDS = 8;

interface PackOptions {
  /** Largest number of queries in a block: `queriesPerBlock` of the attention kernel. */
  queriesPerBlock: number;
  /** The same of the subgroup attention kernel; left out or null if that is not used. */
  queriesPerTile?: number | null;
  /** False stores every row whole. Default true: shared beginnings are stored once. */
  share?: boolean;
}

/** Packs rows of token ids into a batch. */
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

/**
 * The layout for subgroup attention: own tokens of each row begin at a multiple of {@link SHARED_MULTIPLE}, because a
 * matrix must not contain tokens of two rows. Places between rows have no token.
 */
function tiled(layout: Layout, own: readonly number[], queriesPerTile: number) {
  const begins: number[] = [];
  let total = 0;
  for (const length of own) {
    begins.push(total);
    total += Math.ceil(length / SHARED_MULTIPLE) * SHARED_MULTIPLE;
  }
  // One more tile than the rows need: a tile of keys may reach beyond the last row.
  const places = Math.ceil(total / ATTENTION_ROWS + 1) * ATTENTION_ROWS;
  const source = new Uint32Array(places).fill(NO_TOKEN);
  for (const [r, length] of own.entries()) {
    for (let i = 0; i < length; i += 1) source[begins[r]! + i] = layout.starts[r]! + i;
  }
  return { source, blocks: blocksOf(layout, begins, queriesPerTile) };
}

/** Blocks of at most `queries` queries. @param begins index of the first own key of each row. */
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
  // Later queries see more keys. Blocks with most work go first, so that no long one is left for the end.
  blocks.sort((a, b) => b[3]! - a[3]!);
  return Uint32Array.from(blocks.flat());
}
