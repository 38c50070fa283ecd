import type { Pair } from '../../../domain/settings.ts';
import { COUNTERFACTUALS, counterfactual } from '../../../explore/counterfactuals.ts';
import { removableUnits } from '../../../explore/units.ts';
import type { OrderScores } from '../../../stats/pair/order-scores.ts';
import type { Try, Why } from './explorer-state.ts';

/** Seconds of the device's time for one call, and so the longest wait of a keystroke. */
const CALL_SECONDS = 0.4;
const MOST_AT_ONCE = 16;

/** Makes the counterfactuals of a pair, without scores. */
export function triesOf(pair: Pair): Try[] {
  return COUNTERFACTUALS.map((kind) => ({
    kind,
    pair: counterfactual(pair, kind),
    scores: null,
  }));
}

/** Lists the parts of a pair to leave out one by one, without scores. */
export function whyOf(pair: Pair): Why {
  const units = removableUnits(pair);
  return { units, scores: units.map(() => null) };
}

/** Number of variants for one call. @param seconds that the pair itself took. */
export function variantsAtOnce(seconds: number): number {
  return Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(CALL_SECONDS / Math.max(0.001, seconds))));
}

/** The next variants to score: first the counterfactuals, then the pair without each part. */
export function nextVariants(
  tries: readonly Try[] | null,
  why: Why | null,
  most: number,
): { of: 'tries' | 'why'; places: number[]; pairs: Pair[] } | null {
  const ofTries = (tries ?? []).flatMap(({ kind, pair, scores }, i) =>
    // The swapped order has been scored with the pair.
    pair === null || scores !== null || kind === 'exchange' ? [] : [{ i, pair }],
  );
  if (ofTries.length > 0) return part('tries', ofTries, most);
  const ofWhy = (why?.units ?? []).flatMap(({ without }, i) =>
    why!.scores[i] === null ? [{ i, pair: without }] : [],
  );
  return ofWhy.length > 0 ? part('why', ofWhy, most) : null;
}

/** Fills in some of the scores. */
export function withScores<T extends OrderScores | null>(
  scores: readonly T[],
  places: readonly number[],
  found: readonly OrderScores[],
): (T | OrderScores)[] {
  return scores.map((old, i) => found[places.indexOf(i)] ?? old);
}

function part(of: 'tries' | 'why', open: { i: number; pair: Pair }[], most: number) {
  const some = open.slice(0, most);
  return { of, places: some.map(({ i }) => i), pairs: some.map(({ pair }) => pair) };
}
