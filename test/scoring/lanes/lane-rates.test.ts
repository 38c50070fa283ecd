import { expect, test } from 'vitest';
import { LaneRates } from '../../../src/scoring/lanes/lane-rates.ts';

test('a lane alone takes the last batch ahead', () => {
  expect(new LaneRates(1).leftBeside(1)).toBe(0);
});

test('until all lanes were timed, many batches are left for each other one', () => {
  const rates = new LaneRates(3);
  rates.note(1, 5);
  rates.note(2, 5);
  expect([1, 2, 3].map((lane) => rates.leftBeside(lane))).toEqual([32, 32, 32]);
});

test('a lane leaves what all compute while it computes two batches', () => {
  const rates = new LaneRates(2);
  rates.note(1, 1);
  rates.note(2, 10);
  expect(rates.leftBeside(1)).toBe(22);
  expect(rates.leftBeside(2)).toBe(3);
  rates.note(2, 1);
  expect(rates.leftBeside(1)).toBe(4);
});

test('a lane that ended counts no more', () => {
  const rates = new LaneRates(2);
  rates.note(1, 1);
  rates.end(2);
  expect(rates.leftBeside(1)).toBe(0);
});
