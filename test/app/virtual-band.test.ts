import { expect, test } from 'vitest';
import { bandOf, placesOf } from '../../src/app/components/virtual-band.ts';

test('whatever is scrolled, every row in sight is in the band, and few others', () => {
  const rowHeight = 38;
  const height = 560;
  for (let top = 0; top < 4000; top += 7) {
    const { first, end } = bandOf(top, height, rowHeight);
    expect(first).toBeLessThanOrEqual(Math.max(0, Math.floor(top / rowHeight) - 4));
    expect(end).toBeGreaterThanOrEqual(Math.ceil((top + height) / rowHeight) + 4);
    expect(end - first).toBeLessThanOrEqual(Math.ceil(height / rowHeight) + 16);
  }
});

test('scrolling by less than a step changes nothing', () => {
  expect(bandOf(1600, 600, 40)).toEqual(bandOf(1639, 600, 40));
  expect(bandOf(1600, 600, 40)).not.toEqual(bandOf(1760, 600, 40));
});

test('the row in the tab order is there wherever is scrolled; a short table has no rows beyond its end', () => {
  const band = { first: 8, end: 12 };
  expect(placesOf(band, 100, 9)).toEqual([8, 9, 10, 11]);
  expect(placesOf(band, 100, 2)).toEqual([2, 8, 9, 10, 11]);
  expect(placesOf(band, 100, 50)).toEqual([8, 9, 10, 11, 50]);
  expect(placesOf(band, 10, 0)).toEqual([0, 8, 9]);
  // A filter left fewer rows than are scrolled over.
  expect(placesOf(band, 3, 1)).toEqual([1]);
  expect(placesOf(band, 0, 0)).toEqual([]);
});
