import type { ClassPlace } from './classes.ts';
import type { RunSettings } from './settings.ts';

/**
 * The way in which a model reads a row.
 * - `pair`: both answers in one text, with a class for ties: three labels.
 * - `pair-no-tie`: both answers in one text, one of which wins: two labels.
 * - `reward`: the prompt with each answer, as two texts that get a reward each: one label.
 */
export const READINGS = ['pair', 'pair-no-tie', 'reward'] as const;
export type Reading = (typeof READINGS)[number];

const LABELS: Record<Reading, number> = { pair: 3, 'pair-no-tie': 2, reward: 1 };

/** Numbers that a model gives for a text: logits of classes, or its reward. */
export function labelsOf(reading: Reading): number {
  return LABELS[reading];
}

/** The reading of a model whose score head has `labels` labels, 1 to 3. */
export function readingOf(labels: number): Reading {
  const reading = READINGS.find((one) => LABELS[one] === labels);
  if (reading === undefined) throw new Error(`no reading has ${labels} labels`);
  return reading;
}

/**
 * The settings that take effect. A reward model scores each answer for itself, in a conversation: both orders of a row
 * are one, so test-time augmentation is off, and so is `spread`, which is of the notebook's text.
 */
export function effectiveSettings(settings: RunSettings, reading: Reading): RunSettings {
  if (reading !== 'reward' || !(settings.tta || settings.spread)) return settings;
  return { ...settings, tta: false, spread: false };
}

/** The classes that a model can predict. */
export function classesOf(reading: Reading): readonly ClassPlace[] {
  return reading === 'pair' ? [0, 1, 2] : [0, 1];
}
