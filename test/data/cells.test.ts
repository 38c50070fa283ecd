import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCell } from '../../src/data/cells.ts';
import { TiebreakError } from '../../src/domain/errors.ts';
import type { TextMode } from '../../src/domain/settings.ts';

const modes: TextMode[] = ['faithful', 'clean'];
const F3 = '\ufffd'.repeat(3);

function messageOf(cell: string, mode: TextMode): string {
  try {
    parseCell(cell, mode);
  } catch (error) {
    expect(error).toBeInstanceOf(TiebreakError);
    expect((error as TiebreakError).code).toBe('cell/broken-json');
    return (error as TiebreakError).message;
  }
  throw new Error(`${cell} was accepted`);
}

describe.each(modes)('parseCell in %s mode', (mode) => {
  it('reads a list of turns', () => {
    expect(parseCell(' [ "one" , "two\\n\\"x\\" \\\\ \\u00e9" ]\n', mode)).toEqual({
      turns: ['one', 'two\n"x" \\ é'],
      notes: [],
    });
  });

  it('takes null as an empty turn', () => {
    expect(parseCell('[null]', mode)).toEqual({ turns: [''], notes: ['null-turn'] });
    expect(parseCell('[null,"a",null]', mode)).toEqual({
      turns: ['', 'a', ''],
      notes: ['null-turn'],
    });
    expect(parseCell('["null"]', mode)).toEqual({ turns: ['null'], notes: [] });
  });

  it('gives no turns for an empty list', () => {
    expect(parseCell('[ ]', mode)).toEqual({ turns: [], notes: ['empty-list'] });
  });

  it.each(['', 'Hello', '"a"', '[1, 2]', '[see above] yes', '[nullable]', '{"a":1}', '['])(
    'takes %j as plain text',
    (cell) => {
      expect(parseCell(cell, mode)).toEqual({ turns: [cell], notes: ['plain-text'] });
    },
  );

  it('leaves literal characters alone, astral ones too', () => {
    expect(parseCell('["😀 </script> \u2028"]', mode)).toEqual({
      turns: ['😀 </script> \u2028'],
      notes: [],
    });
  });

  it.each([
    ['["abc', 'character 5: expected the closing " of the text that starts at character 1'],
    ['["a",', 'character 5: expected a text in quotes or null as turn 2, but the cell ends'],
    ['["a"', 'character 4: expected "," or "]", but the cell ends'],
    ['["a"]x', 'character 5: expected nothing after the list, but found "x"'],
    ['["a"],["b"]', 'character 5: expected nothing after the list, but found ","'],
    ['["a" null]', 'character 5: expected "," or "]", but found "n"'],
    ['["a\nb"]', 'character 3: expected an escape in place of a control character'],
    ['["\\u12g4"]', 'character 6: expected 4 hexadecimal digits after \\u, but found "g"'],
    ['["a",1]', 'Turn 2 of the list, at character 5, is a number'],
    ['["a",-1.5e3]', 'Turn 2 of the list, at character 5, is a number'],
    ['[null,{"a":1}]', 'Turn 2 of the list, at character 6, is an object'],
    ['["a","b",["c"]]', 'Turn 3 of the list, at character 9, is a list'],
    ['["a",true]', 'Turn 2 of the list, at character 5, is a truth value'],
    ['["a",nulls]', 'expected a text in quotes or null as turn 2, but found "n"'],
    ['[null', 'character 5: expected "," or "]", but the cell ends'],
  ])('refuses %j', (cell, message) => {
    expect(messageOf(cell, mode)).toContain(message);
  });

  it('reads a cell of a megabyte', () => {
    const turn = 'x'.repeat(600_000) + 'é\n'.repeat(50_000);
    const cell = `[${JSON.stringify(turn)},"${'\\u0645'.repeat(100_000)}"]`;
    expect(parseCell(cell, mode).turns).toEqual([turn, 'م'.repeat(100_000)]);
  });
});

