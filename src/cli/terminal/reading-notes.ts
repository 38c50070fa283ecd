import type { Reading } from '../../domain/reading.ts';
import type { RunSettings } from '../../domain/settings.ts';
import { reading as texts } from '../../texts/en/reading.ts';

/** Facts that the user must know about a model's numbers. @param asked the settings as given. */
export function readingNotes(reading: Reading, asked: RunSettings): string[] {
  if (reading === 'pair') return [];
  if (reading === 'pair-no-tie') return [texts.neverTie];
  return [
    texts.uncalibratedNote,
    ...(asked.tta ? [`--tta has no effect. ${texts.oneOrder}`] : []),
    ...(asked.spread ? [`--spread has no effect. ${texts.noSpread}`] : []),
  ];
}

/** Says what a model reads, for the lines of a run's settings. @param chatDate of its chat template. */
export function textsText({ textMode }: RunSettings, chatDate: string | undefined): string {
  const chat = chatDate === undefined ? '' : ` in the chat template, today ${chatDate}`;
  return `text ${textMode}${chat}`;
}

/** Says which orders of the answers are scored. */
export function ordersText({ tta }: RunSettings, reading: Reading): string {
  return reading === 'reward' ? 'each answer scored for itself' : `TTA ${tta ? 'on' : 'off'}`;
}
