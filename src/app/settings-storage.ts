import * as v from 'valibot';
import { DEFAULT_SETTINGS, MAX_LENGTH_RANGE, type RunSettings } from '../core/settings.ts';

const KEY = 'tiebreak.settings';

const Schema = v.object({
  textMode: v.picklist(['faithful', 'clean']),
  maxLength: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(MAX_LENGTH_RANGE.min),
    v.maxValue(MAX_LENGTH_RANGE.max),
  ),
  truncation: v.picklist(['right', 'turns', 'proportional']),
  spread: v.boolean(),
  tta: v.boolean(),
});

/** The part of `Storage` that is used. */
export type SettingsStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** The settings of the last visit; the notebook's where there are none or they cannot be used. */
export function readSettings(storage: SettingsStorage | null): RunSettings {
  try {
    const saved = v.safeParse(Schema, JSON.parse(storage?.getItem(KEY) ?? 'null'));
    return saved.success ? saved.output : DEFAULT_SETTINGS;
  } catch {
    return DEFAULT_SETTINGS;
  }
}

/** Keeps the settings for the next visit, where the browser allows it. */
export function writeSettings(storage: SettingsStorage | null, settings: RunSettings): void {
  try {
    storage?.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Private windows and full disks refuse; the settings then last as long as the page.
  }
}

/** `localStorage`, or null where even touching it throws. */
export function browserStorage(): SettingsStorage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
