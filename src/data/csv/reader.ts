import { TiebreakError, throwIfAborted } from '../../domain/errors.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import { type ByteText, decodeUtf8Lossy, toByteText } from './byte-text.ts';
import { openUtf8 } from './encoding.ts';
import { readHeader } from './header.ts';
import type { CsvLayout } from './layout.ts';
import type { CsvNote } from './notes.ts';
import { isBlank, splitRecords } from './records.ts';
import { type CsvRow, type RecordContext, toRow } from './row.ts';

/** Bytes read at a time. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** Longest record; beyond this a quote was probably never closed. */
const MAX_ROW_BYTES = 32 * 1024 * 1024;
/** Papa keeps an object for every faulty quote, so an unfinished record above both limits is given up early. */
const FAULTY_ROW = { bytes: 2 * 1024 * 1024, faults: 1000 };

/** Settings of {@link CsvFile.rows}. */
export interface RowsOptions {
  signal?: AbortSignal;
  /** Bytes read at a time; 4 MiB by default. */
  chunkBytes?: number;
  /** Receives every byte of {@link CsvFile.source} once, in order, including the header. */
  onRead?: (bytes: Uint8Array) => void;
  /** Columns whose cells are copied to {@link CsvRow.extra}. */
  extra?: readonly string[];
}

/** Rows that the latest piece of the file completed. */
interface RowBatch {
  rows: CsvRow[];
  /** Bytes of {@link CsvFile.source} read so far, from its start. */
  bytesRead: number;
}

/** A CSV file of the competition's form, read as a stream. */
export class CsvFile {
  /** UTF-8 bytes that all offsets refer to: the file itself, or its conversion when it is UTF-16. */
  readonly source: ByteSource;
  readonly layout: CsvLayout;
  /** Names of all columns. */
  readonly names: readonly string[];
  /** Peculiarities of the file; reading rows can add to them. */
  readonly notes: CsvNote[];
  private readonly context: RecordContext;
  private readonly textStart: number;
  private readonly dataStart: number;

  private constructor(
    source: ByteSource,
    context: RecordContext,
    textStart: number,
    dataStart: number,
    notes: CsvNote[],
  ) {
    this.source = source;
    this.layout = context.layout;
    this.names = context.names;
    this.context = context;
    this.textStart = textStart;
    this.dataStart = dataStart;
    this.notes = notes;
  }

  /**
   * Reads the header of a file.
   * @throws TiebreakError `csv/empty`, `csv/not-csv`, `csv/missing-column`, `csv/duplicate-column`,
   * `csv/utf16-too-large`, and the errors of the source.
   */
  static async open(file: ByteSource): Promise<CsvFile> {
    const { source, textStart, note } = await openUtf8(file);
    const { layout, names, end, notes } = await readHeader(source, textStart);
    const context = { file: source.name, layout, names };
    const allNotes = note === undefined ? notes : [note, ...notes];
    return new CsvFile(source, context, textStart, end, allNotes);
  }

  /**
   * Returns the bytes of the header line with its line end, without a byte order mark.
   * @throws the errors of the source.
   */
  readHeaderLine(): Promise<Uint8Array> {
    return this.source.read(this.textStart, this.dataStart);
  }

  /**
   * Reads all rows in the order of the file, with a batch for each chunk that completes rows. Holds one chunk at a
   * time, or one row if that is longer. An unusable row has a `problem`; reading continues after it.
   * @throws TiebreakError `csv/header-only` if there is no row, `csv/row-too-long` for a row over 32 MiB,
   * `run/cancelled`, and the errors of the source.
   */
  async *rows(options: RowsOptions = {}): AsyncGenerator<RowBatch> {
    const { signal, chunkBytes = CHUNK_BYTES, onRead, extra } = options;
    const extraColumns = extra?.map((name) => this.names.indexOf(name));
    const { size } = this.source;
    let text: ByteText = '';
    /** Offset of `text` in the file. */
    let base = this.dataStart;
    let bytesRead = this.dataStart;
    let row = 0;
    let hadBlank = false;
    onRead?.(await this.source.read(0, this.dataStart));
    while (bytesRead < size) {
      throwIfAborted(signal);
      // A row longer than a chunk is split again with every chunk; doubling keeps that linear.
      const end = Math.min(bytesRead + Math.max(chunkBytes, text.length), size);
      const bytes = await this.source.read(bytesRead, end);
      onRead?.(bytes);
      text += toByteText(bytes);
      bytesRead = end;
      const { records, rest, restFaults } = splitRecords(text, this.layout.newline, end === size);
      const rows: CsvRow[] = [];
      let tooLong: TiebreakError | undefined;
      for (const record of records) {
        if (isBlank(record, text)) {
          hadBlank = true;
          continue;
        }
        row++;
        if (hadBlank) this.noteBlankLines(row);
        hadBlank = false;
        if (record.end - record.start > MAX_ROW_BYTES) {
          tooLong = this.rowTooLong(row, base + record.start);
          break;
        }
        const read = toRow(record, row, text, base, this.context);
        if (extraColumns !== undefined) {
          read.extra = extraColumns.map((c) => decodeUtf8Lossy(record.fields[c] ?? '').trim());
        }
        rows.push(read);
      }
      if (rows.length > 0) yield { rows, bytesRead };
      if (tooLong) throw tooLong;
      text = text.slice(rest);
      base += rest;
      const isFaulty = text.length > FAULTY_ROW.bytes && restFaults > FAULTY_ROW.faults;
      if (text.length > MAX_ROW_BYTES || isFaulty) throw this.rowTooLong(row + 1, base);
    }
    if (row === 0) {
      throw new TiebreakError('csv/header-only', { place: { file: this.source.name } });
    }
  }

  /**
   * Reads one record again, by the offsets that {@link rows} returned.
   * @throws TiebreakError `storage/range` if the range is outside the file or holds no record, and the errors of the
   * source.
   */
  async rowAt(row: number, start: number, end: number): Promise<CsvRow> {
    const text = toByteText(await this.source.read(start, end));
    const record = splitRecords(text, this.layout.newline, true).records[0];
    if (record === undefined) {
      throw new TiebreakError('storage/range:row', {
        params: { start },
        place: { file: this.source.name, row, byte: start },
      });
    }
    return toRow(record, row, text, start, this.context);
  }

  /**
   * Reads adjacent records again, by the offsets that {@link rows} returned; `row` is the number of the first.
   * @throws the errors of the source.
   */
  async rowsAt(row: number, start: number, end: number): Promise<CsvRow[]> {
    const text = toByteText(await this.source.read(start, end));
    const { records } = splitRecords(text, this.layout.newline, true);
    return records
      .filter((record) => !isBlank(record, text))
      .map((record, i) => toRow(record, row + i, text, start, this.context));
  }

  private noteBlankLines(row: number): void {
    if (this.notes.some(({ kind }) => kind === 'blankLines')) return;
    this.notes.push({ kind: 'blankLines', row });
  }

  private rowTooLong(row: number, byte: number): TiebreakError {
    return new TiebreakError('csv/row-too-long', {
      params: { row, byte },
      place: { file: this.source.name, row, byte },
    });
  }
}
