import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type Pair, type RunSettings } from '../../src/domain/settings.ts';
import { tokenizePair } from '../../src/domain/truncate.ts';
import { type SeenText, seenText, TOKEN_PARTS, type TokenPart } from '../../src/tokens/seen.ts';
import { pairTokenizer } from '../../src/tokens/tokenizer.ts';
import { chatTokenizer } from '../../testing/chat-tokenizers.ts';
import { gemma } from '../../testing/gemma-tokenizer.ts';

function see(
  pair: Pair,
  change: Partial<RunSettings> = {},
  swapped = false,
  tokenizer = gemma(),
): SeenText {
  const settings = { ...DEFAULT_SETTINGS, ...change };
  const text = tokenizePair(pair, swapped, settings, tokenizer);
  return seenText(pair, swapped, settings, text, tokenizer);
}

/** The text of the tokens of a part, with bytes of characters joined. */
function textOf(seen: SeenText, part: TokenPart, turn?: number): string {
  const bytes: number[] = [];
  for (const [i, piece] of seen.pieces.entries()) {
    if (TOKEN_PARTS[seen.parts[i]!] !== part) continue;
    if (turn !== undefined && seen.turns[i] !== turn) continue;
    for (const each of piece.split(/(<0x[\dA-F]{2}>)/)) {
      if (/^<0x..>$/.test(each)) bytes.push(Number.parseInt(each.slice(1, 5), 16));
      else bytes.push(...new TextEncoder().encode(each));
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

const unseenOf = (seen: SeenText, part: keyof Pair) =>
  seen.unseen.filter((piece) => piece.part === part).map(({ text }) => text);

const PAIR: Pair = {
  prompt: ['Why is the sky blue?', 'Shorter, please.'],
  responseA: ['Light scatters in air.\n\n- blue most\n- red least', 'Scattering.'],
  responseB: ['It reflects the sea 🌊 and 𓀀.', 'The sea.'],
};

describe('the parts of tokens', () => {
  test('are the turns of the texts', () => {
    const seen = see(PAIR);
    for (const part of ['prompt', 'responseA', 'responseB'] as const) {
      for (const [turn, text] of PAIR[part].entries()) {
        // The space before a turn belongs to its first word's token.
        expect(textOf(seen, part, turn).trimStart()).toBe(text);
      }
      expect(unseenOf(seen, part)).toEqual([]);
    }
    expect(seen.parts[0]).toBe(TOKEN_PARTS.indexOf('special'));
    expect(seen.parts.at(-1)).toBe(TOKEN_PARTS.indexOf('special'));
    expect(textOf(seen, 'template')).toBe('<prompt>:\n\n<response_a>:\n\n<response_b>:');
    expect(seen.literal).toEqual([]);
  });

  test('keep the names of the answers when these change places', () => {
    const seen = see(PAIR, {}, true);
    expect(textOf(seen, 'responseA', 0).trimStart()).toBe(PAIR.responseA[0]);
    const first = (part: TokenPart) => seen.parts.indexOf(TOKEN_PARTS.indexOf(part));
    expect(first('responseB')).toBeLessThan(first('responseA'));
  });

  test('of literal special tokens are flagged, and of the like not', () => {
    const pair = { ...PAIR, responseA: ['a <eos> b <b>bold</b> <start_of_turn>', 'x'] };
    const seen = see(pair);
    expect(seen.literal.map((i) => seen.pieces[i])).toEqual(['<eos>', '<start_of_turn>']);
    for (const i of seen.literal) expect(TOKEN_PARTS[seen.parts[i]!]).toBe('responseA');
  });
});

describe('the truncated text', () => {
  test('on the right is the end', () => {
    const whole = see(PAIR).ids.length;
    const seen = see(PAIR, { maxLength: whole - 3 });
    expect(unseenOf(seen, 'responseA')).toEqual([]);
    const [rest] = unseenOf(seen, 'responseB');
    expect(`${textOf(seen, 'responseB', 1)}${rest}`.trimStart()).toBe(PAIR.responseB[1]);
    expect(seen.cut).toMatchObject({ responseA: 0, responseB: 3 });
  });

  test('names the answers of the pair also when they change places', () => {
    const whole = see(PAIR).ids.length;
    const seen = see(PAIR, { maxLength: whole - 3 }, true);
    expect(seen.cut).toMatchObject({ responseA: 3, responseB: 0 });
    expect(unseenOf(seen, 'responseB')).toEqual([]);
  });

  test('of turns are the oldest', () => {
    const whole = see(PAIR).ids.length;
    const seen = see(PAIR, { maxLength: whole - 3, truncation: 'turns' });
    expect(seen.cut.turns).toBe(1);
    for (const part of ['prompt', 'responseA', 'responseB'] as const) {
      expect(unseenOf(seen, part)).toEqual([PAIR[part][0]]);
      expect(textOf(seen, part, 1).trimStart()).toBe(PAIR[part][1]);
      expect(textOf(seen, part, 0)).toBe('');
    }
  });
});

test.each([
  ['Gemma', gemma, '<eos>'],
  ['Llama', () => pairTokenizer(chatTokenizer('llama3_1')), '<|eot_id|>'],
])('seen and unseen parts together are the text, in tokens of %s', (_, tokenizer, special) => {
  const word = fc.constantFrom(
    'rain',
    'naïve',
    '日本語',
    '🌊',
    '𓀀',
    special,
    '<b>',
    '\n\n',
    '▁',
    '  ',
    '<0x41>',
    '- item',
    '\t\t',
    '.',
  );
  const text = fc.array(word, { maxLength: 12 }).map((words) => ['a', ...words, 'z'].join(' '));
  // Letters at both ends, since line breaks there would form one token with those of the template.
  const turns = fc.array(text, { minLength: 1, maxLength: 3 });
  const pair = fc.record({ prompt: turns, responseA: turns, responseB: turns });
  const change = fc.record({
    maxLength: fc.integer({ min: 16, max: 120 }),
    truncation: fc.constantFrom('right' as const, 'turns' as const, 'proportional' as const),
    spread: fc.boolean(),
  });
  fc.assert(
    fc.property(pair, change, fc.boolean(), (pair, change, swapped) => {
      const seen = see(pair, change, swapped, tokenizer());
      const letters = (text: string) => text.replaceAll(/[ ▁\uFFFD]/g, '');
      for (const part of ['prompt', 'responseA', 'responseB'] as const) {
        for (const [turn, whole] of pair[part].entries()) {
          const unseen = seen.unseen.filter((piece) => piece.part === part && piece.turn === turn);
          const rest = letters(unseen.map(({ text }) => text).join(''));
          const shown = letters(textOf(seen, part, turn));
          const all = letters(whole);
          // A cut may split a character, which then counts as neither seen nor unseen.
          const lost = [...all].length - [...shown, ...rest].length;
          expect(lost).toBeLessThanOrEqual(rest === '' && shown === '' ? 0 : 1);
          expect(all.startsWith(shown)).toBe(true);
          expect(all.endsWith(rest)).toBe(true);
        }
      }
      for (const i of seen.literal) expect([special]).toContain(seen.pieces[i]);
    }),
    { numRuns: 200 },
  );
});
