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

/** Reads the settings of the last visit; those of the notebook if there are none or they are invalid. */
export function readSettings(storage: PageStorage | null): RunSettings {
  return read(storage, SETTINGS, SettingsSchema) ?? DEFAULT_SETTINGS;
}

/** Stores the settings for the next visit if the browser allows it. */
export function writeSettings(storage: PageStorage | null, settings: RunSettings): void {
  write(storage, SETTINGS, settings);
}

/** Reads the options for models from the last visit; automatic if unknown or invalid. */
export function readWishes(storage: PageStorage | null): ModelWishes {
  return read(storage, WISHES, WishesSchema) ?? AUTOMATIC;
}

/** Stores the options for models for the next visit if the browser allows it. */
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
    // Private windows and full disks refuse; the choice then lasts until the page closes.
  }
}
