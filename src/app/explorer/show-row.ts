/** Shows a row of the open file, by its position from 0. Stepping through rows leaves no entries in the browser's history. */
export function showRow(row: number): void {
  location.replace(`#explore?row=${row + 1}`);
}
