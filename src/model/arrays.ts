/** Copies a row-major [rows, columns] matrix into a row-major [columns, rows] one. */
export function transpose(
  values: Float32Array,
  rows: number,
  columns: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) out[c * rows + r] = values[r * columns + c]!;
  }
  return out;
}

/** Consecutive rows of a tensor as float32, the first of which is row `row`. */
export interface Rows {
  row: number;
  values: Float32Array<ArrayBuffer>;
}
