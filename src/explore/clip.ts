import type { Pair } from '../domain/settings.ts';

/** Characters of a prompt or an answer, its turns together, that can be looked at closely without stopping the browser. */
export const MAX_CHARACTERS = 200_000;

/** A text of which only the beginning was taken. `length`: its characters before. */
export interface Clipped {
  part: keyof Pair;
  length: number;
}

/**
 * A pair with no more than so many characters in the prompt and in each answer, cut at the end, and what was cut. The number of
 * turns stays; the same pair where nothing is cut.
 */
export function clipPair(
  pair: Pair,
  most = MAX_CHARACTERS,
): { pair: Pair; clipped: readonly Clipped[] } {
  const clipped: Clipped[] = [];
  const cut = { ...pair };
  for (const part of ['prompt', 'responseA', 'responseB'] as const) {
    const length = pair[part].reduce((sum, turn) => sum + turn.length, 0);
    if (length <= most) continue;
    clipped.push({ part, length });
    let left = most;
    cut[part] = pair[part].map((turn) => {
      const isWhole = turn.length <= left;
      // No half of a surrogate pair.
      const kept = isWhole ? turn : turn.slice(0, left).replace(/[\ud800-\udbff]$/, '');
      left = isWhole ? left - turn.length : 0;
      return kept;
    });
  }
  return clipped.length === 0 ? { pair, clipped } : { pair: cut, clipped };
}
