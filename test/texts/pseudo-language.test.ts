import { describe, expect, test } from 'vitest';
import { fillText } from '../../src/domain/errors.ts';
import { placeIn } from '../../src/domain/place.ts';
import { english } from '../../src/texts/en/index.ts';
import type { ErrorText } from '../../src/texts/errors.ts';
import { LANGUAGES } from '../../src/texts/languages.ts';
import { pseudo } from '../../testing/pseudo-language.ts';

/** Every text with its path; null for functions of values. */
function leaves(node: object, path = ''): [string, string | null][] {
  return Object.entries(node).flatMap(([key, value]): [string, string | null][] => {
    const place = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') return [[place, value]];
    if (value instanceof Function) return [[place, null]];
    return typeof value === 'object' && value !== null ? leaves(value, place) : [];
  });
}

describe('a third language', () => {
  test('is one object of the type that English defines, with every text', () => {
    expect(leaves(pseudo).map(([path]) => path)).toEqual(leaves(english).map(([path]) => path));
    expect(leaves(pseudo).length).toBeGreaterThan(1000);
  });

  test.each(leaves(pseudo).filter(([, text]) => text !== null))('has its own %s', (_, text) => {
    expect(text).not.toMatch(/[A-Za-z]/);
  });

  test('tells errors, values as they are', () => {
    const text = pseudo.errors['csv/missing-column'] as ErrorText;
    const { message, action } = fillText(text, {
      missing: ['prompt', 'response_a'],
      found: '"id"',
      separator: 'tabs',
    });
    expect(message).toBe('[Ṁíššíñǧ çóļúɱñš: prompt, response_a. Ƒóúñđ: "id".]');
    expect(action).toMatch(/^\[Ţħé çóļúɱñš/);
    for (const one of Object.values<ErrorText>(pseudo.errors)) {
      if (typeof one.message === 'string') expect(one.message).not.toMatch(/[A-Za-z]/);
    }
  });

  test('has plurals, numbers and places', () => {
    expect(pseudo.file.rows(1)).toBe('[1 ŕóŵ]');
    expect(pseudo.file.rows(2000)).toBe('[2,000 ŕóŵš]');
    expect(pseudo.format.roughly(7500)).toBe('[áƀóúţ 2 ħóúŕš 10 ɱíñúţéš]');
    expect(placeIn({ kind: 'cpu', runtime: 'WebAssembly', threads: 2 }, pseudo.place)).toBe(
      '[ÇƤÚ (WebAssembly, 2 ţħŕéáđš)]',
    );
  });

  test('is no language of the page', () => {
    expect(Object.keys(LANGUAGES)).toEqual(['en', 'ja']);
  });
});
