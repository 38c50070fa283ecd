/** Token rows as the engine takes them. */
export function tokenRows(rows: readonly (readonly number[])[]): Int32Array[] {
  return rows.map((row) => Int32Array.from(row));
}

/** Logits as the engine gives them, [rows, 3], as one array per row. */
export function rowsOf(logits: Float32Array): number[][] {
  return Array.from({ length: logits.length / 3 }, (_, row) =>
    Array.from(logits.subarray(3 * row, 3 * row + 3)),
  );
}
