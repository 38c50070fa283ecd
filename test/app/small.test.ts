import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { count, roughly } from '../../src/app/i18n/format.ts';
import {
  readSettings,
  readWishes,
  writeSettings,
  writeWishes,
} from '../../src/app/page/settings-storage.ts';
import { AUTOMATIC } from '../../src/app/page/state.ts';
import { parseCell } from '../../src/data/cells.ts';
import { MODEL_COLUMNS } from '../../src/data/csv/column-names.ts';
import { CsvFile } from '../../src/data/csv/reader.ts';
import { CLASS_COLUMNS } from '../../src/domain/classes.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { RowIndex } from '../../src/scoring/rows/row-index.ts';
import { BlobSource } from '../../src/storage/byte-source.ts';
import { DEMO } from '../../src/texts/demo-facts.ts';

describe('settings', () => {
  const memory = (text: string | null) => ({ getItem: () => text, setItem: () => {} });

  test('come back as they were kept', () => {
    let kept: string | null = null;
    const keep = (_: string, text: string) => {
      kept = text;
    };
    const settings = { ...DEFAULT_SETTINGS, maxLength: 512, tta: true };
    writeSettings({ getItem: () => kept, setItem: keep }, settings);
    expect(readSettings(memory(kept))).toEqual(settings);
  });

  test.each([
    null,
    '',
    '{',
    '[]',
    '{"maxLength":1}',
    JSON.stringify({ ...DEFAULT_SETTINGS, maxLength: 9000 }),
  ])('of no use are the defaults: %s', (text) =>
    expect(readSettings(memory(text))).toEqual(DEFAULT_SETTINGS),
  );

  test('options for models are restored too, and invalid ones become automatic', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
    };
    expect(readWishes(storage)).toEqual(AUTOMATIC);
    const wishes = { ...AUTOMATIC, precision: 'int8', budgets: { 'NVIDIA H100': 3e9 } } as const;
    writeSettings(storage, DEFAULT_SETTINGS);
    writeWishes(storage, wishes);
    expect(readWishes(storage)).toEqual(wishes);
    expect(readSettings(storage)).toEqual(DEFAULT_SETTINGS);
    for (const budgets of ['3e9', { a: -1 }, { a: '3' }]) {
      const text = JSON.stringify({ ...wishes, budgets });
      expect(readWishes(memory(text))).toEqual(AUTOMATIC);
    }
  });

  test('a storage that throws does no harm', () => {
    const refuse = () => {
      throw new Error('no');
    };
    const storage = { getItem: refuse, setItem: refuse };
    expect(readSettings(storage)).toEqual(DEFAULT_SETTINGS);
    expect(readWishes(storage)).toEqual(AUTOMATIC);
    expect(() => writeSettings(storage, DEFAULT_SETTINGS)).not.toThrow();
  });
});

test('times to come are rough', () => {
  expect([3, 14, 70, 150, 3599, 3600, 7500, 7199].map(roughly)).toEqual([
    'a few seconds',
    'about 20 seconds',
    'about a minute',
    'about 3 minutes',
    'about 1 hour',
    'about 1 hour',
    'about 2 hours 10 minutes',
    'about 2 hours',
  ]);
});

test('the example can be read without a note', async () => {
  const bytes = readFileSync(new URL('../../public/example.csv', import.meta.url));
  const csv = await CsvFile.open(new BlobSource('example.csv', new Blob([bytes])));
  const ids = new Set<string>();
  for await (const { rows } of csv.rows()) {
    for (const row of rows) {
      expect(row.problem).toBeUndefined();
      ids.add(row.id);
      for (const mode of ['faithful', 'clean'] as const) {
        const turns = [row.prompt, row.responseA, row.responseB].map(
          (cell) => parseCell(cell, mode).turns.length,
        );
        expect(new Set(turns).size).toBe(1);
      }
    }
  }
  expect(ids.size).toBe(48);
  expect(csv.notes).toEqual([]);
  // The report shows most for rows with labels and models, a third for each winner.
  const { hasLabels, rows, duplicateRows } = (await RowIndex.read(csv, DEFAULT_SETTINGS)).summary();
  expect({ hasLabels, rows, duplicateRows }).toEqual({
    hasLabels: true,
    rows: 48,
    duplicateRows: 1,
  });
  const models = new Map<string, number>();
  const winners = [0, 0, 0];
  for await (const batch of csv.rows({ extra: [...CLASS_COLUMNS, ...MODEL_COLUMNS] })) {
    for (const { extra = [] } of batch.rows) {
      winners[extra.slice(0, 3).indexOf('1')]! += 1;
      for (const model of extra.slice(3)) models.set(model, (models.get(model) ?? 0) + 1);
    }
  }
  expect(winners).toEqual([16, 16, 16]);
  expect([...models.keys()].sort()).toEqual(['ledger', 'magpie', 'quill', 'sentinel']);
});

test('the facts of the demo model are those of its model card', () => {
  const card = readFileSync(new URL('../../training/MODEL_CARD.md', import.meta.url), 'utf8');
  const { logLoss, logLossInterval, bothOrders, bothOrdersInterval } = DEMO;
  const { frequencies, surface, judgedRows, pairs } = DEMO;
  for (const [value, interval] of [
    [logLoss, logLossInterval],
    [bothOrders, bothOrdersInterval],
  ] as const) {
    expect(card).toContain(`${value} [${interval.join(', ')}]`);
  }
  for (const figure of [frequencies, surface, count(judgedRows), count(pairs)]) {
    expect(card).toContain(figure);
  }
});
