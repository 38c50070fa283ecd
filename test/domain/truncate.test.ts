import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type Pair, type RunSettings } from '../../src/domain/settings.ts';
import { pairText, partTexts } from '../../src/domain/template.ts';
import { shareProportionally, tokenizePair } from '../../src/domain/truncate.ts';

/** One token per character, so that nothing merges across parts and every count is exact. */
const toy = {
  bos: -1,
  eos: -2,
  encode: (text: string) => Array.from(text, (character) => character.codePointAt(0)!),
};

/** Words with their leading spaces, like Gemma's tokens. */
const words = {
  ...toy,
  encode: (text: string) =>
    (text.match(/ ?[^ \n]+|\s/g) ?? []).map((word) => word.length * 1000 + word.charCodeAt(0)),
};

const turns = fc.array(fc.string({ maxLength: 30 }), { maxLength: 5 });
const pairs: fc.Arbitrary<Pair> = fc.record({
  prompt: turns,
  responseA: turns,
  responseB: turns,
});
const settings: fc.Arbitrary<RunSettings> = fc.record({
  textMode: fc.constant('faithful' as const),
  maxLength: fc.integer({ min: 16, max: 300 }),
  truncation: fc.constantFrom('right' as const, 'turns' as const, 'proportional' as const),
  spread: fc.boolean(),
  tta: fc.constant(false),
});

function text(ids: Int32Array): string {
  return String.fromCodePoint(...ids.slice(1, -1));
}

function withLimit(maxLength: number, more: Partial<RunSettings> = {}): RunSettings {
  return { ...DEFAULT_SETTINGS, maxLength, ...more };
}

describe('every way of cutting', () => {
  test.each([
    ['characters', toy],
    ['words', words],
  ])('stays in the limit, between <bos> and <eos> (%s)', (_, tokenizer) => {
    fc.assert(
      fc.property(pairs, fc.boolean(), settings, (pair, swapped, run) => {
        const { ids, length, truncated, cut } = tokenizePair(pair, swapped, run, tokenizer);
        expect(ids.length).toBeLessThanOrEqual(run.maxLength);
        expect(ids[0]).toBe(toy.bos);
        expect(ids.at(-1)).toBe(toy.eos);
        expect(ids.length).toBeLessThanOrEqual(length);
        expect(Math.min(...Object.values(cut))).toBeGreaterThanOrEqual(0);
        if (!truncated) {
          expect(ids.length).toBe(length);
          expect(cut).toEqual({ prompt: 0, responseA: 0, responseB: 0, turns: 0 });
        }
      }),
    );
  });

  test('accounts for every token that was cut', () => {
    fc.assert(
      fc.property(pairs, fc.boolean(), settings, (pair, swapped, run) => {
        const { ids, length, cut } = tokenizePair(pair, swapped, run, toy);
        expect(cut.prompt + cut.responseA + cut.responseB).toBe(length - ids.length);
      }),
    );
  });

  test('leaves a row that fits unchanged', () => {
    fc.assert(
      fc.property(pairs, fc.boolean(), settings, (pair, swapped, run) => {
        const whole = toy.encode(pairText(pair, swapped));
        const maxLength = whole.length + 2;
        const fitting = { ...run, spread: false, maxLength };
        const result = tokenizePair(pair, swapped, fitting, toy);
        expect(Array.from(result.ids)).toEqual([toy.bos, ...whole, toy.eos]);
        expect(result.truncated).toBe(false);
      }),
    );
  });

  test('cuts to exactly the limit, but for dropped turns', () => {
    fc.assert(
      fc.property(pairs, settings, (pair, run) => {
        const { ids, truncated, cut } = tokenizePair(pair, false, { ...run, spread: false }, toy);
        if (truncated && cut.turns === 0) expect(ids.length).toBe(run.maxLength);
      }),
    );
  });
});

describe('right', () => {
  const pair: Pair = { prompt: ['pp'], responseA: ['aaaa'], responseB: ['bbbbbb'] };

  test('keeps the first tokens and says from which part the rest is missing', () => {
    // 12 characters of prompt, 20 of A, 22 of B.
    const whole = pairText(pair, false);
    expect(tokenizePair(pair, false, withLimit(50), toy)).toMatchObject({
      length: 56,
      truncated: true,
      cut: { prompt: 0, responseA: 0, responseB: 6, turns: 0 },
    });
    const short = tokenizePair(pair, false, withLimit(20), toy);
    expect(text(short.ids)).toBe(whole.slice(0, 18));
    expect(short.cut).toEqual({ prompt: 0, responseA: 14, responseB: 22, turns: 0 });
    expect(tokenizePair(pair, true, withLimit(50), toy).cut.responseB).toBe(6);
  });
});

