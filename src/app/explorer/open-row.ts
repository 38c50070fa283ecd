import { localised } from '../i18n/language.ts';
import { showScreen } from '../shell/screens.ts';

/** What the button says that opens a row in the explorer. Apart from the explorer's own texts, which come with its screen. */
export const OPEN_ROW = localised<string>('Explore', '詳しく見る');

/** Opens a row of the file in the explorer, by its position from 0. */
export function openRow(row: number): void {
  showScreen('explore', `row=${row + 1}`);
}
