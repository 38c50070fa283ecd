/** Converts token rows to the engine's input. */
export function tokenRows(rows: readonly (readonly number[])[]): Int32Array[] {
  return rows.map((row) => Int32Array.from(row));
}

/** Splits the engine's logits, [rows, labels], into one array per row. */
export function rowsOf(logits: Float32Array, labels = 3): number[][] {
  return Array.from({ length: logits.length / labels }, (_, row) =>
    Array.from(logits.subarray(labels * row, labels * (row + 1))),
  );
}
