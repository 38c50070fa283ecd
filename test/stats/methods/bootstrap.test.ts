import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { estimate, quantile, resample } from '../../../src/stats/methods/bootstrap.ts';
import { randomIntegers } from '../../../src/stats/methods/random.ts';

const mean = (sums: Float64Array) => sums[1]! / sums[0]!;
const units = (...values: number[]) => values.map((value) => Float64Array.of(1, value));

test('the generator gives the numbers that it gives in Python', () => {
  const path = new URL('../../fixtures/metrics.json', import.meta.url);
  const { sfc32 } = JSON.parse(readFileSync(path, 'utf8')) as { sfc32: number[][] };
  for (const [i, seed] of [0, 1, 4_294_967_295].entries()) {
    const integer = randomIntegers(seed);
    expect(sfc32[i]!.map(() => integer(2 ** 32))).toEqual(sfc32[i]);
  }
});

test('the generator reaches every number about equally often', () => {
  const integer = randomIntegers(7);
  const counts = new Array(10).fill(0);
  for (let i = 0; i < 100_000; i += 1) counts[integer(10)] += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test('quantiles lie between neighbours, as NumPy has them', () => {
  expect(quantile([1, 2, 4, 8], 0.5)).toBe(3);
  expect(quantile([1, 2, 4, 8], 0.025)).toBeCloseTo(1.075, 12);
  expect(quantile([1, 2, 4, 8], 1)).toBe(8);
  expect(quantile([5], 0.975)).toBe(5);
  expect(quantile([], 0.5)).toBeNaN();
});

test('the same seed gives the same draws, another one others', () => {
  const options = { draws: 20, seed: 3 };
  const some = units(1, 2, 3, 4, 5);
  expect(resample(some, options)).toEqual(resample(some, options));
  expect(resample(some, { draws: 20, seed: 4 })).not.toEqual(resample(some, options));
  for (const sums of resample(some, options)) expect(sums[0]).toBe(5);
});

test('the interval of a mean has the width that theory says', () => {
  const integer = randomIntegers(11);
  const values = Array.from({ length: 400 }, () => integer(1000) / 1000);
  const all = Float64Array.of(
    400,
    values.reduce((a, b) => a + b),
  );
  const found = estimate(all, resample(units(...values), { draws: 4000, seed: 1 }), mean);
  const middle = mean(all);
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length;
  const width = 2 * 1.96 * Math.sqrt(variance / values.length);
  expect((found.high! - found.low!) / width).toBeCloseTo(1, 1);
  expect((found.high! + found.low!) / 2).toBeCloseTo(middle, 2);
});

test('undefined figures are null', () => {
  const all = Float64Array.of(1, 5);
  expect(estimate(all, resample(units(5), { draws: 10, seed: 0 }), mean)).toEqual({
    value: 5,
    low: null,
    high: null,
  });
  expect(resample(units(1, 2), { draws: 0, seed: 0 })).toEqual([]);
  const undefinedFigure = () => Number.NaN;
  expect(estimate(all, [all], undefinedFigure)).toEqual({ value: null, low: null, high: null });
  // A draw in which the figure is undefined does not affect the others.
  const sometimes = (sums: Float64Array) => (sums[0] === 2 ? Number.NaN : sums[1]!);
  const draws = [Float64Array.of(2, 0), Float64Array.of(1, 7)];
  expect(estimate(all, draws, sometimes)).toEqual({ value: 5, low: 7, high: 7 });
});
