import { describe, expect, it } from 'vitest';
import { noteText } from '../../../src/data/csv/notes.ts';
import { CsvFile } from '../../../src/data/csv/reader.ts';
import { errorOf, fileOf, HEADER, readAll, textsOf } from '../../../testing/csv.ts';

const GOOD = '1,p,a,b\n';

/** Reads a file with one bad row between two good ones. @returns the rows and the problem of the bad one. */
async function problemOf(badRow: string | number[]) {
  const encode = (text: string) => [...new TextEncoder().encode(text)];
  const bad = typeof badRow === 'string' ? encode(badRow) : badRow;
  const { file, rows } = await readAll([...encode(`${HEADER}\n${GOOD}`), ...bad, ...encode(GOOD)]);
  expect(rows).toHaveLength(3);
  expect(rows[0]!.problem).toBeUndefined();
  expect(rows[2]!.problem).toBeUndefined();
  expect(textsOf(rows[2]!)).toEqual(['1', 'p', 'a', 'b']);
  expect(await file.rowAt(2, rows[1]!.start, rows[1]!.end)).toEqual(rows[1]);
  return rows[1]!.problem;
}

const BAD_START = HEADER.length + 1 + GOOD.length;

describe('rows', () => {
  it('gives texts, row numbers and byte ranges with the line end', async () => {
    const text = `${HEADER}\n1,"[""é""]","x\ny",b\n2,p,,b`;
    const { file, rows } = await readAll(text);
    expect(rows.map(textsOf)).toEqual([
      ['1', '["é"]', 'x\ny', 'b'],
      ['2', 'p', '', 'b'],
    ]);
    expect(rows.map(({ row, start, end }) => [row, start, end])).toEqual([
      [1, 32, 53],
      [2, 53, 59],
    ]);
    expect(file.source.size).toBe(59);
    expect(file.notes).toEqual([]);
  });

  it('keeps ids as text, in order, also when they repeat', async () => {
    const ids = ['4294947231', '007', '9007199254740993', 'x-1', '4294947231', ' 5 '];
    const { rows } = await readAll(`${HEADER}\n${ids.map((id) => `${id},p,a,b\n`).join('')}`);
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  it.each(['\n', '\r\n', '\r'] as const)('reads line ends %j', async (newline) => {
    const lines = [
      'p,id,prompt,response_a,response_b',
      'x,1,"a\r\n",b,c',
      'x,2,a,b,"c\r"',
      'x,3,,,',
    ];
    for (const text of [lines.join(newline), lines.join(newline) + newline]) {
      const { file, rows } = await readAll(text);
      expect(file.layout.newline).toBe(newline);
      expect(rows.map(textsOf)).toEqual([
        ['1', 'a\r\n', 'b', 'c'],
        ['2', 'a', 'b', 'c\r'],
        ['3', '', '', ''],
      ]);
      expect(rows.every(({ problem }) => problem === undefined)).toBe(true);
    }
  });

  it('reads a file that has both LF and CRLF', async () => {
    const { rows } = await readAll(`${HEADER}\r\n1,p,a,b\n2,p,a,"b"\r\n3,p,a,"b"\n4,p,a,b\r\n`);
    expect(rows.map(textsOf)).toEqual(['1', '2', '3', '4'].map((id) => [id, 'p', 'a', 'b']));
  });

  it('skips blank lines and says so unless they end the file', async () => {
    const blank = await readAll(`\n${HEADER}\n${GOOD}\n  \n${GOOD}\n${GOOD}`);
    expect(blank.rows.map(({ row }) => row)).toEqual([1, 2, 3]);
    expect(blank.file.notes.map(noteText)).toEqual([
      'Blank lines between rows are skipped, the first before row 2.',
    ]);
    const last = await readAll(`${HEADER}\n${GOOD}\n\n`);
    expect(last.rows).toHaveLength(1);
    expect(last.file.notes).toEqual([]);
  });

  it('reads a cell of a megabyte', async () => {
    const cell = `é""${'x'.repeat(1 << 20)}\n😀`;
    const { rows } = await readAll(`${HEADER}\n1,"${cell}",a,b\n${GOOD}`, { chunkBytes: 100_000 });
    expect(rows[0]!.prompt).toBe(cell.replace('""', '"'));
    expect(rows).toHaveLength(2);
  });

  it('gives the same rows again when read twice', async () => {
    const file = await CsvFile.open(fileOf(`${HEADER}\n${GOOD}\n${GOOD}`));
    for (let time = 0; time < 2; time++) {
      const batch = (await file.rows().next()).value;
      expect(batch).toMatchObject({ rows: [{ row: 1 }, { row: 2 }], bytesRead: file.source.size });
    }
    expect(file.notes).toHaveLength(1);
  });

  it('refuses to read a row where there is none', async () => {
    const file = await CsvFile.open(fileOf(`${HEADER}\n${GOOD}`));
    expect((await errorOf(file.rowAt(1, 5, 5))).code).toBe('storage/range');
    expect((await errorOf(file.rowAt(1, 5, 500))).code).toBe('storage/range');
  });
});

// Some files here are large: a busy machine may need more than the usual 5 s.
describe('rows that cannot be used', { timeout: 30_000 }, () => {
  it('ends early', async () => {
    expect(await problemOf('7,"p, q"\n')).toMatchObject({
      code: 'csv/too-few-fields',
      message: 'The row ends early: 2 fields where the header has 4.',
      place: { file: 'test.csv', row: 2, column: 'response_a', byte: BAD_START },
    });
    const cut = await readAll(`${HEADER}\n${GOOD}2,p`);
    expect(cut.rows[1]).toMatchObject({ id: '2', prompt: 'p', responseA: '', responseB: '' });
    expect(cut.rows[1]!.problem?.code).toBe('csv/too-few-fields');
  });

  it.each(['""\n', '"', 'x'])('does not take %j for a blank line', async (line) => {
    const { rows } = await readAll(`${HEADER}\n${GOOD}${line}`);
    expect(rows).toHaveLength(2);
    expect(rows[1]!.problem).toBeDefined();
  });

  it('has too many fields', async () => {
    expect(await problemOf('7,p,a,b,c\n')).toMatchObject({
      code: 'csv/too-many-fields',
      message: 'The row is too long: 5 fields where the header has 4.',
      place: { row: 2, byte: BAD_START },
    });
  });

  it('has a NUL byte', async () => {
    expect(await problemOf('7,"p ""\0""",a,b\n')).toMatchObject({
      code: 'csv/nul-byte',
      message: 'The cell has a NUL byte.',
      place: { row: 2, column: 'prompt', byte: BAD_START + 7 },
    });
  });

  it.each([
    ['a stray byte', [0x22, 0x22, 0xc3, 0xa9, 0xff], 4],
    ['Latin-1', [0x61, 0xe9, 0x61], 1],
    ['a cut sequence', [0x61, 0xf0, 0x9f, 0x98], 1],
    ['an encoded surrogate', [0xc3, 0xa9, 0xed, 0xa0, 0xbd], 2],
  ])('is not UTF-8: %s', async (_name, bytes, offset) => {
    const start = [...'7,"p","'].map((character) => character.charCodeAt(0));
    const end = [...'",b\n'].map((character) => character.charCodeAt(0));
    expect(await problemOf([...start, ...bytes, ...end])).toMatchObject({
      code: 'csv/invalid-utf8',
      message: 'The cell is not valid UTF-8.',
      action: 'Save the file as UTF-8.',
      place: { row: 2, column: 'response_a', byte: BAD_START + 7 + offset },
    });
  });

  it('is not UTF-8 at the very end of the file', async () => {
    const text = [...`${HEADER}\n1,p,a,b`].map((character) => character.charCodeAt(0));
    const { rows } = await readAll([...text, 0xe6, 0x97]);
    expect(rows[0]!.responseB).toBe('b\ufffd');
    expect(rows[0]!.problem?.place).toMatchObject({ column: 'response_b', byte: text.length });
  });

  it('has malformed quotes', async () => {
    expect(await problemOf('7,p,"he said "hi" there",b\n')).toMatchObject({
      code: 'csv/malformed-quotes',
      message: expect.stringContaining('continues after its closing quote'),
      place: { row: 2, column: 'response_a', byte: BAD_START + 4 },
    });
  });

  it('is cut off inside quotes, and good rows before it are given', async () => {
    const { file, rows } = await readAll(`${HEADER}\n${GOOD}${GOOD}3,p,"[""a\nx,y`, {
      chunkBytes: 20,
    });
    expect(rows.map(({ problem }) => problem?.code)).toEqual([
      undefined,
      undefined,
      'csv/unclosed-quote',
    ]);
    expect(rows[2]).toMatchObject({ id: '3', prompt: 'p' });
    expect(rows[2]!.problem).toMatchObject({
      message: 'The file ends inside a quoted field: its closing quote is missing.',
      place: { row: 3, column: 'response_a', byte: BAD_START + GOOD.length + 4 },
    });
    expect(await file.rowAt(3, rows[2]!.start, rows[2]!.end)).toEqual(rows[2]);
  });

  it.each([
    ['a quote that never closes', 34, 4, 'lorem ipsum\n'],
    ['very many faulty quotes', 5, 2.5, '"a'],
  ])('stops at %s', async (_name, megabytes, chunk, filler) => {
    const long = filler.repeat(Math.ceil((megabytes << 20) / filler.length));
    const file = await CsvFile.open(fileOf(`${HEADER}\n${GOOD}2,"${long}`));
    const rows = file.rows({ chunkBytes: chunk * 2 ** 20 });
    expect((await rows.next()).value?.rows).toHaveLength(1);
    expect(await errorOf(rows.next())).toMatchObject({
      code: 'csv/row-too-long',
      message: `Row 2, which starts at byte ${BAD_START}, is too long: a closing quote may be missing.`,
      place: { row: 2, byte: BAD_START },
    });
  });

  it('stops at a complete row that is too long', async () => {
    const file = await CsvFile.open(fileOf(`${HEADER}\n${GOOD}1,${'x'.repeat(33 << 20)},a,b\n`));
    const rows = file.rows({ chunkBytes: 64 << 20 });
    expect((await rows.next()).value?.rows).toHaveLength(1);
    const error = await errorOf(rows.next());
    expect(error).toMatchObject({ code: 'csv/row-too-long', place: { row: 2 } });
  });
});
