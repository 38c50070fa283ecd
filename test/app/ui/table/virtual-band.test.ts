import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bandOf,
  type DrawnBand,
  keyOf,
  placesOf,
  redrawn,
} from '../../../../src/app/ui/table/virtual-band.ts';

test('at any offset, every visible row is in the band, and few others', () => {
  const rowHeight = 38;
  const height = 560;
  for (let top = 0; top < 4000; top += 7) {
    const { first, end } = bandOf({ top, height }, rowHeight, 1);
    expect(first).toBeLessThanOrEqual(Math.max(0, Math.floor(top / rowHeight) - 4));
    expect(end).toBeGreaterThanOrEqual(Math.ceil((top + height) / rowHeight) + 4);
    expect(end - first).toBeLessThanOrEqual(Math.ceil(height / rowHeight) + 16);
  }
});

test('scrolling by less than a step changes nothing', () => {
  const band = (top: number) => bandOf({ top, height: 600 }, 40, 1);
  expect(band(1600)).toEqual(band(1639));
  expect(band(1600)).not.toEqual(band(1760));
});

test('the row in the tab order is in the page at any offset; a short table has no rows beyond its end', () => {
  const band = { first: 8, end: 12 };
  expect(placesOf(band, 100, 9)).toEqual([8, 9, 10, 11]);
  expect(placesOf(band, 100, 2)).toEqual([2, 8, 9, 10, 11]);
  expect(placesOf(band, 100, 50)).toEqual([8, 9, 10, 11, 50]);
  expect(placesOf(band, 10, 0)).toEqual([0, 8, 9]);
  // A filter left fewer rows than the scroll offset covers.
  expect(placesOf(band, 3, 1)).toEqual([1]);
  expect(placesOf(band, 0, 0)).toEqual([]);
});

const ROW_HEIGHT = 40;
const HEIGHT = 600;
const START: DrawnBand = { first: 0, end: 24, base: 0, kept: null };
const scrolledTo = (band: DrawnBand, row: number, current: number) =>
  redrawn(band, { top: row * ROW_HEIGHT, height: HEIGHT }, ROW_HEIGHT, current);
const keysOf = (band: DrawnBand, current: number) =>
  new Map(placesOf(band, 100_000, current).map((place) => [place, keyOf(band, place)]));

test('after a jump only rows in sight are there, in the elements of others, but for the row in the tab order', () => {
  const far = scrolledTo(START, 400, 5);
  expect(far).toMatchObject({ first: 400, end: 416 });
  const keys = keysOf(far, 5);
  expect(keys.get(5)).toBe('5');
  expect(keys.get(400)).toBe('0');
  expect(keys.get(415)).toBe('15');
  const before = new Set(keysOf(START, 5).values());
  expect([...keys.values()].filter((key) => !before.has(key))).toHaveLength(1);
});

test('a short way leaves every row its element, and there are some beyond those in sight', () => {
  const far = scrolledTo(START, 400, 402);
  const near = scrolledTo(far, 404, 402);
  expect(near).toMatchObject({ first: 400, end: 424 });
  for (let place = 400; place < 416; place += 1) {
    expect(keyOf(near, place)).toBe(keyOf(far, place));
  }
  expect(scrolledTo(near, 405, 402)).toBe(near);
});

test('wherever is scrolled and whichever row is in the tab order: keys differ, and its key stays while it is that row', () => {
  const moves = fc.array(fc.record({ row: fc.nat(100), current: fc.option(fc.nat(23)) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(moves, (all) => {
      let band = START;
      let current = 0;
      for (const { row, current: next } of all) {
        // The keyboard can only move to rows in the page.
        if (next !== null) current = Math.min(band.first + next, band.end - 1);
        const key = keyOf(band, current);
        band = scrolledTo(band, row, current);
        const keys = keysOf(band, current);
        expect(new Set(keys.values()).size).toBe(keys.size);
        expect(keys.get(current)).toBe(key);
        for (let place = row; place < row + HEIGHT / ROW_HEIGHT; place += 1) {
          expect(keys.has(place)).toBe(true);
        }
      }
    }),
  );
});
