import { expect, test } from 'vitest';
import { meanOfAdapters, softmax } from '../../src/domain/probabilities.ts';

test('the mean of several adapters is the mean of their probabilities, row by row', () => {
  // [2 adapters, 2 rows, 3]
  const logits = Float32Array.of(1, 2, 3, 0, 0, 0, -1, 4, 0.5, 9, -9, 2);
  for (const row of [0, 1]) {
    const [a, b] = [softmax(logits, 3 * row), softmax(logits, 3 * (2 + row))];
    const mean = meanOfAdapters(logits, row, 2);
    for (const [c, value] of mean.entries()) expect(value).toBeCloseTo((a[c]! + b[c]!) / 2, 15);
    expect(mean[0] + mean[1] + mean[2]).toBeCloseTo(1, 12);
  }
});

test('the mean of one adapter is its own probabilities', () => {
  const logits = Float32Array.of(1, 2, 3, -4, 0.25, 7);
  expect(meanOfAdapters(logits, 1, 2)).toEqual(softmax(logits, 3));
});
