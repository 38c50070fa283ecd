import { compareIds } from '../../domain/ids.ts';

/** Shared tokens are a multiple of this, as many as a matrix of subgroup attention has. */
export const SHARED_MULTIPLE = 16;

/** The shared beginning of a row: so many tokens of another row, which shares none itself. */
export interface Prefix {
  row: number;
  length: number;
}

/** The prefix of each row of a batch. The same rows in another order share as much. */
export function sharedPrefixes(rows: readonly Int32Array[]): Prefix[] {
  const prefixes: Prefix[] = [];
  // Sorted like words, rows that begin alike lie side by side.
  const order = rows.map((_, r) => r).sort((a, b) => compareIds(rows[a]!, rows[b]!) || a - b);
  let [root = 0] = order;
  for (const [i, r] of order.entries()) {
    const length = r === root ? 0 : sharedTokens(rows[root]!, rows[r]!);
    const next = order[i + 1];
    // It shares nothing where the rows after it have much more in common with it than with the one before.
    const alone = next !== undefined && sharedTokens(rows[r]!, rows[next]!) > 2 * length;
    if (length === 0 || alone) root = r;
    prefixes[r] = { row: root, length: root === r ? 0 : length };
  }
  return prefixes;
}

/** Tokens that a row can take from another one. */
function sharedTokens(root: Int32Array, row: Int32Array): number {
  // The last token is computed for every row.
  const most = Math.min(row.length - 1, root.length);
  let same = 0;
  while (same < most && row[same] === root[same]) same += 1;
  return Math.floor(same / SHARED_MULTIPLE) * SHARED_MULTIPLE;
}

/** Tokens of rows when what they share is counted once. */
export function packedTokens(rows: readonly Int32Array[]): number {
  const prefixes = sharedPrefixes(rows);
  return rows.reduce((sum, row, r) => sum + row.length - prefixes[r]!.length, 0);
}
