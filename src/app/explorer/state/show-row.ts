import type { ExplorerStore } from './explorer-store.ts';

/**
 * Shows a row of the open file. Stepping through rows adds no entries to the browser's history.
 * @param row its index, from 0.
 */
export function showRow(store: ExplorerStore, row: number): void {
  const fragment = `#explore?row=${row + 1}`;
  // The address may still name the row while an example is shown; then it does not change, and no event fires.
  if (location.hash === fragment) void store.openRow(row);
  else location.replace(fragment);
}
