import type { ExplorerStore } from './explorer-store.ts';

/**
 * Shows a row of the open file, by its position from 0. Stepping through rows leaves no entries in the browser's
 * history.
 */
export function showRow(store: ExplorerStore, row: number): void {
  const fragment = `#explore?row=${row + 1}`;
  // The address may name the row still, though an example is shown: it does not change then, and nobody hears of it.
  if (location.hash === fragment) void store.openRow(row);
  else location.replace(fragment);
}
