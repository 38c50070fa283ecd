import { MODEL_COLUMNS, ORIGIN_COLUMNS } from '../data/csv/header.ts';
import type { CsvFile } from '../data/csv/reader.ts';
import { oneHot } from '../data/labelled/labelled-csv.ts';
import { tryParsePair } from '../data/pair.ts';
import { CLASS_COLUMNS } from '../domain/classes.ts';
import { throwIfAborted } from '../domain/errors.ts';
import type { TextMode } from '../domain/settings.ts';
import { NO_FEATURES, pairFeatures } from './pair-features.ts';

/** In place of a label: the file has none for this row, or one that cannot be read. */
export const NO_LABEL = 255;
/** In place of a name: the file has none for this row. */
export const NO_NAME = 0xffff_ffff;

/** A column of names, each kept once. */
export interface Names {
  names: string[];
  /** [rows]: place in `names`, or {@link NO_NAME}. */
  of: Uint32Array<ArrayBuffer>;
}

/** What a report keeps of the rows of a file: no texts, about 50 bytes a row. */
export interface Table {
  length: number;
  /** [rows]: 0, 1, 2 (A, B, tie) or {@link NO_LABEL}. */
  labels: Uint8Array<ArrayBuffer>;
  /** See {@link PairFeatures}. Zeros for rows that cannot be read. */
  promptLength: Uint32Array<ArrayBuffer>;
  lengthA: Uint32Array<ArrayBuffer>;
  lengthB: Uint32Array<ArrayBuffer>;
  turns: Uint16Array<ArrayBuffer>;
  languages: Uint8Array<ArrayBuffer>;
  bits: Uint16Array<ArrayBuffer>;
  models: { a: Names; b: Names };
  source: Names;
  judge: Names;
  group: Names;
}

/** The rows' ids, and where they lie in the file. */
export interface RowPlaces {
  ids: string[];
  starts: Float64Array<ArrayBuffer>;
  ends: Float64Array<ArrayBuffer>;
}

/** What was found out about the truth in a file. */
export interface TableFacts {
  rows: number;
  /** Rows with a label. */
  labelled: number;
  /** Rows whose label columns are there but not one 1 and two 0; they count as rows without a label. */
  badLabels: number;
  /** Has the file the three label columns? */
  hasLabels: boolean;
  /** Different models; 0 without the columns `model_a` and `model_b`. */
  models: number;
}

const EXTRA = [...CLASS_COLUMNS, ...MODEL_COLUMNS, ...ORIGIN_COLUMNS];

/**
 * Reads a file once more for its report: labels, names and what shows in the texts.
 * @throws TiebreakError as {@link CsvFile.rows}.
 */
export async function readTable(
  csv: CsvFile,
  options: { textMode: TextMode; signal?: AbortSignal; onBytes?: (bytes: number) => void },
): Promise<{ table: Table; places: RowPlaces; facts: TableFacts }> {
  const { textMode, signal, onBytes } = options;
  const has = (name: string) => csv.names.includes(name);
  const hasLabels = CLASS_COLUMNS.every(has);
  const labels: number[] = [];
  const ids: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const numbers: [number[], number[], number[], number[], number[], number[]] = [
    [],
    [],
    [],
    [],
    [],
    [],
  ];
  const modelNames = new NameList();
  const models = { a: [] as number[], b: [] as number[] };
  const others = [new NameList(), new NameList(), new NameList()] as const;
  const otherNames: [number[], number[], number[]] = [[], [], []];
  let badLabels = 0;
  for await (const { rows, bytesRead } of csv.rows({ signal, extra: EXTRA })) {
    for (const row of rows) {
      const extra = row.extra!;
      ids.push(row.id);
      starts.push(row.start);
      ends.push(row.end);
      let label: number | null = null;
      if (hasLabels && row.problem === undefined) {
        label = oneHot(extra.slice(0, 3));
        if (label === null) badLabels += 1;
      }
      labels.push(label ?? NO_LABEL);
      models.a.push(modelNames.place(extra[3]!));
      models.b.push(modelNames.place(extra[4]!));
      for (const [i, list] of others.entries()) otherNames[i]!.push(list.place(extra[5 + i]!));
      const parsed = tryParsePair(row, textMode);
      const found = 'error' in parsed ? NO_FEATURES : pairFeatures(parsed.pair);
      const { promptLength, lengthA, lengthB, turns, language, bits } = found;
      for (const [i, value] of [promptLength, lengthA, lengthB, turns, language, bits].entries()) {
        numbers[i]!.push(value);
      }
    }
    throwIfAborted(signal);
    onBytes?.(bytesRead);
    // Other calls of the page get their turn.
    await new Promise((resolve) => setTimeout(resolve));
  }
  const named = (list: NameList, of: number[]): Names => ({
    names: list.names,
    of: Uint32Array.from(of),
  });
  const table: Table = {
    length: labels.length,
    labels: Uint8Array.from(labels),
    promptLength: Uint32Array.from(numbers[0]),
    lengthA: Uint32Array.from(numbers[1]),
    lengthB: Uint32Array.from(numbers[2]),
    turns: Uint16Array.from(numbers[3]),
    languages: Uint8Array.from(numbers[4]),
    bits: Uint16Array.from(numbers[5]),
    models: { a: named(modelNames, models.a), b: named(modelNames, models.b) },
    source: named(others[0], otherNames[0]),
    judge: named(others[1], otherNames[1]),
    group: named(others[2], otherNames[2]),
  };
  const facts: TableFacts = {
    rows: table.length,
    labelled: labels.filter((label) => label !== NO_LABEL).length,
    badLabels,
    hasLabels,
    models: modelNames.names.length,
  };
  const places = { ids, starts: Float64Array.from(starts), ends: Float64Array.from(ends) };
  return { table, places, facts };
}

/** How much longer B is than A, of both together: -1 (B is empty) to 1 (A is empty); 0 where both are. */
export function lengthDifference(
  { lengthA, lengthB }: Pick<Table, 'lengthA' | 'lengthB'>,
  row: number,
): number {
  const a = lengthA[row]!;
  const b = lengthB[row]!;
  return a + b === 0 ? 0 : (b - a) / (a + b);
}

/** The name of a row; null where it has none. */
export function nameOf({ names, of }: Names, row: number): string | null {
  return names[of[row]!] ?? null;
}

/** Names in the order in which they first occur. */
class NameList {
  readonly names: string[] = [];
  private readonly places = new Map<string, number>();

  place(name: string): number {
    if (name === '') return NO_NAME;
    const known = this.places.get(name);
    if (known !== undefined) return known;
    this.places.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}
