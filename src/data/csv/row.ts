import { type ErrorPlace, TiebreakError } from '../../domain/errors.ts';
import { type ByteText, decodeUtf8, decodeUtf8Lossy, firstInvalidUtf8 } from './byte-text.ts';
import type { CsvLayout } from './layout.ts';
import { fieldStarts, type RawRecord } from './records.ts';

/** A data row of the file. Its cells are raw text, not yet parsed as lists of turns. */
export interface CsvRow {
  /** Number of the row, from 1, without the header and blank lines. */
  row: number;
  /** Offset of the record's first byte in the file. */
  start: number;
  /** Offset after the record's last byte, including its line end. */
  end: number;
  /** Unchanged from the file; the row's number if the file has no ids. */
  id: string;
  prompt: string;
  responseA: string;
  responseB: string;
  /** Trimmed cells of the requested extra columns; '' for a column that the file lacks. */
  extra?: string[];
  /** The reason why the row cannot be scored. The texts above then hold the readable parts, for display only. */
  problem?: TiebreakError;
}

/** The name, layout and column names of a file. */
export interface RecordContext {
  file: string;
  layout: CsvLayout;
  names: string[];
}

/** A cell to score. */
interface Cell {
  column: number;
  field: ByteText;
  /** The field as UTF-8; undefined if it is invalid. */
  text: string | undefined;
}

/**
 * Converts a record to a row.
 * @param row The number of the row, from 1.
 * @param text The piece of byte text in which the record lies.
 * @param base Offset of that piece in the file, in bytes.
 */
export function toRow(
  record: RawRecord,
  row: number,
  text: ByteText,
  base: number,
  context: RecordContext,
): CsvRow {
  const { columns } = context.layout;
  const id = cellOf(record, columns.id);
  const prompt = cellOf(record, columns.prompt);
  const responseA = cellOf(record, columns.response_a);
  const responseB = cellOf(record, columns.response_b);
  const result: CsvRow = {
    row,
    start: base + record.start,
    end: base + record.end,
    id: columns.id === -1 ? String(row) : readable(id),
    prompt: readable(prompt),
    responseA: readable(responseA),
    responseB: readable(responseB),
  };
  const problem =
    findStructureProblem(record, row, base, context) ??
    findCellProblem(record, [id, prompt, responseA, responseB], row, text, base, context);
  if (problem) result.problem = problem;
  return result;
}

function cellOf(record: RawRecord, column: number): Cell {
  const field = record.fields[column] ?? '';
  return { column, field, text: decodeUtf8(field) };
}

function readable({ field, text }: Cell): string {
  return text ?? decodeUtf8Lossy(field);
}

function findStructureProblem(
  record: RawRecord,
  row: number,
  base: number,
  { file, names }: RecordContext,
): TiebreakError | undefined {
  const { fields, quoteFault } = record;
  const place: ErrorPlace = { file, row, byte: base + record.start };
  if (quoteFault) {
    place.byte = base + quoteFault.at;
    if (quoteFault.field in names) place.column = names[quoteFault.field];
    if (quoteFault.unclosed) {
      return new TiebreakError('csv/unclosed-quote', { place });
    }
    return new TiebreakError('csv/malformed-quotes', { place });
  }
  const params = { fields: fields.length, expected: names.length };
  if (fields.length < names.length) {
    place.column = names[fields.length];
    return new TiebreakError('csv/too-few-fields', { params, place });
  }
  if (fields.length > names.length) {
    return new TiebreakError('csv/too-many-fields', { params, place });
  }
  return undefined;
}

function findCellProblem(
  record: RawRecord,
  cells: readonly Cell[],
  row: number,
  text: ByteText,
  base: number,
  { file, names }: RecordContext,
): TiebreakError | undefined {
  for (const { column, field, text: decoded } of cells) {
    const hasNul = field.includes('\0');
    if (!hasNul && decoded !== undefined) continue;
    const raw = text.slice(record.start, record.end);
    // Only a column of the record can hold such a byte, so its start is known.
    const fieldStart = fieldStarts(raw)[column] ?? 0;
    const rest = raw.slice(fieldStart);
    const at = hasNul ? rest.indexOf('\0') : firstInvalidUtf8(rest)!;
    const place = { file, row, column: names[column], byte: base + record.start + fieldStart + at };
    if (hasNul) {
      return new TiebreakError('csv/nul-byte', { place });
    }
    return new TiebreakError('csv/invalid-utf8', { place });
  }
  return undefined;
}
