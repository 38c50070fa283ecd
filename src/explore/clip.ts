import { PAIR_PARTS } from '../domain/pair.ts';
import type { Pair } from '../domain/settings.ts';

/**
 * Longest prompt or answer, its turns together, that the explorer opens: longer ones would block the browser.
 * In UTF-16 units.
 */
export const MAX_CHARACTERS = 200_000;

/** A text that was cut. `length`: its length before, in UTF-16 units. */
export interface Clipped {
  part: keyof Pair;
  length: number;
}

/**
 * A pair whose prompt and answers are cut at the end to `most` UTF-16 units each, with a list of those cut.
 * The number of turns stays. Where nothing is cut, the same pair is returned.
 */
export function clipPair(
  pair: Pair,
  most = MAX_CHARACTERS,
): { pair: Pair; clipped: readonly Clipped[] } {
  const clipped: Clipped[] = [];
  const cut = { ...pair };
  for (const part of PAIR_PARTS) {
    const length = pair[part].reduce((sum, turn) => sum + turn.length, 0);
    if (length <= most) continue;
    clipped.push({ part, length });
    let left = most;
    cut[part] = pair[part].map((turn) => {
      const isWhole = turn.length <= left;
      // A surrogate pair must not be cut in half.
      const kept = isWhole ? turn : turn.slice(0, left).replace(/[\ud800-\udbff]$/, '');
      left = isWhole ? left - turn.length : 0;
      return kept;
    });
  }
  return clipped.length === 0 ? { pair, clipped } : { pair: cut, clipped };
}
