import * as v from 'valibot';
import { DEFAULT_SETTINGS, MAX_LENGTH_RANGE, type RunSettings } from '../../domain/settings.ts';
import type { PageStorage } from '../ui/files/page-storage.ts';
import { AUTOMATIC, type ModelWishes } from './state.ts';

const SETTINGS = 'tiebreak.settings';
const WISHES = 'tiebreak.wishes';

const SettingsSchema = v.object({
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

const WishesSchema = v.object({
  device: v.picklist(['auto', 'webgpu', 'wasm']),
  precision: v.picklist(['auto', 'float32', 'float16', 'int8']),
  executor: v.picklist(['auto', 'ort', 'wgsl']),
  lanes: v.picklist(['auto', 'one', 'all', 'split']),
  budgets: v.record(v.string(), v.pipe(v.number(), v.minValue(1))),
});

/** The settings of the last visit; the notebook's where there are none or they cannot be used. */
export function readSettings(storage: PageStorage | null): RunSettings {
  return read(storage, SETTINGS, SettingsSchema) ?? DEFAULT_SETTINGS;
}

/** Keeps the settings for the next visit, where the browser allows it. */
export function writeSettings(storage: PageStorage | null, settings: RunSettings): void {
  write(storage, SETTINGS, settings);
}

/** How the user wanted models to be run at the last visit; automatic where that is not known or cannot be used. */
export function readWishes(storage: PageStorage | null): ModelWishes {
  return read(storage, WISHES, WishesSchema) ?? AUTOMATIC;
}

/** Keeps how models are to be run for the next visit, where the browser allows it. */
export function writeWishes(storage: PageStorage | null, wishes: ModelWishes): void {
  write(storage, WISHES, wishes);
}

function read<T>(
  storage: PageStorage | null,
  key: string,
  schema: v.GenericSchema<unknown, T>,
): T | null {
  try {
    const saved = v.safeParse(schema, JSON.parse(storage?.getItem(key) ?? 'null'));
    return saved.success ? saved.output : null;
  } catch {
    return null;
  }
}

function write(storage: PageStorage | null, key: string, value: object): void {
  try {
    storage?.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows and full disks refuse; the choice then lasts as long as the page.
  }
}
