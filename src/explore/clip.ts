import { PAIR_PARTS } from '../domain/pair.ts';
import type { Pair } from '../domain/settings.ts';

/**
 * Longest prompt or answer, with all its turns, that the explorer opens, in UTF-16 units: longer ones would block the
 * browser.
 */
export const MAX_CHARACTERS = 200_000;

/** A truncated text. `length`: its original length, in UTF-16 units. */
export interface Clipped {
  part: keyof Pair;
  length: number;
}

/**
 * Truncates the prompt and answers of a pair to `most` UTF-16 units each, at the end, and lists those truncated. The
 * number of turns stays. If nothing is truncated, the same pair is returned.
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
      // A surrogate pair must not be split.
      const kept = isWhole ? turn : turn.slice(0, left).replace(/[\ud800-\udbff]$/, '');
      left = isWhole ? left - turn.length : 0;
      return kept;
    });
  }
  return clipped.length === 0 ? { pair, clipped } : { pair: cut, clipped };
}
