import { compareIds } from '../../domain/ids.ts';

/** The number of shared tokens is a multiple of this, the rows of a matrix in subgroup attention. */
export const SHARED_MULTIPLE = 16;

/** The shared beginning of a row: the first `length` tokens of row `row`, which takes none from another row. */
export interface Prefix {
  row: number;
  length: number;
}

/** Finds the prefix of each row of a batch. The same rows in another order share equally many tokens. */
export function sharedPrefixes(rows: readonly Int32Array[]): Prefix[] {
  const prefixes: Prefix[] = [];
  // In lexicographic order rows with the same beginning are neighbours.
  const order = rows.map((_, r) => r).sort((a, b) => compareIds(rows[a]!, rows[b]!) || a - b);
  let [root = 0] = order;
  for (const [i, r] of order.entries()) {
    const length = r === root ? 0 : sharedTokens(rows[root]!, rows[r]!);
    const next = order[i + 1];
    // A row becomes a new root if the next row has much more in common with it than it has with the current root.
    const alone = next !== undefined && sharedTokens(rows[r]!, rows[next]!) > 2 * length;
    if (length === 0 || alone) root = r;
    prefixes[r] = { row: root, length: root === r ? 0 : length };
  }
  return prefixes;
}

/** Number of tokens that a row can take from another row. */
function sharedTokens(root: Int32Array, row: Int32Array): number {
  // Every row computes at least its last token, which is pooled.
  const most = Math.min(row.length - 1, root.length);
  let same = 0;
  while (same < most && row[same] === root[same]) same += 1;
  return Math.floor(same / SHARED_MULTIPLE) * SHARED_MULTIPLE;
}

/** Number of tokens that are computed for rows: shared beginnings count once. */
export function packedTokens(rows: readonly Int32Array[]): number {
  const prefixes = sharedPrefixes(rows);
  return rows.reduce((sum, row, r) => sum + row.length - prefixes[r]!.length, 0);
}
