import { CsvFile } from '../data/csv/reader.ts';
import type { LabelledFile } from '../data/labelled/labelled-file.ts';
import type { LabelledRow, UnreadRow } from '../data/labelled/labelled-row.ts';
import { TiebreakError } from '../domain/errors.ts';
import type { RunSettings } from '../domain/settings.ts';
import type { TokenizerPool } from '../tokens/pool.ts';
import type { Incident, Progress, RunSummary } from './events.ts';
import { RowIndex } from './rows/row-index.ts';
import { type Lane, Run } from './run.ts';

/** The texts of labelled data, indexed, and the rows whose cells cannot be read. */
export interface IndexedFile {
  index: RowIndex;
  /** At most as many as the index keeps; `index.problemRows` is their number. */
  unread: UnreadRow[];
}

/** Reads the texts of the rows that take part. @throws TiebreakError `run/cancelled` */
export async function indexLabelled(
  file: LabelledFile,
  settings: RunSettings,
  signal?: AbortSignal,
): Promise<IndexedFile> {
  const { textMode, tta } = settings;
  const index = await RowIndex.read(await CsvFile.open(file.csv), { textMode, tta, signal });
  if (index.length !== file.rows.length) {
    throw new Error(`${index.length} rows were read of ${file.rows.length}`);
  }
  const unread = index.problems.map(({ index: i, error }) => {
    const { row, id } = file.rows[i]!;
    const { code, message, action, place } = error;
    // Rows and bytes are counted otherwise in the texts that were picked.
    const where = { file: file.csv.name, row, column: place?.column };
    return { row, id, error: new TiebreakError(code, message, { action, place: where }) };
  });
  return { index, unread };
}

/** Rows with their predictions. */
export interface ScoredRows {
  rows: LabelledRow[];
  /** [rows, 3] */
  probabilities: Float64Array;
  /** [rows, 3] of each adapter; none where the run has one. */
  adapters: Float64Array[];
  /** [rows]: tokens that the model saw, in the order as given. */
  tokens: number[];
  summary: RunSummary;
}

/**
 * Scores the rows with the same {@link Run} as everywhere. When the signal fires `summary.complete` is false, and the rows
 * are those that were finished.
 * @throws TiebreakError as {@link Run.score}.
 */
export async function scoreLabelled(
  file: LabelledFile,
  index: RowIndex,
  options: {
    lanes: Lane[];
    pool: TokenizerPool;
    settings: RunSettings;
    batchTokens?: number;
    signal?: AbortSignal;
    onProgress?: (progress: Progress) => void;
    onIncident?: (incident: Incident) => void;
  },
): Promise<ScoredRows> {
  const run = new Run({ ...options, index });
  const summary = await run.score();
  const { probabilities } = run.results;
  const scored = [...file.rows.keys()].filter((row) => !Number.isNaN(probabilities[3 * row]!));
  const adapters = Array.from({ length: run.results.adapters }, (_, a) =>
    Float64Array.from(scored.flatMap((row) => run.results.ofAdapter(row, a))),
  );
  return {
    rows: scored.map((row) => file.rows[row]!),
    adapters,
    probabilities: Float64Array.from(
      scored.flatMap((row) => Array.from(probabilities.subarray(3 * row, 3 * row + 3))),
    ),
    tokens: scored.map((row) => run.results.tokensOf(index.rowSequences[row]!.forward)),
    summary,
  };
}
