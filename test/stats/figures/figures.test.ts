import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pairedDifference } from '../../../src/stats/figures/paired.ts';
import { applyPost, NO_POST } from '../../../src/stats/figures/post.ts';
import { qualityOf } from '../../../src/stats/figures/quality.ts';
import { addGame, noGames, strengths } from '../../../src/stats/methods/bradley-terry.ts';
import { reliability } from '../../../src/stats/methods/calibration.ts';
import { logLoss, sumsOf } from '../../../src/stats/methods/metrics.ts';
import { bestTemperature, TEMPERATURE_RANGE } from '../../../src/stats/methods/temperature.ts';
import { dataOf, tableOf } from '../../../testing/report-tables.ts';

// Made by report.py with scikit-learn and SciPy.
const path = new URL('../../fixtures/report.json', import.meta.url);
const reference = JSON.parse(readFileSync(path, 'utf8')) as {
  probabilities: number[][];
  labels: number[];
  temperature: number;
  crossFittedGain: number;
  temperedLogLoss: number;
  reliability: { predicted: number[]; actual: number[]; intervals: [number, number][] }[];
  other: number[][];
  paired: { draws: number; seed: number; value: number; low: number; high: number };
  games: [number, number][];
  actualShares: number[];
  strengths: { actual: number[]; predicted: number[] };
};
const probabilities = Float64Array.from(reference.probabilities.flat());
const labels = Uint8Array.from(reference.labels);

function expectClose(actual: ArrayLike<number>, expected: number[], digits = 9) {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, digits);
}

describe('against scikit-learn and SciPy', () => {
  test('the best temperature', () => {
    expect(bestTemperature(probabilities, labels)).toBeCloseTo(reference.temperature, 6);
  });

  test('the gain of a temperature on rows that had no part in choosing it', () => {
    const data = dataOf(
      tableOf({ labels: reference.labels }),
      reference.probabilities as [number, number, number][],
    );
    const { temperature } = qualityOf(data, { draws: 0, seed: 0 })!;
    expect(temperature.best).toBeCloseTo(reference.temperature, 6);
    expect(temperature.gain.value).toBeCloseTo(reference.crossFittedGain, 8);
    expect(temperature.gain.value).toBeLessThan(0);
    expect(temperature.atEnd).toBe(false);
  });

  test('the log loss with a temperature', () => {
    const changed = applyPost(
      probabilities,
      tableOf({ labels: reference.labels }),
      {
        ...NO_POST,
        temperature: 1.5,
      },
      { members: [], adapters: null },
    );
    const loss = logLoss(sumsOf({ probabilities: changed, labels }));
    expect(loss).toBeCloseTo(reference.temperedLogLoss, 12);
  });

  test.each([0, 1, 2] as const)('the reliability of class %i, with Wilson intervals', (index) => {
    const bins = reliability(probabilities, labels, index).filter(({ rows }) => rows > 0);
    const { predicted, actual, intervals } = reference.reliability[index]!;
    expectClose(
      bins.map((bin) => bin.predicted),
      predicted,
      12,
    );
    expectClose(
      bins.map((bin) => bin.actual),
      actual,
      12,
    );
    expectClose(
      bins.flatMap(({ low, high }) => [low, high]),
      intervals.flat(),
    );
  });

  test('the paired difference in log loss and its bootstrap interval', () => {
    const { draws, seed, value, low, high } = reference.paired;
    const other = Float64Array.from(reference.other.flat());
    const table = tableOf({ labels: reference.labels });
    const rows = [...labels.keys()];
    const found = pairedDifference(table, probabilities, other, rows, { draws, seed });
    expect(found.value).toBeCloseTo(value, 12);
    expect(found.low).toBeCloseTo(low, 9);
    expect(found.high).toBeCloseTo(high, 9);
  });

  test('Bradley-Terry strengths are those of a logistic regression', () => {
    const actual = noGames(6);
    const predicted = noGames(6);
    for (const [row, [a, b]] of reference.games.entries()) {
      addGame(actual, a, b, reference.actualShares[row]!);
      addGame(predicted, a, b, probabilities[3 * row]! + probabilities[3 * row + 2]! / 2);
    }
    expectClose(strengths(actual), reference.strengths.actual, 6);
    expectClose(strengths(predicted), reference.strengths.predicted, 6);
    // The start does not change the result.
    expectClose(
      strengths(actual, Float64Array.from([3, -3, 0, 1, 9, -9])),
      reference.strengths.actual,
      6,
    );
  });
});

describe('temperature', () => {
  test('predictions that are always right ask for the lowest, always wrong ones for the highest', () => {
    const sure = Float64Array.from([0.8, 0.1, 0.1, 0.1, 0.8, 0.1]);
    expect(bestTemperature(sure, Uint8Array.of(0, 1))).toBeCloseTo(TEMPERATURE_RANGE.min, 3);
    expect(bestTemperature(sure, Uint8Array.of(1, 0))).toBeCloseTo(TEMPERATURE_RANGE.max, 3);
  });

  test('there is none of no rows', () => {
    expect(bestTemperature(new Float64Array(0), new Uint8Array(0))).toBeNaN();
  });
});
