import Papa from 'papaparse';
import { type ErrorPlace, TiebreakError } from '../../domain/errors.ts';
import { type ByteText, decodeUtf8, decodeUtf8Lossy, firstInvalidUtf8 } from './byte-text.ts';
import type { CsvLayout } from './header.ts';

/** A line end. */
export type Newline = '\n' | '\r\n' | '\r';

/** A row of the file. Cells are text as in the file, not yet read as lists of turns. */
export interface CsvRow {
  /** Counted from 1; neither the header nor blank lines are counted. */
  row: number;
  /** Offset of the record's first byte in the file. */
  start: number;
  /** Offset after the record's last byte; its line end is part of it. */
  end: number;
  /** As in the file, unchanged; the row's number where the file has no ids. */
  id: string;
  prompt: string;
  responseA: string;
  responseB: string;
  /** Cells of the columns that were asked for in addition, trimmed; empty for a column that the file has not. */
  extra?: string[];
  /** Why the row cannot be used. The texts above are then what could be read, for showing only. */
  problem?: TiebreakError;
}

/** A record as it stands in a piece of byte text. */
export interface RawRecord {
  fields: ByteText[];
  /** Offsets in the piece; the line end is part of the record. */
  start: number;
  end: number;
  /** The first fault of quoting: in which field it is, and its start in the piece. */
  quoteFault?: { unclosed: boolean; field: number; at: number };
}

/** Records of a piece of byte text. */
export interface SplitText {
  records: RawRecord[];
  /** Where the record starts that the piece does not finish. */
  rest: number;
  /** How many faulty quotes that unfinished record has so far. */
  restFaults: number;
}

/**
 * Splits byte text into records. The last record must be complete, or `isEnd` be true: then it ends with the text.
 * A blank line is a record with one blank field.
 */
export function splitRecords(text: ByteText, newline: Newline, isEnd: boolean): SplitText {
  const records: RawRecord[] = [];
  let rest = 0;
  const parser = new Papa.Parser({
    delimiter: ',',
    // \n reads \r\n too, even in a file that has both: Papa passes over blanks after a closing quote, and the \r after
    // an unquoted field is removed below.
    newline: newline === '\r' ? '\r' : '\n',
    fastMode: false,
    step: ({ data, errors, meta }: Papa.ParseStepResult<ByteText[][]>) => {
      const record: RawRecord = { fields: data[0], start: rest, end: meta.cursor };
      rest = meta.cursor;
      if (newline !== '\r') dropCarriageReturn(record, text);
      const fault = errors.find((error) => error.type === 'Quotes');
      if (fault) {
        // Papa counts from the byte after the opening quote.
        const at = (fault.index ?? record.start + 1) - 1;
        const starts = fieldStarts(text.slice(record.start, record.end));
        const field = starts.indexOf(at - record.start);
        record.quoteFault = { unclosed: fault.code === 'MissingQuotes', field, at };
      }
      records.push(record);
    },
  });
  const left: { errors: unknown[] } = parser.parse(text, 0, !isEnd);
  return { records, rest, restFaults: left.errors.length };
}

/** Removes the \r of a \r\n that Papa left on the last field. A quoted field keeps its own. */
function dropCarriageReturn(record: RawRecord, text: ByteText): void {
  const { fields, start, end } = record;
  const last = fields.length - 1;
  if (!fields[last].endsWith('\r')) return;
  const raw = text.slice(start, end);
  if (raw[fieldStarts(raw)[last]] !== '"') fields[last] = fields[last].slice(0, -1);
}

/** Where the fields of a record start, correct up to the first fault of quoting. */
function fieldStarts(raw: ByteText): number[] {
  const starts: number[] = [];
  let at = 0;
  for (;;) {
    starts.push(at);
    if (raw[at] === '"') {
      at = raw.indexOf('"', at + 1);
      while (at !== -1 && raw[at + 1] === '"') at = raw.indexOf('"', at + 2);
      if (at === -1) return starts;
    }
    at = raw.indexOf(',', at) + 1;
    if (at === 0) return starts;
  }
}

/** What is needed to read the records of a file. */
export interface RecordContext {
  file: string;
  layout: CsvLayout;
  names: string[];
}

/** Whether a record of the piece `text` is a blank line. */
export function isBlank(record: RawRecord, text: ByteText): boolean {
  return record.fields.length === 1 && text.slice(record.start, record.end).trim() === '';
}

/**
 * Makes a row of a record.
 * @param text The piece that the record lies in.
 * @param base Offset of the piece in the file.
 */
export function toRow(
  record: RawRecord,
  row: number,
  text: ByteText,
  base: number,
  context: RecordContext,
): CsvRow {
  const { columns } = context.layout;
  const cells = [columns.id, columns.prompt, columns.response_a, columns.response_b].map(
    (column) => {
      const field = record.fields[column] ?? '';
      return { column, field, text: decodeUtf8(field) };
    },
  );
  const [id, prompt, responseA, responseB] = cells.map(({ field, text }) =>
    text === undefined ? decodeUtf8Lossy(field) : text,
  );
  const result: CsvRow = {
    row,
    start: base + record.start,
    end: base + record.end,
    id: columns.id === -1 ? String(row) : id,
    prompt,
    responseA,
    responseB,
  };
  const problem =
    findStructureProblem(record, row, base, context) ??
    findCellProblem(record, cells, row, text, base, context);
  if (problem) result.problem = problem;
  return result;
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
      return new TiebreakError(
        'csv/unclosed-quote',
        'The file ends inside a quoted field: its closing quote is missing.',
        { action: 'The file may be cut off: get it again.', place },
      );
    }
    return new TiebreakError(
      'csv/malformed-quotes',
      'A quoted field goes on after its closing quote. Rows may have run together here.',
      { action: 'Write quotes inside a field twice ("").', place },
    );
  }
  const params = { fields: fields.length, expected: names.length };
  const counts = `${fields.length} fields where the header has ${names.length}`;
  if (fields.length < names.length) {
    place.column = names[fields.length];
    return new TiebreakError('csv/too-few-fields', `The row ends early: ${counts}.`, {
      action: 'The file may be cut off or have a line break outside quotes: get it again.',
      place,
      params,
    });
  }
  if (fields.length > names.length) {
    return new TiebreakError('csv/too-many-fields', `The row is too long: ${counts}.`, {
      action: 'Put cells with commas in quotes.',
      place,
      params,
    });
  }
  return undefined;
}

function findCellProblem(
  record: RawRecord,
  cells: { column: number; field: ByteText; text: string | undefined }[],
  row: number,
  text: ByteText,
  base: number,
  { file, names }: RecordContext,
): TiebreakError | undefined {
  for (const { column, field, text: decoded } of cells) {
    const hasNul = field.includes('\0');
    if (!hasNul && decoded !== undefined) continue;
    const raw = text.slice(record.start, record.end);
    const fieldStart = fieldStarts(raw)[column];
    const rest = raw.slice(fieldStart);
    const at = hasNul ? rest.indexOf('\0') : firstInvalidUtf8(rest)!;
    const place = { file, row, column: names[column], byte: base + record.start + fieldStart + at };
    if (hasNul) {
      return new TiebreakError('csv/nul-byte', 'The cell has a NUL byte.', {
        action: 'Remove it, or get the file again if it is damaged.',
        place,
      });
    }
    return new TiebreakError('csv/invalid-utf8', 'The cell is not valid UTF-8.', {
      action: 'Save the file as UTF-8.',
      place,
    });
  }
  return undefined;
}
