import type { Pair } from './settings.ts';

/** The headings of the three parts of the text that the model reads, in order. */
export const PART_HEADINGS = ['<prompt>: ', '\n\n<response_a>: ', '\n\n<response_b>: '] as const;

/** The text of one part of a pair: its turns with one space between them. */
export function joinTurns(turns: readonly string[]): string {
  return turns.join(' ');
}

/** The three parts with their headings. `swapped` exchanges the answers, but not the headings. */
export function partTexts(pair: Pair, swapped: boolean): [string, string, string] {
  const [first, second] = swapped
    ? [pair.responseB, pair.responseA]
    : [pair.responseA, pair.responseB];
  return [
    PART_HEADINGS[0] + joinTurns(pair.prompt),
    PART_HEADINGS[1] + joinTurns(first),
    PART_HEADINGS[2] + joinTurns(second),
  ];
}

/** The text of a row as the notebook gives it to the tokenizer. */
export function pairText(pair: Pair, swapped: boolean): string {
  return partTexts(pair, swapped).join('');
}
