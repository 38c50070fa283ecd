import { describe, expect, it } from 'vitest';
import { noteText } from '../../../src/data/csv/notes.ts';
import { CsvFile } from '../../../src/data/csv/reader.ts';
import { MemorySource } from '../../../src/storage/byte-source.ts';
import { errorOf, fileOf, HEADER, readAll, textsOf, utf16 } from '../../../testing/csv.ts';
import { errorOf as madeUp } from '../../../testing/errors.ts';

const ROW = '1,"[""p""]","[""a""]","[""b""]"';
const open = (content: string | number[]) => errorOf(CsvFile.open(fileOf(content)));
const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));

describe('files without rows', () => {
  it.each(['', '\n', ' \r\n\r\n', '\ufeff', '\ufeff\n'])(
    'refuses the empty file %j',
    async (text) => {
      expect(await open(text)).toMatchObject({
        code: 'csv/empty',
        message: 'The file is empty.',
        place: { file: 'test.csv' },
      });
    },
  );

  it.each([HEADER, `${HEADER}\n`, `${HEADER}\r\n\r\n`])(
    'refuses only a header: %j',
    async (text) => {
      const file = await CsvFile.open(fileOf(text));
      expect(await errorOf(file.rows().next())).toMatchObject({
        code: 'csv/header-only',
        message: 'The file has a header but no rows.',
      });
    },
  );
});

describe('files that are not CSV', () => {
  it.each([
    ['a PNG image', ascii('\x89PNG\r\n\x1a\n\0\0\0\rIHDR')],
    ['a zip archive or an Excel workbook', ascii('PK\x03\x04\x14\0\x06\0\x08\0')],
    ['a gzip archive', ascii('\x1f\x8b\x08\0\0\0\0\0')],
    ['a PDF document', ascii('%PDF-1.7\n')],
    ['binary: 12 control characters', [0, 1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16]],
    ['HTML or XML', ascii('<!doctype html>\n<p>a,b')],
    ['JSON', ascii('[{"id":1,"prompt":"x"}]')],
    ['no comma', ascii('hello\nworld')],
    ['JSON', ascii(`[{"prompt":"${'x'.repeat(70_000)}"}]`)],
    ['longer than 4194304 bytes', ascii(`id,${'x'.repeat(4_200_000)}\n`)],
  ])('refuses a file: %s', async (message, bytes) => {
    const error = await open(bytes);
    expect(error.code).toBe('csv/not-csv');
    expect(error.message).toContain(message);
    expect(error.action).toBeTruthy();
  });

  it('names the separator when it is not the comma', async () => {
    for (const [separator, name] of [
      ['\t', 'tabs'],
      [';', 'semicolons'],
    ] as const) {
      const error = await open(`${HEADER.replaceAll(',', separator)}\n`);
      expect(error.code).toBe('csv/not-csv');
      expect(error.action).toContain(`separated by ${name}`);
    }
    const mixed = await open('id\tprompt\tresponse_a\tresponse_b, the second\n');
    expect(mixed).toMatchObject({
      code: 'csv/missing-column',
      action: expect.stringContaining('separated by tabs'),
    });
  });
});

