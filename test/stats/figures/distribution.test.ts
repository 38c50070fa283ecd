import { describe, expect, test } from 'vitest';
import { filterText } from '../../../src/app/report/text/filter-text.ts';
import { ROW_FLAG } from '../../../src/domain/row-flag.ts';
import { distributionOf } from '../../../src/stats/figures/distribution.ts';
import { leaderboardOf } from '../../../src/stats/figures/leaderboard.ts';
import { differenceVerdict } from '../../../src/stats/methods/bootstrap.ts';
import { dataOf, tableOf } from '../../../testing/report-tables.ts';

describe('the distribution of predictions', () => {
  const table = tableOf({
    labels: [null, null, null],
    lengths: [
      [1, 10, 30],
      [1, 30, 10],
      [1, 5, 5],
    ],
  });
  const data = dataOf(table, [[0.5, 0.4, 0.1], [0.2, 0.6, 0.2], null], {
    flags: Uint8Array.of(ROW_FLAG.truncated, 0, ROW_FLAG.problem),
    forward: Float64Array.of(0.7, 0.2, 0.1, 0.2, 0.6, 0.2, Number.NaN, Number.NaN, Number.NaN),
  });
  const found = distributionOf(data);

  test('counts scored rows alone', () => {
    expect(found).toMatchObject({ rows: 3, scored: 2, predicted: [1, 1, 0] });
    for (const bins of [...found.classes, found.confidence]) {
      expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    }
    expect(found.all.confidence).toBeCloseTo(0.55, 12);
    expect(found.all.probabilities[2]).toBeCloseTo(0.15, 12);
  });

  test('tells what the order does', () => {
    // Swapped, row 0 has (0.3, 0.6, 0.1) after putting A and B back: another class. First minus second: 0.5 and 0.3;
    // row 1: 0.
    expect(found.orders).toMatchObject({ rows: 2, flipped: 1 });
    expect(found.orders!.meanGap).toBeCloseTo(0.2, 12);
    expect(found.orders!.firstAdvantage).toBeCloseTo(0.2, 12);
    expect(distributionOf({ ...data, forward: null }).orders).toBeNull();
  });

  test('tells truncated rows from whole ones, and longer answers apart', () => {
    expect(found.truncated).toMatchObject({ rows: 1, confidence: 0.5 });
    expect(found.whole).toMatchObject({ rows: 1, confidence: 0.6 });
    const filled = found.lengths.filter(({ bin }) => bin.count > 0);
    expect(filled.map(({ bin, means }) => [bin.from < 0, means.rows])).toEqual([
      [true, 1],
      [false, 1],
    ]);
  });
});

describe('the leaderboard', () => {
  test('predicted votes of a model that only ever loses rate it last, with a finite rating', () => {
    const table = tableOf({
      labels: [null, null, null],
      models: [
        ['good', 'bad'],
        ['bad', 'good'],
        ['good', 'good'],
      ],
    });
    const data = dataOf(table, [
      [1, 0, 0],
      [0, 1, 0],
      [1, 0, 0],
    ]);
    const { rows, models } = leaderboardOf(data, { seed: 0 })!;
    // A model against itself is not a game.
    expect(rows).toBe(2);
    expect(models.map(({ model, games, actual }) => [model, games, actual])).toEqual([
      [0, 2, null],
      [1, 2, null],
    ]);
    const [good, bad] = models.map(({ predicted }) => predicted.value!);
    expect(good! + bad!).toBeCloseTo(2000, 6);
    expect(good! - bad!).toBeGreaterThan(100);
    expect(good! - bad!).toBeLessThan(5000);
  });
});

describe('words', () => {
  test('an interval tells which run is better only where it leaves 0 out', () => {
    expect(differenceVerdict({ value: -0.1, low: -0.2, high: -0.01 })).toBe('better');
    expect(differenceVerdict({ value: 0.1, low: 0.01, high: 0.2 })).toBe('worse');
    expect(differenceVerdict({ value: 0.1, low: -0.01, high: 0.2 })).toBe('open');
    expect(differenceVerdict({ value: -0.1, low: null, high: null })).toBe('open');
  });

  test('filters are named, open ends too', () => {
    const range = { kind: 'range', field: 'a' } as const;
    expect(filterText({ ...range, min: 0.5, max: 0.55 }, null)).toBe(
      'Probability of A 0.50 to 0.55',
    );
    const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;
    expect(filterText({ ...range, min: 0.95, max: POSITIVE_INFINITY }, null)).toContain(
      'from 0.95',
    );
    expect(filterText({ ...range, min: NEGATIVE_INFINITY, max: 0.05 }, null)).toContain(
      'below 0.05',
    );
    expect(filterText({ kind: 'slice', slice: 'code', part: 3 }, null)).toBe('Code: Code in both');
    const table = tableOf({ labels: [0], models: [['x', 'y']] });
    expect(filterText({ kind: 'model', model: 1 }, table)).toBe('Model: y');
  });
});
