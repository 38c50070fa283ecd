import { CLASS_COLUMNS } from '../../domain/classes.ts';
import { TiebreakError } from '../../domain/errors.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import { ORIGIN_COLUMNS } from '../csv/column-names.ts';
import { CsvFile } from '../csv/reader.ts';
import { quoted, type ReadRow } from './labelled-row.ts';

/** The header line of a labelled CSV, and a stream of its rows. */
interface LabelledCsv {
  header: Uint8Array;
  rows: AsyncGenerator<ReadRow>;
}

/**
 * Opens a CSV with the columns of the competition's `train.csv`. An unusable row comes with an error: `csv/…`, or
 * `labels/not-one-hot`. The lists of turns in the cells are not parsed here.
 * @throws TiebreakError `labels/missing-column`, `labels/duplicate-column`, and as {@link CsvFile.open}; reading rows
 * throws as {@link CsvFile.rows}.
 */
export async function openLabelledCsv(file: ByteSource): Promise<LabelledCsv> {
  const csv = await CsvFile.open(file);
  checkLabelColumns(csv.names, csv.source.name);
  return { header: await csv.readHeaderLine(), rows: readRows(csv) };
}

function checkLabelColumns(names: readonly string[], file: string): void {
  const missing = CLASS_COLUMNS.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new TiebreakError('labels/missing-column', {
      params: { missing },
      place: { file, column: missing[0] },
    });
  }
  const twice = [...CLASS_COLUMNS, ...ORIGIN_COLUMNS].filter(
    (name) => names.indexOf(name) !== names.lastIndexOf(name),
  );
  if (twice.length > 0) {
    throw new TiebreakError('labels/duplicate-column', {
      params: { names: twice },
      place: { file, column: twice[0] },
    });
  }
}

async function* readRows(csv: CsvFile): AsyncGenerator<ReadRow> {
  const { source } = csv;
  for await (const { rows } of csv.rows({ extra: [...CLASS_COLUMNS, ...ORIGIN_COLUMNS] })) {
    const first = rows[0]!.start;
    const bytes = await source.read(first, rows.at(-1)!.end);
    for (const { row, id, start, end, extra, problem } of rows) {
      if (problem !== undefined) {
        yield { row, id, error: problem };
        continue;
      }
      const marks = extra!.slice(0, 3);
      const [from, judge, group] = extra!.slice(3).map((cell) => cell || null);
      const label = oneHot(marks);
      if (label === null) {
        yield { row, id, error: notOneHot(marks, source.name, row) };
        continue;
      }
      yield {
        labelled: { row, id, label, votes: null, source: from!, judge: judge!, group: group! },
        line: bytes.subarray(start - first, end - first),
      };
    }
  }
}

/**
 * Index of the 1 among three label cells whose others are 0 (pandas also writes 1.0 and 0.0); null if there is none.
 */
export function oneHot(marks: readonly string[]): number | null {
  const ones = marks.filter((mark) => /^1(?:\.0*)?$/.test(mark)).length;
  const zeros = marks.filter((mark) => /^0(?:\.0*)?$/.test(mark)).length;
  return ones === 1 && zeros === 2 ? marks.findIndex((mark) => mark.startsWith('1')) : null;
}

function notOneHot(marks: string[], file: string, row: number): TiebreakError {
  return new TiebreakError('labels/not-one-hot', {
    params: { columns: CLASS_COLUMNS.join(', '), marks: marks.map(quoted).join(', ') },
    place: { file, row },
  });
}