describe('columns', () => {
  it('names missing columns and those found', async () => {
    expect(await open('id,prompt,answer\n1,2,3\n')).toMatchObject({
      code: 'csv/missing-column',
      message: 'Missing columns: response_a, response_b. Found: "id", "prompt", "answer".',
      place: { file: 'test.csv', column: 'response_a' },
    });
    expect((await open(`1,"[""${'x'.repeat(99)}""]","c",d\n`)).message).toContain('xxx…');
  });

  it('refuses a needed column that occurs twice', async () => {
    expect(await open(`${HEADER},prompt\n`)).toMatchObject({
      code: 'csv/duplicate-column',
      message: 'The header repeats column names: prompt.',
      place: { column: 'prompt' },
    });
  });

  it('reads known names in any case, and numbers rows without an id', async () => {
    const header = 'Prompt,RESPONSE_A,Response_B,Winner_Model_A';
    const { file, rows } = await readAll(`${header}\np,a,b,1\n\nq,c,d,0\n`);
    expect(file.names).toEqual(['prompt', 'response_a', 'response_b', 'winner_model_a']);
    expect(file.notes.map(noteText)).toContain(
      'There is no id column, so rows are numbered from 1.',
    );
    expect(rows.map(textsOf)).toEqual([
      ['1', 'p', 'a', 'b'],
      ['2', 'q', 'c', 'd'],
    ]);
    const last = rows[1]!;
    expect(await file.rowAt(2, last.start, last.end)).toEqual(last);
    // A column with the exact name takes precedence.
    const both = await readAll('ID,id,prompt,response_a,response_b\nx,7,p,a,b\n');
    expect(both.rows.map(textsOf)).toEqual([['7', 'p', 'a', 'b']]);
    expect(both.file.notes.map(noteText)).toEqual(['Unused columns: "ID".']);
    expect(await open('Prompt,PROMPT,response_a,response_b\n1,2,3,4\n')).toMatchObject({
      code: 'csv/duplicate-column',
    });
  });

  it('counts unused columns beyond the first, however long the header is', async () => {
    const names = Array.from({ length: 50_000 }, (_, i) => `column_${i}`);
    const cells = names.map(() => '0');
    const { file, rows } = await readAll(`${HEADER},${names.join()}\n1,p,a,b,${cells.join()}\n`);
    expect(rows.map(textsOf)).toEqual([['1', 'p', 'a', 'b']]);
    const [note] = file.notes.map(noteText);
    expect(note).toMatch(/^Unused columns: 50,000, the first are "column_0", .*"column_9"\.$/);
  });

  it('accepts any order, blanks around names and more columns', async () => {
    const text = `response_b,remark,remark,"id" , prompt ,response_a\nb,x,\xff,7,p,a\n`;
    const { file, rows } = await readAll(ascii(text));
    expect(file.layout).toEqual({
      columns: { id: 3, prompt: 4, response_a: 5, response_b: 0 },
      columnCount: 6,
      newline: '\n',
    });
    expect(file.notes.map(noteText)).toEqual(['Unused columns: "remark", "remark".']);
    expect(rows.map(textsOf)).toEqual([['7', 'p', 'a', 'b']]);
    expect(rows[0]!.problem).toBeUndefined();
  });
});

describe('encodings', () => {
  const text = `${HEADER}\n1,"[""é 日本 😀""]",a,b\n`;
  const expected = ['1', '["é 日本 😀"]', 'a', 'b'];

  it('skips a byte order mark', async () => {
    const { file, rows } = await readAll(`\ufeff${text}`);
    expect(rows.map(textsOf)).toEqual([expected]);
    expect(rows[0]!.start).toBe(3 + HEADER.length + 1);
    expect(file.notes.map(noteText)).toEqual([
      'The file starts with a byte order mark; it is skipped.',
    ]);
  });

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('reads UTF-16 (little endian %s, mark %s)', async (littleEndian, mark) => {
    const { file, rows } = await readAll(utf16(text, littleEndian, mark));
    expect(rows.map(textsOf)).toEqual([expected]);
    expect(file.notes.map(noteText)).toEqual([
      'The file is UTF-16; it was converted to UTF-8 in memory.',
    ]);
    const { row, start, end } = rows[0]!;
    expect(await file.rowAt(row, start, end)).toEqual(rows[0]);
  });

  it('refuses UTF-16 that is too large for memory', async () => {
    const start = new MemorySource('big.csv', Uint8Array.from(utf16(HEADER, true, true)));
    const big = { name: 'big.csv', size: 300e6, read: start.read.bind(start) };
    expect(await errorOf(CsvFile.open(big))).toMatchObject({
      code: 'csv/utf16-too-large',
      action: 'Save the file as UTF-8.',
      place: { file: 'big.csv' },
    });
  });
});

describe('a source that changes', () => {
  it('passes the error on after the rows before it', async () => {
    const bytes = fileOf(`${HEADER}\n${`${ROW}\n`.repeat(1000)}`);
    const changed = madeUp('storage/changed', 'changed');
    const file = await CsvFile.open({
      name: bytes.name,
      size: bytes.size,
      async read(start, end) {
        if (start > 9000) throw changed;
        return bytes.read(start, end);
      },
    });
    let count = 0;
    const reading = (async () => {
      for await (const { rows } of file.rows({ chunkBytes: 3000 })) count += rows.length;
    })();
    expect(await errorOf(reading)).toBe(changed);
    expect(count).toBeGreaterThan(250);
  });

  it('stops when cancelled', async () => {
    const file = await CsvFile.open(fileOf(`${HEADER}\n${ROW}\n${ROW}\n`));
    const controller = new AbortController();
    const rows = file.rows({ signal: controller.signal, chunkBytes: ROW.length + 1 });
    expect((await rows.next()).value?.rows).toHaveLength(1);
    controller.abort();
    expect((await errorOf(rows.next())).code).toBe('run/cancelled');
  });
});
