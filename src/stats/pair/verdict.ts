import { type ClassPlace, predictedClass } from '../../domain/classes.ts';
import { sameTurns } from '../../domain/pair.ts';
import type { Probabilities } from '../../domain/probabilities.ts';
import type { Pair } from '../../domain/settings.ts';
import { type OrderScores, orderGap } from './order-scores.ts';

/** The scores that a verdict needs. */
export type JudgedScores = Pick<OrderScores, 'forward' | 'swapped' | 'mean'>;

/**
 * The conclusion from the scores of both orders.
 * - `class`: the mean's most probable class, by its index in {@link Probabilities}; a tie is one of them.
 * - `undecided`: no class can be named. `identical`: the answers are the same text; `order`: the two orders name
 * different classes, or differ by more than the two likeliest classes do; `equal`: these two are equally likely.
 */
export type Verdict =
  | { kind: 'class'; place: ClassPlace }
  | { kind: 'undecided'; why: 'identical' | 'order' | 'equal' };

/**
 * Names a class for a pair, if possible. Swapping the answers swaps A and B in the result.
 * @param areIdentical true for two equal answers, neither of which can win.
 */
export function verdictOf(scores: JudgedScores, areIdentical: boolean): Verdict {
  const { forward, swapped, mean } = scores;
  const [first, second] = [...mean].sort((a, b) => b - a) as Probabilities;
  const place = predictedClass(mean);
  if (areIdentical && place !== 2) return { kind: 'undecided', why: 'identical' };
  const ordersAgree = [forward, swapped].every((p) => p[place] === p[predictedClass(p)]);
  if (!ordersAgree || first - second < orderGap(scores)) {
    return { kind: 'undecided', why: areIdentical ? 'identical' : 'order' };
  }
  return first === second ? { kind: 'undecided', why: 'equal' } : { kind: 'class', place };
}

/** True if both answers are blank, so that there is nothing to prefer. */
export function hasNoAnswer({ responseA, responseB }: Pair): boolean {
  return [...responseA, ...responseB].every((turn) => turn.trim() === '');
}

/** True if both answers of a pair are the same, turn by turn. */
export function hasSameAnswers({ responseA, responseB }: Pair): boolean {
  return sameTurns(responseA, responseB);
}
