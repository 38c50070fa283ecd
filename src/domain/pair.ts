import type { Pair } from './settings.ts';

/** The parts of a pair, in the order in which a model reads them. */
export const PAIR_PARTS = ['prompt', 'responseA', 'responseB'] as const satisfies (keyof Pair)[];

/** True if two texts have the same turns. */
export function sameTurns(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((turn, i) => turn === other[i]);
}

/** True if all three parts of two pairs have the same turns. */
export function samePair(one: Pair, other: Pair): boolean {
  return PAIR_PARTS.every((part) => sameTurns(one[part], other[part]));
}
