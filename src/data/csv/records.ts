import Papa from 'papaparse';
import type { ByteText } from './byte-text.ts';
import type { Newline } from './layout.ts';

/** An undecoded record of a piece of byte text. */
export interface RawRecord {
  fields: ByteText[];
  /** Offsets in the piece; the line end is part of the record. */
  start: number;
  end: number;
  /** The first quoting fault: its field, and the offset `at` in the piece at which it starts. */
  quoteFault?: { unclosed: boolean; field: number; at: number };
}

/** Result of {@link splitRecords}. */
interface SplitText {
  records: RawRecord[];
  /** Offset of the unfinished last record; the length of the piece if there is none. */
  rest: number;
  /** Faulty quotes in that unfinished record so far. */
  restFaults: number;
}

/**
 * Splits byte text into records. With `isEnd` the text ends the file, so its last record is complete even without a
 * line end. A blank line is a record with one blank field.
 */
export function splitRecords(text: ByteText, newline: Newline, isEnd: boolean): SplitText {
  const records: RawRecord[] = [];
  let rest = 0;
  const parser = new Papa.Parser({
    delimiter: ',',
    // \n also reads \r\n, even in a file that mixes both: Papa skips blanks after a closing quote, and
    // dropCarriageReturn removes the \r after an unquoted field.
    newline: newline === '\r' ? '\r' : '\n',
    fastMode: false,
    step: ({ data, errors, meta }: Papa.ParseStepResult<ByteText[][]>) => {
      const record: RawRecord = { fields: data[0] ?? [], start: rest, end: meta.cursor };
      rest = meta.cursor;
      if (newline !== '\r') dropCarriageReturn(record, text);
      const fault = errors.find((error) => error.type === 'Quotes');
      if (fault) {
        // Papa's offset is from the byte after the opening quote.
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

/** Removes the \r of a line end that Papa left on the last field. A \r inside quotes stays. */
function dropCarriageReturn(record: RawRecord, text: ByteText): void {
  const { fields, start, end } = record;
  const last = fields.at(-1);
  if (!last?.endsWith('\r')) return;
  const raw = text.slice(start, end);
  const lastStart = fieldStarts(raw)[fields.length - 1];
  if (lastStart === undefined || raw[lastStart] !== '"')
    fields[fields.length - 1] = last.slice(0, -1);
}

/** Offsets of the fields of a record, correct up to the first quoting fault. */
export function fieldStarts(raw: ByteText): number[] {
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

/** True if a record of the piece `text` is a blank line. */
export function isBlank(record: RawRecord, text: ByteText): boolean {
  return record.fields.length === 1 && text.slice(record.start, record.end).trim() === '';
}
