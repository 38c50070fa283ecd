import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBytes, toByteText } from '../../../src/data/csv/byte-text.ts';
import { CsvFile } from '../../../src/data/csv/reader.ts';
import type { CsvRow } from '../../../src/data/csv/row.ts';
import { fileOf, HEADER, readAll, textsOf } from '../../../testing/csv.ts';

/** A reader after RFC 4180, one character at a time. */
function parseSimply(text: string, newline: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (character === '"') {
      quoted = true;
    } else if (character === ',') {
      row.push(field);
      field = '';
    } else if (text.startsWith(newline, at)) {
      rows.push([...row, field]);
      row = [];
      field = '';
      at += newline.length - 1;
    } else {
      field += character;
    }
  }
  if (row.length > 0) rows.push([...row, field]);
  return rows;
}

const piece = fc.constantFrom(
  '"',
  ',',
  '\n',
  '\r\n',
  '\r',
  ' ',
  'a',
  'é',
  '日',
  '😀',
  '\x80',
  '[""]',
);
const cell = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const plain = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '😀'), maxLength: 4 });
const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
const field = fc.oneof(cell.map(quote), plain);
const record = fc.tuple(field, field, field, field).map((fields) => fields.join(','));
const newline = fc.constantFrom('\n' as const, '\r\n' as const, '\r' as const);

describe('chunks of any size', () => {
  it('give the rows of a simple parser, and each row again by its offsets', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 6 }),
        newline,
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        async (records, end, endsInNewline, chunkBytes) => {
          const body = records.join(end) + (endsInNewline ? end : '');
          const source = fileOf(HEADER + end + body);
          const { file, rows } = await readAll(source, { chunkBytes });
          expect(rows.map(textsOf)).toEqual(parseSimply(body, end));
          let offset = HEADER.length + end.length;
          for (const row of rows) {
            expect(row.problem).toBeUndefined();
            expect(row.start).toBe(offset);
            offset = row.end;
            expect(await file.rowAt(row.row, row.start, row.end)).toEqual(row);
          }
          expect(offset).toBe(source.size);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('give the same rows and problems at every boundary, also of broken files', async () => {
    const anything = fc.string({
      unit: fc.constantFrom('"', ',', '\n', '\r\n', 'a', 'é', ' ', '\0', '","', '\n1,p,a,b\n'),
      maxLength: 25,
    });
    const plainRow = (row: CsvRow) => ({ ...row, problem: row.problem?.toPlain() });
    await fc.assert(
      fc.asyncProperty(anything, async (body) => {
        const source = fileOf(`${HEADER}\n1,p,a,b\n${body}`);
        const whole = (await readAll(source)).rows.map(plainRow);
        for (let chunkBytes = 1; chunkBytes < source.size - HEADER.length; chunkBytes += 3) {
          const { file, rows } = await readAll(source, { chunkBytes });
          expect(rows.map(plainRow)).toEqual(whole);
          for (const { row, start, end } of rows) {
            expect(plainRow(await file.rowAt(row, start, end))).toEqual(whole[row - 1]);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('read no more than they need', async () => {
    const text = `${HEADER}\n${'1,p,a,b\n'.repeat(100)}`;
    const source = fileOf(text);
    const read: number[] = [];
    const file = await CsvFile.open({
      ...{ name: source.name, size: source.size },
      read(start, end) {
        read.push(end - start);
        return source.read(start, end);
      },
    });
    read.length = 0;
    let bytesRead = 0;
    for await (const batch of file.rows({ chunkBytes: 80 })) {
      expect(batch.bytesRead).toBeGreaterThan(bytesRead);
      bytesRead = batch.bytesRead;
      expect(batch.rows).toHaveLength(10);
    }
    expect(bytesRead).toBe(source.size);
    expect(read).toEqual(Array(10).fill(80));
  });
});

it('converts every byte to one character and back', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const text = toByteText(bytes);
  expect(text).toHaveLength(256);
  expect(toBytes(text)).toEqual(bytes);
});
