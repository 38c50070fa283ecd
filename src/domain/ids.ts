/**
 * Compares two sequences of token ids for `sort`: in lexicographic order, so that sequences with the same beginning
 * become neighbours.
 */
export function compareIds(a: Int32Array, b: Int32Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}