describe('parseCell in faithful mode', () => {
  // Each expectation was checked with CPython's eval(cell, {"null": ""}).
  it.each([
    ['["a\\/b"]', ['a\\/b']],
    ['["\\8\\q\\ "]', ['\\8\\q\\ ']],
    ['["\\a\\v\\b\\f\\r\\t"]', ['\x07\v\b\f\r\t']],
    ['["\\400\\0\\1234"]', ['\u0100\0S4']],
    ['["\\x41\\U0001F600"]', ['A😀']],
    ['["a\\\nb\\\r\nc\\\rd"]', ['abcd']],
    ["['it\\'s', \"x'y\"]", ["it's", "x'y"]],
    ['["a" \'b\', "c",]', ['ab', 'c']],
    ['["a"\n,\f"b"]', ['a', 'b']],
    ['["tab\there \x1a"]', ['tab\there \x1a']],
  ])('reads %j as Python does', (cell, turns) => {
    expect(parseCell(cell, 'faithful')).toEqual({ turns, notes: [] });
  });

  it.each([
    ['["\\x4"]', 'expected 2 hexadecimal digits after \\x'],
    ['["\\U0011"]', 'expected 8 hexadecimal digits after \\U'],
    ['["\\U00110000"]', 'expected a character up to \\U0010ffff'],
    ['["\\N{BULLET}"]', 'expected no \\N escape'],
    ['["a\0"]', 'expected an escape in place of a control character'],
    ['["a",,]', 'expected a text in quotes or null as turn 2'],
  ])('refuses %j', (cell, message) => {
    expect(messageOf(cell, 'faithful')).toContain(message);
  });

  it('turns each escaped surrogate half into three U+FFFD', () => {
    expect(parseCell('["\\ud83d\\uDE00!"]', 'faithful')).toEqual({
      turns: [`${F3}${F3}!`],
      notes: [],
    });
    const lone = { notes: ['lone-surrogate'] };
    expect(parseCell('["a\\ud83d"]', 'faithful')).toEqual({ turns: [`a${F3}`], ...lone });
    expect(parseCell('["\\ude00\\ud83d\\n"]', 'faithful')).toEqual({
      turns: [`${F3}${F3}\n`],
      ...lone,
    });
  });
});

describe('parseCell in clean mode', () => {
  it('joins escaped pairs and replaces lone halves by U+FFFD', () => {
    expect(parseCell('["\\ud83d\\ude00"]', 'clean')).toEqual({ turns: ['😀'], notes: [] });
    expect(parseCell('["\\ud83d \\ude00"]', 'clean')).toEqual({
      turns: ['\ufffd \ufffd'],
      notes: ['lone-surrogate'],
    });
    expect(parseCell('say \ud83d', 'clean')).toEqual({
      turns: ['say \ufffd'],
      notes: ['plain-text', 'lone-surrogate'],
    });
  });

  it('names the mode that reads single quotes', () => {
    expect(() => parseCell("['a']", 'clean')).toThrow(
      expect.objectContaining({ action: expect.stringContaining('faithful') }),
    );
  });

  it('accepts and reads exactly what JSON.parse does', () => {
    const piece = fc.constantFrom(
      ...['[', ']', ',', '"', '\\', '\\n', '\\/', '\\x', '\\u00e9', '\\u00', 'null', ' ', '\n'],
      ...['\f', 'a', 'é', '😀', "'", '1', '\\"', '","'],
    );
    const jagged = fc.array(piece).map((pieces) => `["${pieces.join('')}`);
    const lists = fc
      .array(fc.option(fc.string({ unit: 'binary' })))
      .map((turns) => JSON.stringify(turns));
    fc.assert(
      fc.property(fc.oneof(jagged, lists), (cell) => {
        let expected: unknown;
        try {
          expected = JSON.parse(cell);
        } catch {
          messageOf(cell, 'clean');
          return;
        }
        const isTurn = (turn: unknown) => turn === null || typeof turn === 'string';
        if ((expected as unknown[]).every(isTurn)) {
          const turns = (expected as (string | null)[]).map((turn) => turn ?? '');
          expect(parseCell(cell, 'clean').turns).toEqual(turns);
        } else {
          messageOf(cell, 'clean');
        }
      }),
      { numRuns: 2000 },
    );
  });
});

const reference = new URL('../../../shared/reference/tokens/tokens-public.jsonl', import.meta.url);

it.skipIf(!existsSync(reference))('gives the texts of the reference rows', () => {
  const rows = readFileSync(reference, 'utf8').trim().split('\n');
  expect(rows).toHaveLength(60);
  for (const line of rows) {
    const row = JSON.parse(line);
    for (const mode of modes) {
      const [p, a, b] = [row.prompt, row.response_a, row.response_b].map((cell: string) =>
        parseCell(cell, mode).turns.join(' '),
      );
      const text = `<prompt>: ${p}\n\n<response_a>: ${a}\n\n<response_b>: ${b}`;
      expect(text).toBe(row[mode].text);
    }
  }
});
