import { MODEL_COLUMNS, ORIGIN_COLUMNS } from '../../data/csv/column-names.ts';
import type { CsvFile } from '../../data/csv/reader.ts';
import { oneHot } from '../../data/labelled/labelled-csv.ts';
import { LabelledTableBuilder, NO_LABEL } from '../../data/labelled/labelled-table.ts';
import { NameList } from '../../data/labelled/names.ts';
import { tryParsePair } from '../../data/pair.ts';
import { CLASS_COLUMNS } from '../../domain/classes.ts';
import { throwIfAborted } from '../../domain/errors.ts';
import type { TextMode } from '../../domain/settings.ts';
import { NO_FEATURES, type PairFeatures, pairFeatures } from './pair-features.ts';
import type { Table } from './table.ts';

/** The rows' ids and their byte ranges in the file. */
export interface RowPlaces {
  ids: string[];
  /** [rows]: offset of the first byte, and of the one after the last. */
  starts: Float64Array<ArrayBuffer>;
  ends: Float64Array<ArrayBuffer>;
}

/** Counts of labels and models in a file. */
export interface TableFacts {
  rows: number;
  /** Rows with a label. */
  labelled: number;
  /** Rows with label columns that are not one 1 and two 0; they count as unlabelled. */
  badLabels: number;
  /** True if the file has the three label columns. */
  hasLabels: boolean;
  /** Number of different models; 0 without the columns `model_a` and `model_b`. */
  models: number;
}

const EXTRA = [...CLASS_COLUMNS, ...MODEL_COLUMNS, ...ORIGIN_COLUMNS];

/**
 * Reads a file again for its report: labels, names and features of the texts.
 * @throws TiebreakError as {@link CsvFile.rows}.
 */
export async function readTable(
  csv: CsvFile,
  options: { textMode: TextMode; signal?: AbortSignal; onBytes?: (bytes: number) => void },
): Promise<{ table: Table; places: RowPlaces; facts: TableFacts }> {
  const { textMode, signal, onBytes } = options;
  const hasLabels = CLASS_COLUMNS.every((name) => csv.names.includes(name));
  const truth = new LabelledTableBuilder();
  const modelNames = new NameList();
  const models = { a: [] as number[], b: [] as number[] };
  const features: PairFeatures[] = [];
  const ids: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  let badLabels = 0;
  for await (const { rows, bytesRead } of csv.rows({ signal, extra: EXTRA })) {
    for (const row of rows) {
      const extra = row.extra!;
      const [modelA, modelB, source, judge, group] = extra.slice(3).map((cell) => cell || null);
      const isLabelled = hasLabels && row.problem === undefined;
      const label = isLabelled ? oneHot(extra.slice(0, 3)) : null;
      if (isLabelled && label === null) badLabels += 1;
      truth.add({ label, votes: null, source: source!, judge: judge!, group: group! });
      models.a.push(modelNames.place(modelA!));
      models.b.push(modelNames.place(modelB!));
      ids.push(row.id);
      starts.push(row.start);
      ends.push(row.end);
      const parsed = tryParsePair(row, textMode);
      features.push('error' in parsed ? NO_FEATURES : pairFeatures(parsed.pair));
    }
    throwIfAborted(signal);
    onBytes?.(bytesRead);
    // Lets other calls of the page run.
    await new Promise((resolve) => setTimeout(resolve));
  }
  const labelled = truth.finish();
  const { names } = modelNames;
  const table: Table = {
    ...labelled,
    promptLength: Uint32Array.from(features, (of) => of.promptLength),
    lengthA: Uint32Array.from(features, (of) => of.lengthA),
    lengthB: Uint32Array.from(features, (of) => of.lengthB),
    turns: Uint16Array.from(features, (of) => of.turns),
    languages: Uint8Array.from(features, (of) => of.language),
    bits: Uint16Array.from(features, (of) => of.bits),
    models: {
      a: { names, of: Uint32Array.from(models.a) },
      b: { names, of: Uint32Array.from(models.b) },
    },
  };
  const facts: TableFacts = {
    rows: table.length,
    labelled: table.labels.filter((label) => label !== NO_LABEL).length,
    badLabels,
    hasLabels,
    models: names.length,
  };
  const places = { ids, starts: Float64Array.from(starts), ends: Float64Array.from(ends) };
  return { table, places, facts };
}
