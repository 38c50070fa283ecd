import type { Pair } from '../../../domain/settings.ts';
import { COUNTERFACTUALS, counterfactual } from '../../../explore/counterfactuals.ts';
import { removableUnits } from '../../../explore/units.ts';
import type { OrderScores } from '../../../stats/pair/order-scores.ts';
import type { Try, Why } from './explorer-state.ts';

/** Seconds of the device's time that one call may take: so long a keystroke waits at worst. */
const CALL_SECONDS = 0.4;
const MOST_AT_ONCE = 16;

/** The counterfactuals of a pair, not scored yet. */
export function triesOf(pair: Pair): Try[] {
  return COUNTERFACTUALS.map((kind) => ({
    kind,
    pair: counterfactual(pair, kind),
    scores: null,
  }));
}

/** The parts of a pair that are left out one by one, not scored yet. */
export function whyOf(pair: Pair): Why {
  const units = removableUnits(pair);
  return { units, scores: units.map(() => null) };
}

/** Number of variants to score in one call. @param seconds that the pair itself took. */
export function variantsAtOnce(seconds: number): number {
  return Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(CALL_SECONDS / Math.max(0.001, seconds))));
}

/** The next variants to score: first the counterfactuals, then what is left out. */
export function nextVariants(
  tries: readonly Try[] | null,
  why: Why | null,
  most: number,
): { of: 'tries' | 'why'; places: number[]; pairs: Pair[] } | null {
  const ofTries = (tries ?? []).flatMap(({ kind, pair, scores }, i) =>
    // The swapped order is scored already.
    pair === null || scores !== null || kind === 'exchange' ? [] : [{ i, pair }],
  );
  if (ofTries.length > 0) return part('tries', ofTries, most);
  const ofWhy = (why?.units ?? []).flatMap(({ without }, i) =>
    why!.scores[i] === null ? [{ i, pair: without }] : [],
  );
  return ofWhy.length > 0 ? part('why', ofWhy, most) : null;
}

/** The scores with some of them filled in. */
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
