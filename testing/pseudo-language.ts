import { english } from '../src/texts/en/index.ts';
import type { Texts } from '../src/texts/texts.ts';

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ACCENTED = [...'áƀçđéƒǧħíĵķļɱñóƥɋŕšţúṽŵẋýžÁƁÇĐÉƑǦĦÍĴĶĻṀÑÓƤɊŔŠŢÚṼŴẊÝŽ'];
/** Offset that moves the letters of values, while a text is made of them, to characters that no text uses. */
const AWAY = 0xe000;
/** Values that texts compare without showing them. */
const KEYS = new Set(
  'json markup tabs semicolons gguf pytorch consolidated onnx shared exclusive running paused float32'.split(
    ' ',
  ),
);

/** Puts an accent on every English letter, in brackets. The letters of values stay as they are. */
export function accented(text: string): string {
  if (!/[A-Za-z]/.test(text)) return text;
  const letters = text.replace(/[A-Za-z]/g, (letter) => ACCENTED[PLAIN.indexOf(letter)]!);
  return `[${letters}]`;
}

/**
 * A language for tests: every English text, error and plural, in a recognisable form. Any text of the page without
 * accents is missing from the catalogue. Never part of a build.
 */
export const pseudo: Texts = spoken(english) as Texts;

function spoken(node: unknown): unknown {
  if (typeof node === 'string') return accented(node);
  if (node instanceof Function) {
    return (...values: unknown[]) => {
      const said = spoken(node(...values.map(away)));
      return typeof said === 'string' ? back(said) : said;
    };
  }
  if (Array.isArray(node)) return node.map(spoken);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, spoken(value)]));
}

function away(value: unknown): unknown {
  if (typeof value === 'string') return KEYS.has(value) ? value : shifted(value, /[A-Za-z]/g, AWAY);
  if (Array.isArray(value)) return value.map(away);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, away(part)]));
}

function back(text: string): string {
  return shifted(text, /[\ue000-\ue07f]/g, -AWAY);
}

function shifted(text: string, letters: RegExp, by: number): string {
  return text.replace(letters, (letter) => String.fromCharCode(letter.charCodeAt(0) + by));
}
