import { ITEM_MARK } from '../data/prose/markdown.ts';
import { plainText } from '../data/prose/plain-text.ts';
import { refuses } from '../data/prose/refusal.ts';
import { leaveOut, segmentsOf } from '../data/prose/segments.ts';
import { samePair } from '../domain/pair.ts';
import type { Pair } from '../domain/settings.ts';
import { joinTurns } from '../domain/template.ts';

/** Changes of a pair that a user can try. */
export const COUNTERFACTUALS = [
  'exchange',
  'plain',
  'equal-length',
  'no-refusal',
  'repeat-a',
  'repeat-b',
  'empty-a',
  'empty-b',
] as const;
export type Counterfactual = (typeof COUNTERFACTUALS)[number];

/** Makes the changed pair; null if it would equal the original. */
export function counterfactual(pair: Pair, kind: Counterfactual): Pair | null {
  const changed = CHANGES[kind](pair);
  return samePair(changed, pair) ? null : changed;
}

const CHANGES: Record<Counterfactual, (pair: Pair) => Pair> = {
  exchange: (pair) => ({ ...pair, responseA: pair.responseB, responseB: pair.responseA }),
  plain: (pair) => answers(pair, plainText),
  'equal-length': equalLength,
  'no-refusal': (pair) => answers(pair, withoutRefusal),
  'repeat-a': (pair) => ({ ...pair, responseA: repeatQuestion(pair.prompt, pair.responseA) }),
  'repeat-b': (pair) => ({ ...pair, responseB: repeatQuestion(pair.prompt, pair.responseB) }),
  'empty-a': (pair) => ({ ...pair, responseA: pair.responseA.map(() => '') }),
  'empty-b': (pair) => ({ ...pair, responseB: pair.responseB.map(() => '') }),
};

function answers(pair: Pair, change: (text: string) => string): Pair {
  return {
    prompt: pair.prompt,
    responseA: pair.responseA.map(change),
    responseB: pair.responseB.map(change),
  };
}

/** Share of the longer length by which two lengths may differ and still count as equal, since words are not split. */
const EQUAL = 0.05;
/** The mark of a list item whose text was cut off. */
const LONELY_MARK = new RegExp(`\\n[ \\t]*${ITEM_MARK}?[ \\t]*$`);

/** Truncates the longer answer, turn by turn, to the length of the shorter one, between words if there are any. */
function equalLength(pair: Pair): Pair {
  const length = (turns: string[]) => joinTurns(turns).length;
  const [a, b] = [length(pair.responseA), length(pair.responseB)];
  if (Math.abs(a - b) <= EQUAL * Math.max(a, b)) return pair;
  const [shorter, longer] =
    a <= b ? (['responseA', 'responseB'] as const) : (['responseB', 'responseA'] as const);
  let left = length(pair[shorter]) - Math.max(0, pair[longer].length - 1);
  const cut = pair[longer].map((turn) => {
    const kept = cutTo(turn, Math.max(0, left));
    left -= kept.length;
    return kept;
  });
  return { ...pair, [longer]: cut };
}

function cutTo(text: string, length: number): string {
  if (text.length <= length) return text;
  // A surrogate pair must not be split.
  const head = text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
  if (/\s/.test(text[length]!)) return head.replace(LONELY_MARK, '').trimEnd();
  const space = head.search(/\s\S*$/);
  // Text without spaces, such as Japanese, may be split anywhere.
  return space > head.length * 0.6 ? head.slice(0, space).replace(LONELY_MARK, '').trimEnd() : head;
}

/** Removes the refusing segments of a text. */
function withoutRefusal(text: string): string {
  let left = text;
  for (;;) {
    const segments = segmentsOf(left);
    const index = segments.findIndex((segment) => refuses(left, segment));
    if (index === -1) return left;
    left = leaveOut(left, segments, index);
  }
}

function repeatQuestion(prompt: string[], answer: string[]): string[] {
  return answer.map((turn, i) => {
    const question = prompt[i]?.trim() ?? '';
    return question === '' ? turn : `${question}\n\n${turn}`;
  });
}
