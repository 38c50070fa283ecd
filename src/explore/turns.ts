import type { Pair } from '../domain/settings.ts';

/** Replaces the text of one turn. Missing turns before it are added, empty. */
export function withText(pair: Pair, part: keyof Pair, turn: number, text: string): Pair {
  const turns = pair[part].map((old, i) => (i === turn ? text : old));
  for (let i = turns.length; i <= turn; i += 1) turns.push(i === turn ? text : '');
  return { ...pair, [part]: turns };
}

/** Adds a turn to the prompt and to both answers. */
export function withTurnAdded(pair: Pair): Pair {
  const count = turnsOf(pair) + 1;
  return eachPart(pair, (turns) => [
    ...turns,
    ...Array.from({ length: count - turns.length }, () => ''),
  ]);
}

/** Removes a turn from the prompt and from both answers. The only turn is never removed. */
export function withoutTurn(pair: Pair, turn: number): Pair {
  if (turnsOf(pair) < 2) return pair;
  return eachPart(pair, (turns) => turns.filter((_, i) => i !== turn));
}

function turnsOf({ prompt, responseA, responseB }: Pair): number {
  return Math.max(prompt.length, responseA.length, responseB.length);
}

function eachPart({ prompt, responseA, responseB }: Pair, change: (turns: string[]) => string[]) {
  return {
    prompt: change(prompt),
    responseA: change(responseA),
    responseB: change(responseB),
  };
}
