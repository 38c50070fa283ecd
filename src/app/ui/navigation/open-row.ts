import { showScreen } from './screens.ts';

/** Opens a row of the file in the explorer. @param row its index, from 0. */
export function openRow(row: number): void {
  showScreen('explore', `row=${row + 1}`);
}
