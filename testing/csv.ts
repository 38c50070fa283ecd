import { expect } from 'vitest';
import { CsvFile, type RowsOptions } from '../src/data/csv/reader.ts';
import type { CsvRow } from '../src/data/csv/row.ts';
import { TiebreakError } from '../src/domain/errors.ts';
import { type ByteSource, MemorySource } from '../src/storage/byte-source.ts';

export const HEADER = 'id,prompt,response_a,response_b';

/** A file in memory from text (as UTF-8) or bytes. */
export function fileOf(content: string | number[]): MemorySource {
  const bytes =
    typeof content === 'string' ? new TextEncoder().encode(content) : Uint8Array.from(content);
  return new MemorySource('test.csv', bytes);
}

/** Encodes text as UTF-16. */
export function utf16(text: string, littleEndian: boolean, mark: boolean): number[] {
  const bytes: number[] = [];
  for (const unit of (mark ? '\ufeff' : '') + text) {
    for (let index = 0; index < unit.length; index++) {
      const code = unit.charCodeAt(index);
      const pair = [code & 0xff, code >> 8];
      bytes.push(...(littleEndian ? pair : pair.reverse()));
    }
  }
  return bytes;
}

/** Opens a file and reads all its rows. */
export async function readAll(content: string | number[] | ByteSource, options?: RowsOptions) {
  const isSource = typeof content === 'object' && 'read' in content;
  const file = await CsvFile.open(isSource ? content : fileOf(content));
  const rows: CsvRow[] = [];
  for await (const batch of file.rows(options)) rows.push(...batch.rows);
  return { file, rows };
}

/** The four texts of a row. */
export function textsOf(row: CsvRow): string[] {
  return [row.id, row.prompt, row.responseA, row.responseB];
}

/** Returns the error of a rejected promise. */
export async function errorOf(promise: Promise<unknown>): Promise<TiebreakError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TiebreakError);
  return error as TiebreakError;
}
