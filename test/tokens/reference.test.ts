import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseCell } from '../../src/data/cells.ts';
import { DEFAULT_SETTINGS, type Pair, type TextMode } from '../../src/domain/settings.ts';
import { pairText } from '../../src/domain/template.ts';
import { tokenizePair } from '../../src/domain/truncate.ts';
import { gemma } from '../../testing/gemma-tokenizer.ts';

interface Expected {
  text: string;
  length: number;
  /** Keys are limits of length. */
  ids: Record<string, number[]>;
  ids_swapped: Record<string, number[]>;
  ids_spread: Record<string, number[]>;
}

interface Row {
  id: number;
  prompt: string;
  response_a: string;
  response_b: string;
  faithful: Expected;
  clean: Expected;
}

const fixture = new URL('../fixtures/tokens.jsonl', import.meta.url);
const reference = new URL('../../../shared/reference/tokens/tokens-public.jsonl', import.meta.url);

function readRows(file: URL): Row[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): Row => JSON.parse(line));
}

function readPair(row: Row, mode: TextMode): Pair {
  const turns = (cell: string) => parseCell(cell, mode).turns;
  return {
    prompt: turns(row.prompt),
    responseA: turns(row.response_a),
    responseB: turns(row.response_b),
  };
}

/** Compares a row with the output of the original libraries. @returns the number of compared lists of ids. */
function check(row: Row, textMode: TextMode): number {
  const expected = row[textMode];
  const pair = readPair(row, textMode);
  let compared = 0;
  const compare = (byLimit: Record<string, number[]>, swapped: boolean, spread: boolean) => {
    for (const [limit, ids] of Object.entries(byLimit)) {
      const settings = { ...DEFAULT_SETTINGS, textMode, spread, maxLength: Number(limit) };
      const actual = tokenizePair(pair, swapped, settings, gemma());
      const where = `row ${row.id}, ${textMode}, limit ${limit}, swapped ${swapped}, spread ${spread}`;
      expect(Array.from(actual.ids), where).toEqual(ids);
      if (!swapped && !spread) expect(actual.length, where).toBe(expected.length);
      compared++;
    }
  };
  expect(pairText(pair, false), `row ${row.id}, ${textMode}`).toBe(expected.text);
  compare(expected.ids, false, false);
  compare(expected.ids_swapped, true, false);
  compare(expected.ids_spread, false, true);
  return compared;
}

beforeAll(() => void gemma(), 60_000);

describe.each(['faithful', 'clean'] as const)(
  'ids as the original libraries give them, %s',
  (mode) => {
    test('our own copy of some rows', () => {
      const rows = readRows(fixture);
      expect(rows.length).toBe(8);
      const compared = rows.map((row) => check(row, mode));
      expect(Math.min(...compared)).toBeGreaterThanOrEqual(3);
    });

    test.skipIf(!existsSync(reference))('all reference rows', () => {
      const rows = readRows(reference);
      expect(rows.length).toBe(60);
      // Three limits, one swapped, two spread.
      for (const row of rows) expect(check(row, mode)).toBe(6);
    });
  },
);