describe('turns', () => {
  const cut = withLimit(70, { truncation: 'turns' });

  test('drops the oldest rounds, no more than needed', () => {
    const pair: Pair = {
      prompt: ['p1', 'p2', 'p3'],
      responseA: ['a1'.repeat(5), 'a2', 'a3'],
      responseB: ['b1'.repeat(5), 'b2', 'b3'],
    };
    const result = tokenizePair(pair, false, cut, toy);
    expect(text(result.ids)).toBe('<prompt>: p2 p3\n\n<response_a>: a2 a3\n\n<response_b>: b2 b3');
    expect(result.cut).toEqual({ prompt: 3, responseA: 11, responseB: 11, turns: 1 });
  });

  test('never drops the last turn of a text; the end is cut then', () => {
    const pair: Pair = {
      prompt: ['p'.repeat(50), 'q'.repeat(20)],
      responseA: ['only'],
      responseB: [],
    };
    const result = tokenizePair(pair, false, cut, toy);
    expect(text(result.ids)).toBe(
      `<prompt>: ${'q'.repeat(20)}\n\n<response_a>: only\n\n<response_b>: `,
    );
    expect(result.cut.turns).toBe(1);
    const shorter = tokenizePair(pair, false, { ...cut, maxLength: 40 }, toy);
    expect(text(shorter.ids)).toBe(`<prompt>: ${'q'.repeat(20)}\n\n<respo`);
  });

  test('drops the fewest rounds that help, however many there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 60, max: 200 }), (n, max) => {
        const list = Array.from({ length: n }, (_, turn) => `t${turn}`);
        const pair: Pair = { prompt: list, responseA: list, responseB: list };
        const result = tokenizePair(pair, false, withLimit(max, { truncation: 'turns' }), toy);
        const dropped = result.cut.turns;
        const lengthAfter = (rounds: number) => {
          const rest = list.slice(rounds);
          return pairText({ prompt: rest, responseA: rest, responseB: rest }, false).length + 2;
        };
        expect(lengthAfter(dropped)).toBeLessThanOrEqual(max);
        if (dropped > 0) expect(lengthAfter(dropped - 1)).toBeGreaterThan(max);
      }),
    );
  });
});

describe('proportional', () => {
  const cut = { truncation: 'proportional' } as const;

  test('keeps the start of every part, with its heading', () => {
    fc.assert(
      fc.property(pairs, fc.boolean(), fc.integer({ min: 50, max: 200 }), (pair, swapped, max) => {
        const result = tokenizePair(pair, swapped, withLimit(max, cut), toy);
        const parts = partTexts(pair, swapped);
        const { prompt, responseA, responseB } = result.cut;
        const kept = [prompt, responseA, responseB].map((missing, part) =>
          Array.from(parts[part]!)
            .slice(0, Array.from(parts[part]!).length - missing)
            .join(''),
        );
        expect(text(result.ids)).toBe(kept.join(''));
        expect(kept[0]).toMatch(/^<prompt>:/);
        expect(kept[1]).toMatch(/^\n\n<response_a>:/);
        expect(kept[2]).toMatch(/^\n\n<response_b>:/);
      }),
    );
  });

  test('cuts on the right when there is no room for the headings', () => {
    const pair: Pair = { prompt: ['p'], responseA: ['a'], responseB: ['b'] };
    const right = tokenizePair(pair, false, withLimit(30), toy);
    expect(tokenizePair(pair, false, withLimit(30, cut), toy)).toEqual(right);
  });

  test('shares are within one token of proportion and add up', () => {
    const part = fc.tuple(fc.nat(20), fc.nat(5000));
    fc.assert(
      fc.property(fc.tuple(part, part, part), fc.nat(), (parts, pick) => {
        const minimum = parts.map(([least]) => least) as [number, number, number];
        const lengths = parts.map(([least, more]) => least + more) as [number, number, number];
        const least = minimum.reduce((x, y) => x + y);
        const most = lengths.reduce((x, y) => x + y);
        const available = least + (pick % (most - least + 1));
        const shares = shareProportionally(lengths, minimum, available);
        expect(shares.reduce((x, y) => x + y)).toBe(available);
        for (const [index, [headings, more]] of parts.entries()) {
          const ideal = more === 0 ? 0 : (more * (available - least)) / (most - least);
          expect(Math.abs(shares[index]! - headings - ideal)).toBeLessThan(1);
          expect(shares[index]).toBeLessThanOrEqual(headings + more);
        }
      }),
    );
  });
});

describe('spread', () => {
  test('cuts every part alone and wins over truncation', () => {
    const pair: Pair = { prompt: ['p'.repeat(30)], responseA: ['a'], responseB: ['b'.repeat(9)] };
    const run = withLimit(72, { spread: true, truncation: 'turns' });
    const { ids, length, cut } = tokenizePair(pair, false, run, toy);
    const wrapped = (part: string) => [toy.bos, ...toy.encode(part), toy.eos];
    const [prompt, a, b] = partTexts(pair, false);
    expect(Array.from(ids)).toEqual([
      ...wrapped(prompt.slice(0, 22)),
      ...wrapped(a),
      ...wrapped(b.slice(0, 22)),
    ]);
    expect(length).toBe(40 + 17 + 25 + 6);
    expect(cut).toEqual({ prompt: 18, responseA: 0, responseB: 3, turns: 0 });
  });
});
