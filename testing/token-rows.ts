/** Converts token rows to the engine's input. */
export function tokenRows(rows: readonly (readonly number[])[]): Int32Array[] {
  return rows.map((row) => Int32Array.from(row));
}

/** Splits the engine's logits, [rows, 3], into one array per row. */
export function rowsOf(logits: Float32Array): number[][] {
  return Array.from({ length: logits.length / 3 }, (_, row) =>
    Array.from(logits.subarray(3 * row, 3 * row + 3)),
  );
}
