import type { OrderScores } from '../../../stats/pair/order-scores.ts';
import {
  hasNoAnswer,
  hasSameAnswers,
  type Verdict,
  verdictOf,
} from '../../../stats/pair/verdict.ts';
import { useExplorer } from '../state/explorer-context.ts';
import type { Score } from '../state/explorer-state.ts';

/**
 * The scores to show.
 * - `none`: nothing; `empty`: without answers there is nothing to prefer.
 * - `half`: one order, while the other one is being computed.
 * - `whole`: both orders, with the verdict.
 */
export type ShownScores =
  | { kind: 'none' | 'empty' }
  | { kind: 'half'; scores: Pick<OrderScores, 'forward'> }
  | { kind: 'whole'; score: Score; scores: OrderScores; verdict: Verdict };

/** Returns the latest scores for the result card and its short form. */
export function useShownScores(): ShownScores {
  const pair = useExplorer((state) => state.pair);
  const score = useExplorer((state) => state.score);
  const first = useExplorer((state) => state.first);
  if (hasNoAnswer(pair)) return { kind: 'empty' };
  if (first?.pair === pair) return { kind: 'half', scores: { forward: first.forward } };
  // The score of a pair without answers would be no comment on the letter just typed.
  if (score === null || hasNoAnswer(score.pair)) return { kind: 'none' };
  const { scores } = score;
  const verdict = verdictOf(scores, hasSameAnswers(score.pair));
  return { kind: 'whole', score, scores, verdict };
}
