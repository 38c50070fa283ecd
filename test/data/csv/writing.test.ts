import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCell } from '../../../src/data/cells.ts';
import { formatProbability } from '../../../src/data/csv/field.ts';
import { toKaggleCsv } from '../../../src/data/csv/kaggle.ts';
import { submissionCsv } from '../../../src/data/csv/submission.ts';
import { readAll, textsOf } from '../../../testing/csv.ts';

describe('formatProbability', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [0.5, '0.5'],
    [1 / 3, '0.333333333'],
    [0.1 + 0.2, '0.3'],
    [0.000001234567891234, '0.00000123456789'],
    [1e-7, '1e-7'],
    [0.9999999999, '1'],
  ])('writes %d as %s', (p, text) => {
    expect(formatProbability(p)).toBe(text);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -0.001, 1.0001])('refuses %d', (p) => {
    expect(() => formatProbability(p)).toThrow(`${p} is not a probability.`);
  });

  it('keeps the sum of three', () => {
    const weight = fc.double({ min: 1e-6, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(weight, weight, weight), (weights) => {
        const total = weights[0] + weights[1] + weights[2];
        const texts = weights.map((w) => formatProbability(w / total));
        const sum = texts.reduce((s, text) => s + Number(text), 0);
        expect(Math.abs(sum - 1)).toBeLessThan(1e-8);
      }),
    );
  });
});

describe('submissionCsv', () => {
  it('writes the header, ids unchanged and LF', () => {
    const probabilities = Float32Array.of(0.25, 0.5, 0.25);
    const ids = ['4294947231', 'a,b', 'say "x"', 'two\nlines', '', 'x-1'];
    const csv = submissionCsv(ids.map((id) => ({ id, probabilities }))).join('');
    expect(csv).toBe(
      'id,winner_model_a,winner_model_b,winner_tie\n' +
        ['4294947231', '"a,b"', '"say ""x"""', '"two\nlines"', '', 'x-1']
          .map((id) => `${id},0.25,0.5,0.25\n`)
          .join(''),
    );
  });

  it('gives pieces of about 256 Ki', () => {
    const row = { id: '1', probabilities: [1 / 3, 1 / 3, 1 / 3] };
    const pieces = submissionCsv(Array(20_000).fill(row));
    expect(pieces).toHaveLength(3);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(263_000);
    expect(pieces.join('').split('\n')).toHaveLength(20_002);
  });

  it('names the row of a bad number', () => {
    const good = { id: '1', probabilities: [0.2, 0.3, 0.5] };
    const bad = (probabilities: number[]) => () =>
      submissionCsv([good, { id: '9', probabilities }]);
    expect(bad([Number.NaN, 0, 1])).toThrow(
      expect.objectContaining({ code: 'csv/bad-probability', place: { row: 2 } }),
    );
    expect(bad([0.5, 0.5])).toThrow('Row 2 (id 9) has 2 probabilities instead of 3.');
  });
});

describe('toKaggleCsv', () => {
  it('writes cells as the competition does', () => {
    const pair = {
      id: '1',
      prompt: ['a/b "é" 😀', ''],
      responseA: [],
      responseB: ['\\ \u2028\n\x07\ud83d'],
    };
    expect(toKaggleCsv([pair])).toBe(
      'id,prompt,response_a,response_b\n' +
        '1,"[""a\\/b \\""\\u00e9\\"" \\ud83d\\ude00"",""""]","[]",' +
        '"[""\\\\ \\u2028\\n\\u0007\\ud83d""]"\n',
    );
  });

  it('is read back as it was', async () => {
    const turns = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 });
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), turns, turns, turns), {
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(pairs, async (list) => {
        const csv = toKaggleCsv(
          list.map(([id, prompt, responseA, responseB]) => ({ id, prompt, responseA, responseB })),
        );
        const { rows } = await readAll(csv, { chunkBytes: 64 });
        const back = rows.map((row) => {
          const [id, ...cells] = textsOf(row);
          return [id, ...cells.map((text) => parseCell(text, 'clean').turns)];
        });
        expect(back).toEqual(list);
      }),
      { numRuns: 200 },
    );
  });

  const kaggle = new URL('../../../../shared/data/kaggle/test.csv', import.meta.url);
  it.skipIf(!existsSync(kaggle))('gives the public test.csv byte for byte', async () => {
    const csv = readFileSync(kaggle, 'utf8');
    const { file, rows } = await readAll(csv);
    expect(file.notes).toEqual([]);
    expect(rows.map(({ id }) => id)).toEqual(['136060', '211333', '1233961']);
    const pairs = rows.map((row) => {
      const turnsOf = (cell: string) => parseCell(cell, 'clean').turns;
      return {
        id: row.id,
        prompt: turnsOf(row.prompt),
        responseA: turnsOf(row.responseA),
        responseB: turnsOf(row.responseB),
      };
    });
    expect(toKaggleCsv(pairs)).toBe(csv);
  });
});
