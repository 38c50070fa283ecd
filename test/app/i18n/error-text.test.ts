import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseCell } from '../../../src/data/cells.ts';
import { CsvFile } from '../../../src/data/csv/reader.ts';
import { tryParsePair } from '../../../src/data/pair.ts';
import { asTiebreakError, type PlainError, TiebreakError } from '../../../src/domain/errors.ts';
import { planBatches } from '../../../src/engine/planning/batches.ts';
import { MemorySource } from '../../../src/storage/byte-source.ts';
import { errors as english } from '../../../src/texts/en/errors/index.ts';
import type { ErrorText } from '../../../src/texts/errors.ts';

const src = new URL('../../../src/', import.meta.url).pathname;

/** Every id of an error in the source, outside the texts. */
function thrownIds(): Set<string> {
  const found = new Set<string>();
  for (const path of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(path) || path.startsWith('texts/')) continue;
    const text = readFileSync(join(src, path), 'utf8');
    for (const [, id] of text.matchAll(/'([a-z]+\/[a-z0-9-]+(?::[a-z0-9-]+)?)'/g)) found.add(id!);
  }
  return found;
}

async function pageIn(language: string) {
  vi.resetModules();
  vi.stubGlobal('location', { search: '' });
  vi.stubGlobal('navigator', { languages: [language] });
  const [{ errorText, errorLine }, { errors: errorsJa }] = await Promise.all([
    import('../../../src/app/i18n/error-text.ts'),
    import('../../../src/texts/ja/errors/index.ts'),
  ]);
  return { errorText, errorLine, errorsJa };
}

afterEach(() => vi.unstubAllGlobals());

async function failureOf(work: () => unknown): Promise<PlainError> {
  try {
    await work();
  } catch (thrown) {
    return TiebreakError.fromPlain(asTiebreakError(thrown).toPlain()).toPlain();
  }
  throw new Error('nothing failed');
}

const openCsv = (text: string) =>
  CsvFile.open(new MemorySource('test.csv', new TextEncoder().encode(text)));

/** The error of the first row. */
async function rowProblem(cells: string): Promise<PlainError> {
  const csv = await openCsv(`id,prompt,response_a,response_b\n${cells}\n`);
  for await (const { rows } of csv.rows()) {
    const parsed = tryParsePair(rows[0]!, 'clean');
    if ('error' in parsed) return parsed.error.toPlain();
  }
  throw new Error('nothing is wrong');
}

const { errorText, errorLine, errorsJa } = await pageIn('ja');

describe('in Japanese', () => {
  test('every error has a text, and no text is for nothing', () => {
    const thrown = thrownIds();
    expect(Object.keys(english).length).toBeGreaterThan(150);
    expect(Object.keys(english).filter((id) => !thrown.has(id))).toEqual([]);
    expect(Object.keys(errorsJa).sort()).toEqual(Object.keys(english).sort());
  });

  test.each(Object.entries<ErrorText>(errorsJa))('%s', (_, { message, action }) => {
    for (const text of [message, action]) {
      if (typeof text !== 'string') continue;
      expect(text).toMatch(/[\p{Script=Hiragana}\p{Script=Katakana}]/u);
      expect(text).toMatch(/。$/);
    }
  });

  const rest = '"[""a""]","[""b""]"';
  test.each([
    [
      'csv/missing-column',
      () => failureOf(() => openCsv('id,prompt\n1,2\n')),
      ['response_a, response_b', '"id"'],
    ],
    [
      'csv/duplicate-column',
      () => failureOf(() => openCsv('id,prompt,prompt,response_a,response_b\n')),
      ['prompt'],
    ],
    ['csv/too-few-fields', () => rowProblem('1,2'), ['4 列', '2 列']],
    ['csv/too-many-fields', () => rowProblem('1,2,3,4,5'), ['4 列', '5 列']],
    ['cell/broken-json', () => rowProblem(`1,"[""p"" x]",${rest}`), ['5 文字目']],
    ['cell/broken-json', () => rowProblem(`1,"[""p"", 7]",${rest}`), ['2 番目', '6 文字目']],
    ['cell/broken-json', () => failureOf(() => parseCell('["p', 'clean')), ['文字目']],
    [
      'plan/too-long',
      () =>
        failureOf(() =>
          planBatches([900], {
            maxTokens: 900,
            padMultiple: 1,
            maxScoreBytes: 1000,
            scoreBytes: (length) => 10 * length,
          }),
        ),
      ['100 以下'],
    ],
  ] as const)('%s tells what it is about', async (code, fail, parts) => {
    const error = await fail();
    expect(error.code).toBe(code);
    const { message, original } = errorText(error);
    const line = errorLine(error);
    for (const part of parts) expect(line).toContain(part);
    expect(line).not.toMatch(/undefined|NaN/);
    expect(message).not.toBe(error.message);
    expect(original).toContain(error.message);
  });

  test('one without a Japanese text, or without what that needs, stays English', () => {
    for (const code of ['page/of-its-own', 'csv/missing-column']) {
      const error = { code, message: 'So it is.', action: 'Do that.' };
      expect(errorText(error)).toEqual({
        message: 'So it is.',
        action: 'Do that.',
        original: null,
      });
    }
  });
});

test('in English errors keep their own messages', async () => {
  const { errorText } = await pageIn('en');
  const error = { code: 'csv/empty', message: 'The file is empty.', action: 'Choose another.' };
  expect(errorText(error)).toEqual({
    message: 'The file is empty.',
    action: 'Choose another.',
    original: null,
  });
});
