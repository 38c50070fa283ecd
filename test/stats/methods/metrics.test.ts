import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LABELS } from '../../../src/domain/classes.ts';
import { estimate, resample } from '../../../src/stats/methods/bootstrap.ts';
import * as metrics from '../../../src/stats/methods/metrics.ts';
import {
  type LabelledPredictions,
  noRows,
  type Sums,
  sumsOf,
} from '../../../src/stats/methods/metrics.ts';

type FigureName =
  | 'logLoss'
  | 'votesLogLoss'
  | 'frequencyLogLoss'
  | 'accuracy'
  | 'brierScore'
  | 'calibrationError';

interface Case extends Record<FigureName, number | null> {
  name: string;
  probabilities: number[][];
  labels: number[];
  votes: number[][];
  confusion: number[][];
  groups?: number[];
  bootstrap?: { draws: number; seed: number; intervals: Record<FigureName, [number, number]> };
}

// Made by metrics.py with scikit-learn.
const path = new URL('../../fixtures/metrics.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] };

const FIGURES: [FigureName, (sums: Sums) => number][] = [
  ['logLoss', metrics.logLoss],
  ['votesLogLoss', metrics.votesLogLoss],
  ['frequencyLogLoss', metrics.frequencyLogLoss],
  ['accuracy', metrics.accuracy],
  ['brierScore', metrics.brierScore],
  ['calibrationError', metrics.calibrationError],
];

function dataOf({ probabilities, labels, votes }: Case): LabelledPredictions {
  return {
    probabilities: Float64Array.from(probabilities.flat()),
    labels: Uint8Array.from(labels),
    votes: Float64Array.from(votes.flat()),
  };
}

describe.each(cases)('metrics of the case "$name"', (reference) => {
  const data = dataOf(reference);
  const sums = sumsOf(data);

  test.each(FIGURES)('%s as scikit-learn or NumPy', (name, figure) => {
    const value = figure(sums);
    const expected = reference[name];
    if (expected === null) expect(value).toBeNaN();
    else expect(value).toBeCloseTo(expected, 12);
  });

  test('confusion as scikit-learn; counts and shares follow', () => {
    const found = LABELS.map((_, l) => LABELS.map((_, c) => metrics.confusion(sums, l, c)));
    expect(found).toEqual(reference.confusion);
    const rows = metrics.rowCount(sums);
    for (const c of LABELS.keys()) {
      const count = reference.labels.filter((label) => label === c).length;
      const mass = reference.probabilities.reduce((sum, p) => sum + p[c]!, 0);
      const predicted = reference.confusion.reduce((sum, row) => sum + row[c]!, 0);
      expect(metrics.labelCount(sums, c)).toBe(count);
      expect(metrics.labelShare(sums, c)).toBe(count / rows);
      expect(metrics.predictedCount(sums, c)).toBe(predicted);
      expect(metrics.predictedShare(sums, c)).toBe(predicted / rows);
      expect(metrics.meanProbability(sums, c)).toBeCloseTo(mass / rows, 12);
      expect(metrics.confusionShare(sums, c, c)).toBe(
        count === 0 ? Number.NaN : reference.confusion[c]![c]! / count,
      );
    }
  });

  test('the sums of two parts are those of the whole', () => {
    const rows = [...data.labels.keys()];
    const [even, odd] = [0, 1].map((rest) =>
      sumsOf(
        data,
        rows.filter((row) => row % 2 === rest),
      ),
    );
    for (const [i, value] of sums.entries()) expect(even![i]! + odd![i]!).toBeCloseTo(value, 9);
  });
});

test('intervals of groups are those that NumPy finds in the same draws', () => {
  const reference = cases.find(({ groups }) => groups !== undefined)!;
  const data = dataOf(reference);
  const { intervals, ...options } = reference.bootstrap!;
  const count = Math.max(...reference.groups!) + 1;
  const units = Array.from({ length: count }, (_, group) =>
    sumsOf(
      data,
      [...data.labels.keys()].filter((row) => reference.groups![row] === group),
    ),
  );
  const draws = resample(units, options);
  for (const [name, figure] of FIGURES) {
    const { value, low, high } = estimate(sumsOf(data), draws, figure);
    expect(value).toBeCloseTo(reference[name]!, 12);
    expect(low).toBeCloseTo(intervals[name][0], 12);
    expect(high).toBeCloseTo(intervals[name][1], 12);
  }
});

test('without rows every figure is NaN', () => {
  for (const [, figure] of FIGURES) expect(figure(noRows())).toBeNaN();
});

test('a certainty that is wrong costs a lot, but not everything', () => {
  expect(metrics.rowLoss(Float64Array.of(1, 0, 0), 0, 1)).toBeCloseTo(36.0437, 4);
});
