import { decodeUtf8Lossy, toByteText } from '../data/csv/byte-text.ts';
import { RESULT_COLUMNS } from '../data/csv/column-names.ts';
import { openUtf8 } from '../data/csv/encoding.ts';
import type { Newline } from '../data/csv/layout.ts';
import { CsvFile } from '../data/csv/reader.ts';
import { splitRecords } from '../data/csv/records.ts';
import { errorAt, TiebreakError } from '../domain/errors.ts';
import { type Journal, readJournal } from '../scoring/journal/journal.ts';
import { JOURNAL_NAME, type RunsFolder } from '../scoring/journal/run-archive.ts';
import { Results } from '../scoring/rows/results.ts';
import { RowIndex } from '../scoring/rows/row-index.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { readAll } from '../storage/package-files.ts';

/** The results of another run for the rows of a file. */
export interface OtherRun {
  /** [rows, 3]; NaN for missing rows. */
  probabilities: Float64Array<ArrayBuffer>;
  /** Number of rows with a result. */
  rows: number;
  /** Its model, settings and plan; null for a CSV file. */
  header: Journal['header'] | null;
}

const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads the results of a saved run for the rows of its file.
 * @throws TiebreakError `report/other-file` if it belongs to another file, and the errors of reading it.
 */
export async function readKeptRun(
  runs: Pick<RunsFolder, 'sink'>,
  id: string,
  source: ByteSource,
  signal?: AbortSignal,
): Promise<OtherRun> {
  const journal = readJournal(await readAll((await runs.sink(id)).files, JOURNAL_NAME));
  const { header } = journal;
  const { reading, settings } = header;
  const { textMode, tta } = settings;
  const index = await RowIndex.read(await CsvFile.open(source), { textMode, tta, reading, signal });
  if (index.sha256 !== header.csv.sha256) {
    throw new TiebreakError('report/other-file', { params: { name: header.csv.name } });
  }
  const results = new Results(index);
  for (const batch of journal.batches) results.add(batch);
  return { probabilities: results.probabilities, rows: results.rowsDone, header };
}

/**
 * Reads the results of an earlier export or submission for the rows of a file, matched by id. An id that occurs in
 * several rows is matched in order.
 * @throws TiebreakError `report/not-a-result` if columns are missing or a cell is not a number, `report/no-common-row`,
 * and the errors of the source.
 */
export async function readResultsCsv(file: ByteSource, ids: readonly string[]): Promise<OtherRun> {
  const { source, textStart } = await openUtf8(file);
  if (source.size > MAX_BYTES) {
    const params = { size: source.size, columns: RESULT_COLUMNS };
    throw errorAt({ file: source.name }, 'report/not-a-result:size', params);
  }
  const text = toByteText(await source.read(textStart, source.size));
  const newline: Newline = text.includes('\n') ? '\n' : '\r';
  const [first, ...records] = splitRecords(text, newline, true).records;
  const names = (first?.fields ?? []).map((name) => decodeUtf8Lossy(name).trim());
  const columns = RESULT_COLUMNS.map((name) => names.indexOf(name));
  const missing = RESULT_COLUMNS.filter((_, i) => columns[i] === -1);
  if (missing.length > 0) {
    const params = { missing, columns: RESULT_COLUMNS };
    throw errorAt({ file: source.name }, 'report/not-a-result:columns', params);
  }
  const rowsOfId = new Map<string, number[]>();
  for (let row = ids.length - 1; row >= 0; row -= 1) {
    const rows = rowsOfId.get(ids[row]!);
    if (rows === undefined) rowsOfId.set(ids[row]!, [row]);
    else rows.push(row);
  }
  const probabilities = new Float64Array(3 * ids.length).fill(Number.NaN);
  let rows = 0;
  for (const [i, { fields }] of records.entries()) {
    const [id, ...cells] = columns.map((column) => decodeUtf8Lossy(fields[column] ?? '').trim());
    const row = rowsOfId.get(id!)?.pop();
    // A row without a result has empty cells; blank lines have no id.
    if (row === undefined || cells.every((cell) => cell === '')) continue;
    const values = cells.map(Number);
    const sum = values.reduce((total, value) => total + value, 0);
    const isFine = values.every((value) => value >= 0 && value <= 1) && Math.abs(sum - 1) < 1e-3;
    if (!isFine || cells.includes('')) {
      const params = { cells, columns: RESULT_COLUMNS };
      throw errorAt({ file: source.name, row: i + 1 }, 'report/not-a-result:numbers', params);
    }
    probabilities.set(values, 3 * row);
    rows += 1;
  }
  if (rows === 0) {
    throw new TiebreakError('report/no-common-row', { place: { file: source.name, column: 'id' } });
  }
  return { probabilities, rows, header: null };
}
