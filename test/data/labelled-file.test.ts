import { describe, expect, test } from 'vitest';
import { judgeKind, readLabelledFile } from '../../src/data/labelled/labelled-file.ts';
import { splitter } from '../../src/data/split.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { indexLabelled } from '../../src/scoring/score-labelled.ts';
import { MemorySource } from '../../src/storage/byte-source.ts';
import {
  fileOf,
  labelledRows,
  packed,
  pairsText,
  rowsOf,
  trainCsv,
} from '../../testing/labelled-rows.ts';

const rows = labelledRows(12);
const labels = rows.map(({ label }) => label);

/** Error codes of the unusable rows, by row. */
async function unreadOf(text: string, restriction = {}) {
  const file = await readLabelledFile(fileOf(text), restriction);
  return {
    kept: rowsOf(file).map(({ row }) => row),
    unread: file.unread.map(({ row, error }) => [row, error.code]),
    file,
  };
}

const refuses = (text: string, code: string) =>
  expect(readLabelledFile(fileOf(text))).rejects.toMatchObject({ code });

describe.each([
  ['train.csv', 'csv', trainCsv(rows)],
  ['pairs', 'pairs', pairsText(rows)],
] as const)('%s', (_, format, text) => {
  test.each([
    ['plain', fileOf(text)],
    ['gzipped', packed(text)],
    ['with a byte order mark', fileOf(`\ufeff${text}`)],
    ['without a line end at its end', fileOf(text.trimEnd())],
    ['with \\r\\n', fileOf(text.replaceAll('\n', '\r\n'))],
  ])('is read: %s', async (_, source) => {
    const file = await readLabelledFile(source);
    expect(file).toMatchObject({ format, total: 12, leftOut: 0, unread: [], repeatedIds: 0 });
    expect(rowsOf(file).map(({ label }) => label)).toEqual(labels);
    expect(rowsOf(file).map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    expect(rowsOf(file).map(({ row }) => row)).toEqual(rows.map((_, i) => i + 1));
  });

  test('its texts go to the run as they are', async () => {
    const file = await readLabelledFile(fileOf(text));
    const settings = { ...DEFAULT_SETTINGS, textMode: 'clean' as const };
    const { index, unread } = await indexLabelled(file, settings);
    expect(unread).toEqual([]);
    for (const [i, { prompt, responseA, responseB }] of rows.entries()) {
      expect(await index.pair(i)).toEqual({ prompt, responseA, responseB });
    }
  });

  test('without rows it is refused', async () => {
    const [header] = text.split('\n');
    if (format === 'csv') await refuses(`${header}\n`, 'csv/header-only');
    await refuses('', 'csv/empty');
    await refuses(' \n\n', 'csv/empty');
    const empty = readLabelledFile(packed(''));
    await expect(empty).rejects.toMatchObject({ code: 'csv/empty' });
  });
});

test('a damaged gzip file is refused', async () => {
  const whole = await packed(pairsText(rows)).read(0, 200);
  const cut = readLabelledFile(new MemorySource('cut.gz', whole));
  await expect(cut).rejects.toMatchObject({ code: 'labels/damaged-gzip' });
});

describe('train.csv', () => {
  const lines = trainCsv(rows).split('\n');
  const withLabels = (...marks: string[]) =>
    [lines[0], ...marks.map((mark, i) => lines[i + 1]!.replace(/\d,\d,\d$/, mark)), ''].join('\n');

  test('missing label columns are named', async () => {
    const header = lines[0]!;
    await expect(
      readLabelledFile(fileOf([header.replace(',winner_tie', ',ties'), lines[1]].join('\n'))),
    ).rejects.toMatchObject({
      code: 'labels/missing-column',
      message: 'The file has no labels: missing column winner_tie.',
    });
    await refuses('id,prompt,response_a,response_b\n1,[],[],[]\n', 'labels/missing-column');
    await refuses(
      [header.replace('model_a,', 'winner_tie,'), lines[1]].join('\n'),
      'labels/duplicate-column',
    );
  });

  test('labels that are not one-hot are counted and named', async () => {
    const marks = ['1,0,0', '1,1,0', '0,0,0', '0.2,0.5,0.3', ',,', '0,1,x', '0.0,0.0,1.0', '2,0,0'];
    const { kept, unread, file } = await unreadOf(withLabels(...marks));
    expect(kept).toEqual([1, 7]);
    expect(rowsOf(file).map(({ label }) => label)).toEqual([0, 2]);
    expect(unread).toEqual([2, 3, 4, 5, 6, 8].map((row) => [row, 'labels/not-one-hot']));
    expect(file.unread[0]!.error.message).toContain('are "1", "1", "0"');
    expect(file.unread[0]!.id).toBe(rows[1]!.id);
  });

  test('rows that cannot be read are counted and named, also where a cell is broken', async () => {
    const text = [
      lines[0],
      lines[1],
      'short',
      lines[2]!.replace('"[', '"[broken'),
      '',
      lines[3],
      '',
    ].join('\n');
    const { kept, unread, file } = await unreadOf(text);
    expect(kept).toEqual([1, 3, 4]);
    expect(unread).toEqual([[2, 'csv/too-few-fields']]);
    const { index, unread: cells } = await indexLabelled(
      // The first cell is no longer a list and would pass as plain text.
      await readLabelledFile(fileOf(text.replace('"[broken', '"[""a"" b'))),
      DEFAULT_SETTINGS,
    );
    expect(index.problemRows).toBe(1);
    expect(cells).toMatchObject([
      { row: 3, id: rows[1]!.id, error: { code: 'cell/broken-json', place: { row: 3 } } },
    ]);
    expect(file.total).toBe(4);
  });

  test('ids may recur; further columns say source, judge and group', async () => {
    const text = [
      `group,judge,source,${lines[0]}`,
      `g 1,human,some,${lines[1]}`,
      `,,,${lines[1]}`,
      '',
    ].join('\n');
    const file = await readLabelledFile(fileOf(text));
    expect(file.repeatedIds).toBe(1);
    expect(rowsOf(file)).toMatchObject([
      { row: 1, group: 'g 1', judge: 'human', source: 'some' },
      { row: 2, group: null, judge: null, source: null },
    ]);
  });

  test('UTF-16 is read too', async () => {
    const bytes = new Uint8Array(Buffer.from(`\ufeff${trainCsv(rows)}`, 'utf16le'));
    const file = await readLabelledFile(new MemorySource('utf16.csv', bytes));
    expect(rowsOf(file).map(({ label }) => label)).toEqual(labels);
    const { index } = await indexLabelled(file, DEFAULT_SETTINGS);
    expect(index.problemRows).toBe(0);
  });
});

describe('pairs', () => {
  test('a label that is none, and lines that are no pairs, are counted and named', async () => {
    const wrong: Record<number, Record<string, unknown>> = {
      1: { label: 'A' },
      2: { label: 'winner_model_a' },
      3: { label: undefined },
      4: { label: 0 },
      5: { prompt: 'no list' },
      6: { response_b: [1] },
      7: { votes: { a: -1 } },
      8: { votes: { a: 1, both: 2 } },
    };
    const text = `${pairsText(rows, (i) => wrong[i] ?? {})}{"id": 1\n[]\n\n`;
    const { kept, unread, file } = await unreadOf(text);
    expect(kept).toEqual([1, 10, 11, 12]);
    expect(unread).toEqual([
      [2, 'labels/unknown-label'],
      [3, 'labels/unknown-label'],
      ...[4, 5, 6, 7, 8, 9].map((row) => [row, 'labels/bad-pair']),
      [13, 'labels/bad-line'],
      [14, 'labels/bad-pair'],
    ]);
    expect(file.total).toBe(14);
    expect(file.unread[0]).toMatchObject({ id: rows[1]!.id, error: { place: { row: 2 } } });
    expect(file.unread[0]!.error.message).toBe('The label is "A", not one of "a", "b", "tie".');
    expect(file.unread[5]!.error.message).toContain('response_b.0');
    expect(file.unread[7]!.error.message).toContain('votes.both');
  });

  test('a line that is not UTF-8 is named, the others are read', async () => {
    const bytes = new TextEncoder().encode(pairsText(rows, (i) => ({ id: `é${i}` })));
    bytes[bytes.indexOf(0xc3)] = 0xff;
    const file = await readLabelledFile(new MemorySource('pairs', bytes));
    expect(file.unread).toMatchObject([{ row: 1, error: { code: 'labels/bad-line' } }]);
    expect(rowsOf(file)).toHaveLength(11);
  });

  test('equal and missing ids do no harm: rows are identified by their lines', async () => {
    const text = pairsText(rows, (i) => ({ id: i < 6 ? 'same' : undefined }));
    const file = await readLabelledFile(fileOf(text));
    expect(file.repeatedIds).toBe(1);
    expect(
      rowsOf(file)
        .map(({ id }) => id)
        .slice(5, 8),
    ).toEqual(['same', '7', '8']);
    const { index } = await indexLabelled(file, DEFAULT_SETTINGS);
    expect(index.ids).toEqual(rows.map((_, i) => String(i + 1)));
  });

  test('line separators of Unicode end no line', async () => {
    const file = await readLabelledFile(fileOf(pairsText(rows, () => ({ source: 'a\u2028b' }))));
    expect(rowsOf(file).map(({ source }) => source)).toEqual(rows.map(() => 'a\u2028b'));
  });

  test('votes are kept; without any they are null', async () => {
    const votes = [{ a: 2, b: 1 }, { a: 0, b: 0, tie: 0 }, null];
    const file = await readLabelledFile(fileOf(pairsText(rows, (i) => ({ votes: votes[i] }))));
    expect(
      rowsOf(file)
        .slice(0, 4)
        .map((row) => row.votes),
    ).toEqual([[2, 1, 0], null, null, null]);
  });

  test('judge and split choose rows; what has neither is named', async () => {
    const judges = ['human', 'gpt-4', 'gpt-4-0613', 'gpt-4 scores', 'gpt4', null];
    const text = pairsText(rows.slice(0, 6), (i) => ({ judge: judges[i] }));
    const human = await unreadOf(text, { judge: 'human' });
    expect(human.kept).toEqual([1]);
    expect(human.unread).toEqual([[6, 'labels/no-field']]);
    expect(human.file.leftOut).toBe(4);
    expect((await unreadOf(text, { judge: 'gpt4' })).kept).toEqual([2, 3, 4, 5]);

    const splitOf = await splitter();
    const many = labelledRows(120);
    const ungrouped = pairsText(many, (i) => (i === 0 ? { group: null } : {}));
    const parts = [];
    for (const split of ['train', 'dev', 'validation'] as const) {
      const { kept, unread } = await unreadOf(ungrouped, { split });
      expect(kept.map((row) => splitOf(many[row - 1]!.group))).toEqual(kept.map(() => split));
      expect(unread).toEqual([[1, 'labels/no-field']]);
      parts.push(kept.length);
    }
    expect(parts.reduce((a, b) => a + b)).toBe(119);
    expect(Math.min(...parts)).toBeGreaterThan(0);
  });

  test('judges are people, GPT-4 or something else', () => {
    expect(['human', 'gpt-4', 'gpt4', 'gpt-4o', 'gpt-3.5', 'Human'].map(judgeKind)).toEqual([
      'human',
      'gpt4',
      'gpt4',
      null,
      null,
      null,
    ]);
  });
});
