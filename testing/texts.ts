import fc from 'fast-check';
import type { Pair } from '../src/domain/settings.ts';

/** Texts like those of assistants, and stranger ones. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '- item',
        '* ',
        '1. one',
        '## Head',
        '```',
        '```py',
        '~~~',
        '| a | b |',
        '|---|---|',
        '**bold**',
        '`code`',
        '[link](http://x)',
        '> quote',
        '---',
        'Plain. Two! 三つ目。「はい」',
        '  - nested',
        '    four',
        '',
        "I'm sorry, but I can't.",
        '申し訳ありませんが。',
        '😀',
        '\t',
        '\r',
        '*',
        '__a__ b',
      ),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
    ),
    { maxLength: 12 },
  )
  .chain((lines) => fc.constantFrom('\n', '\n\n', ' ').map((glue) => lines.join(glue)));

const turns = fc.array(anyText, { minLength: 1, maxLength: 3 });

/** Pairs of such texts; answers may have fewer turns than the prompt. */
export const anyPair: fc.Arbitrary<Pair> = fc.record({
  prompt: turns,
  responseA: turns,
  responseB: turns,
});

/** A pair of one turn. */
export function pairOf(prompt: string, responseA: string, responseB: string): Pair {
  return { prompt: [prompt], responseA: [responseA], responseB: [responseB] };
}
