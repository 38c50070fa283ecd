import type { Reading } from '../../domain/reading.ts';
import type { RunSettings } from '../../domain/settings.ts';
import { reading as texts } from '../../texts/en/reading.ts';

/** Facts that the user must know about a model's numbers. @param asked the settings as given. */
export function readingNotes(reading: Reading, asked: RunSettings): string[] {
  if (reading === 'pair') return [];
  if (reading === 'pair-no-tie') return [texts.neverTie];
  const notes = [texts.uncalibratedNote];
  return asked.tta ? [...notes, `--tta has no effect. ${texts.oneOrder}`] : notes;
}

/** Says which orders of the answers are scored. */
export function ordersText({ tta }: RunSettings, reading: Reading): string {
  return reading === 'reward' ? 'each answer scored for itself' : `TTA ${tta ? 'on' : 'off'}`;
}
