import { coarser, leaveOut, type Segment, segmentsOf } from '../data/prose/segments.ts';
import { PAIR_PARTS } from '../domain/pair.ts';
import type { Pair } from '../domain/settings.ts';

/** A segment of a pair, and the pair without it. */
export interface Unit extends Segment {
  part: keyof Pair;
  turn: number;
  without: Pair;
}

/** Most units of a pair. Each costs two texts to score, so further ones are merged with their neighbours. */
const MAX_UNITS = 96;

/** The removable segments of a pair, in the order of prompt, A and B. */
export function removableUnits(pair: Pair, most = MAX_UNITS): Unit[] {
  const turns = PAIR_PARTS.flatMap((part) =>
    pair[part].map((text, turn) => ({ part, turn, text, segments: segmentsOf(text) })),
  );
  const total = turns.reduce((sum, { segments }) => sum + segments.length, 0);
  return turns.flatMap(({ part, turn, text, segments }) => {
    const share = Math.max(1, Math.floor((most * segments.length) / Math.max(1, total)));
    const kept = total > most ? coarser(segments, share) : segments;
    return kept.map((segment, i) => ({
      ...segment,
      part,
      turn,
      without: {
        ...pair,
        [part]: pair[part].map((old, t) => (t === turn ? leaveOut(text, kept, i) : old)),
      },
    }));
  });
}
