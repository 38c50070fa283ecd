import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mostLikely } from '../../../src/domain/classes.ts';
import { averageOrders, type Probabilities } from '../../../src/domain/probabilities.ts';
import { orderGap } from '../../../src/stats/pair/order-scores.ts';
import {
  hasNoAnswer,
  hasSameAnswers,
  type JudgedScores,
  type Verdict,
  verdictOf,
} from '../../../src/stats/pair/verdict.ts';
import { pairOf } from '../../../testing/texts.ts';

/** Scores from the probabilities of both orders, with those of the swapped one already put back. */
function scoresOf(forward: Probabilities, swapped: Probabilities): JudgedScores {
  const [a, b, tie] = swapped;
  return { forward, swapped, mean: averageOrders(forward, [b, a, tie]) };
}

// Whole numbers, so that equal probabilities are frequent.
const probabilities = fc
  .tuple(fc.nat(6), fc.nat(6), fc.nat(6))
  .filter((parts) => parts.some((part) => part > 0))
  .map(([a, b, tie]): Probabilities => {
    const sum = a + b + tie;
    return [a / sum, b / sum, tie / sum];
  });
const anyScores = fc.tuple(probabilities, probabilities).map(([f, e]) => scoresOf(f, e));

const mirror = ([a, b, tie]: Probabilities): Probabilities => [b, a, tie];
const mirrored = ({ forward, swapped }: JudgedScores) => scoresOf(mirror(swapped), mirror(forward));

function mirroredVerdict(verdict: Verdict): Verdict {
  if (verdict.kind === 'undecided' || verdict.place === 2) return verdict;
  return { kind: 'class', place: verdict.place === 0 ? 1 : 0 };
}

describe('verdict', () => {
  test('exchanging the answers exchanges it', () => {
    fc.assert(
      fc.property(anyScores, fc.boolean(), (scores, identical) => {
        expect(verdictOf(mirrored(scores), identical)).toEqual(
          mirroredVerdict(verdictOf(scores, identical)),
        );
      }),
    );
  });

  test('a class is named where it leads in both orders, by the order gap at least, and only there', () => {
    fc.assert(
      fc.property(anyScores, (scores) => {
        const { forward, swapped, mean } = scores;
        const verdict = verdictOf(scores, false);
        const [first, second] = [...mean].sort((a, b) => b - a);
        const leads = [0, 1, 2].some((place) =>
          [forward, swapped].every((p) => p[place] === Math.max(...p)),
        );
        const isClear = first! > second! && first! - second! >= orderGap(scores);
        expect(verdict.kind).toBe(leads && isClear ? 'class' : 'undecided');
        if (verdict.kind === 'class') expect(verdict.place).toBe(mostLikely(mean));
      }),
    );
  });

  test('of identical answers neither is named, but a tie may be', () => {
    fc.assert(
      fc.property(anyScores, (scores) => {
        const verdict = verdictOf(scores, true);
        expect(verdict.kind === 'undecided' || verdict.place === 2).toBe(true);
      }),
    );
    const tie = scoresOf([0.2, 0.2, 0.6], [0.2, 0.2, 0.6]);
    expect(verdictOf(tie, true)).toEqual({ kind: 'class', place: 2 });
  });

  test('reasons for naming none', () => {
    expect(verdictOf(scoresOf([0.6, 0.2, 0.2], [0.2, 0.6, 0.2]), false)).toMatchObject({
      why: 'order',
    });
    // Both orders name A, but the order changes more than the distance between A and B.
    expect(verdictOf(scoresOf([0.7, 0.2, 0.1], [0.36, 0.34, 0.3]), false)).toMatchObject({
      why: 'order',
    });
    expect(verdictOf(scoresOf([0.4, 0.4, 0.2], [0.4, 0.4, 0.2]), false)).toMatchObject({
      why: 'equal',
    });
    expect(verdictOf(scoresOf([0.4, 0.4, 0.2], [0.4, 0.4, 0.2]), true)).toMatchObject({
      why: 'identical',
    });
  });
});

test('a pair without an answer, and one whose answers are the same', () => {
  expect(hasNoAnswer(pairOf('Question?', '', ' \n'))).toBe(true);
  expect(hasNoAnswer(pairOf('', 'a', ''))).toBe(false);
  expect(hasSameAnswers(pairOf('p', 'a', 'a'))).toBe(true);
  expect(hasSameAnswers(pairOf('p', 'a', 'b'))).toBe(false);
  expect(hasSameAnswers({ prompt: ['p'], responseA: ['a', 'b'], responseB: ['a'] })).toBe(false);
});
