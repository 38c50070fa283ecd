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
}

/** Concatenates rows. @param queriesPerBlock see `queriesPerBlock` of the attention kernel. */
export function packBatch(rows: readonly Int32Array[], queriesPerBlock: number): PackedBatch {
  const tokens = rows.reduce((sum, row) => sum + row.length, 0);
  const ids = new Int32Array(tokens);
  const positions = new Uint32Array(tokens);
  const last = new Uint32Array(rows.length);
  const blocks: [number, number, number, number][] = [];
  const lastBlocks: number[] = [];
  let first = 0;
  for (const [r, row] of rows.entries()) {
    ids.set(row, first);
    for (let i = 0; i < row.length; i += 1) positions[first + i] = i;
    last[r] = first + row.length - 1;
    lastBlocks.push(r, 1, first, row.length - 1);
    for (let q = 0; q < row.length; q += queriesPerBlock) {
      blocks.push([first + q, Math.min(queriesPerBlock, row.length - q), first, q]);
    }
    first += row.length;
  }
  // Later queries see more tokens: the long blocks go first, so that the device is busy to the end.
  blocks.sort((a, b) => b[3] - a[3]);
  return {
    tokens,
    ids,
    positions,
    last,
    lastPositions: Uint32Array.from(rows, (row) => row.length - 1),
    blocks: Uint32Array.from(blocks.flat()),
    lastBlocks: Uint32Array.from(lastBlocks),
  };
}
