import { expect, test } from 'vitest';
import { fastest, type Question } from '../../../src/engine/wgsl/timing.ts';

/** Queries on a simulated clock: each way takes the times of its list, then repeats the last one. */
function simulated(times: Record<string, number[][]>) {
  let clock = 0;
  const questions: Question[] = Object.entries(times).map(([name, ways]) => ({
    name,
    ways: ways.map((list) => {
      let turn = 0;
      return async () => {
        const ms = list[Math.min(turn++, list.length - 1)]!;
        clock += ms;
        return ms;
      };
    }),
  }));
  return { questions, now: () => clock, spent: () => clock };
}

const answersOf = async (times: Record<string, number[][]>, budget: number) => {
  const { questions, now, spent } = simulated(times);
  return { ...(await fastest(questions, budget, now)), spent: spent() };
};

test('each question gets its fastest way', async () => {
  const { answers, complete } = await answersOf(
    { a: [[10], [8], [9]], b: [[5], [7]], only: [[1]] },
    600,
  );
  expect(answers).toEqual([1, 0, 0]);
  expect(complete).toBe(true);
});

test('a slow start counts for nothing', async () => {
  const { answers } = await answersOf(
    {
      a: [
        [40, 30, 10],
        [20, 20, 11],
      ],
    },
    600,
  );
  expect(answers).toEqual([0]);
});

test('a disturbance in some rounds counts for nothing, nor does a lucky moment', async () => {
  const disturbed = [10, 90, 10, 10, 10, 50, 10];
  expect((await answersOf({ a: [disturbed, [11]] }, 400)).answers).toEqual([0]);
  const lucky = [11, 2, 11, 11, 11, 11, 11];
  expect((await answersOf({ a: [[10], lucky] }, 400)).answers).toEqual([0]);
});

test('chance does not decide: another way must be faster by more than it', async () => {
  expect((await answersOf({ a: [[10], [9.7]] }, 600)).answers).toEqual([0]);
  expect((await answersOf({ a: [[10], [9.5]] }, 600)).answers).toEqual([1]);
});

test('it stops when the time is over; a choice not timed three times keeps its first way', async () => {
  const { answers, complete, spent } = await answersOf({ a: [[100], [50]], b: [[400], [1]] }, 600);
  expect(answers).toEqual([0, 0]);
  expect(complete).toBe(false);
  // A timing that has begun is completed.
  expect(spent).toBeLessThan(600 + 100);
});
