import { PAIR_PARTS, samePair } from '../domain/pair.ts';
import type { Probabilities } from '../domain/probabilities.ts';
import type { Pair } from '../domain/settings.ts';

/** Number of states that are kept. */
export const MAX_HISTORY = 30;
/** Milliseconds without typing after which the next edit of the same field counts as a new change. */
const PAUSE_MS = 4000;

/** The cause of a state. `edit`: typing in a field. */
export type Step =
  | { kind: 'edit'; part: keyof Pair; turn: number }
  | { kind: 'turns' | 'opened' | 'returned' }
  | { kind: 'try'; name: string };

/** A state to which the user can return. */
export interface HistoryEntry {
  id: number;
  step: Step;
  pair: Pair;
  /** Mean of both orders; null until it is scored. */
  mean: Probabilities | null;
  /** Time of the last change, in milliseconds. */
  time: number;
}

/** The latest states, the oldest first, the current one last. Never changed in place. */
export type History = readonly HistoryEntry[];

/**
 * Adds a state. Continued typing changes the last state instead, and an equal pair adds none. A pair that was opened
 * and never scored, such as a row that was skipped, is replaced by the next one opened.
 */
export function recordStep(history: History, pair: Pair, step: Step, time: number): History {
  const last = history.at(-1);
  if (last !== undefined && samePair(last.pair, pair)) return history;
  const id = (last?.id ?? 0) + 1;
  if (
    last?.step.kind === 'edit' &&
    step.kind === 'edit' &&
    last.step.part === step.part &&
    last.step.turn === step.turn &&
    time - last.time < PAUSE_MS
  ) {
    return [...history.slice(0, -1), { ...last, pair, mean: null, time }];
  }
  const wasSteppedOver =
    last?.step.kind === 'opened' && step.kind === 'opened' && last.mean === null;
  const before = wasSteppedOver ? history.slice(0, -1) : history;
  return [...before, { id, step, pair, mean: null, time }].slice(-MAX_HISTORY);
}

/** Sets the score of the last state, if it has this pair. */
export function recordScore(history: History, pair: Pair, mean: Probabilities): History {
  const last = history.at(-1);
  if (last === undefined || !samePair(last.pair, pair)) return history;
  return [...history.slice(0, -1), { ...last, mean }];
}

/** A changed turn: its old and new text without their common beginning and end. */
export interface TurnChange {
  part: keyof Pair;
  turn: number;
  removed: string;
  added: string;
}

/** The turns that differ between two pairs. A turn that only one of them has is compared with an empty text. */
export function changesOf(before: Pair, after: Pair): TurnChange[] {
  return PAIR_PARTS.flatMap((part) => {
    const count = Math.max(before[part].length, after[part].length);
    return Array.from({ length: count }, (_, turn) => turn).flatMap((turn) => {
      const old = before[part][turn] ?? '';
      const now = after[part][turn] ?? '';
      return old === now ? [] : [{ part, turn, ...middles(old, now) }];
    });
  });
}

/** Removes the common beginning and the common end of two texts. */
function middles(old: string, now: string): { removed: string; added: string } {
  const a = Array.from(old);
  const b = Array.from(now);
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  return {
    removed: a.slice(start, a.length - end).join(''),
    added: b.slice(start, b.length - end).join(''),
  };
}
