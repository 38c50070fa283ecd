import { CsvFile } from '../data/csv/reader.ts';
import type { LabelledFile } from '../data/labelled/labelled-file.ts';
import type { UnreadRow } from '../data/labelled/labelled-row.ts';
import { TiebreakError } from '../domain/errors.ts';
import type { Reading } from '../domain/reading.ts';
import type { RunSettings } from '../domain/settings.ts';
import type { TokenizerPool } from '../tokens/pool/pool.ts';
import type { Progress, RunSummary } from './events.ts';
import type { Lane } from './lanes/lane.ts';
import type { Incident } from './lanes/lane-events.ts';
import type { Results } from './rows/results.ts';
import { RowIndex } from './rows/row-index.ts';
import { Run } from './run.ts';

/** The index of a labelled file's texts, and the rows whose cells cannot be read. */
interface IndexedFile {
  index: RowIndex;
  /** At most `MAX_PROBLEMS` of them; `index.problemRows` counts all. */
  unread: UnreadRow[];
}

/**
 * Indexes the texts of the rows that take part.
 * @param reading Default `pair`.
 * @throws TiebreakError `csv/…`, `run/cancelled`.
 */
export async function indexLabelled(
  file: LabelledFile,
  settings: RunSettings,
  { reading, signal }: { reading?: Reading; signal?: AbortSignal } = {},
): Promise<IndexedFile> {
  const { textMode, tta } = settings;
  const csv = await CsvFile.open(file.csv);
  const index = await RowIndex.read(csv, { textMode, tta, reading, signal });
  if (index.length !== file.table.length) {
    throw new Error(`${index.length} rows were read of ${file.table.length}`);
  }
  const unread = index.problems.map(({ index: i, error }) => {
    const row = file.numbers[i]!;
    const id = file.ids[i]!;
    // The index counts rows and bytes within the selected texts, not within the file.
    const where = { file: file.csv.name, row, column: error.place?.column };
    return { row, id, error: TiebreakError.fromPlain({ ...error, place: where }) };
  });
  return { index, unread };
}

/** The results of a run for the rows of a labelled file. */
interface LabelledResults {
  /** [rows, 3]; NaN for rows without a result. */
  probabilities: Float64Array<ArrayBuffer>;
  /** As `probabilities`, for each of several adapters; empty for one. */
  adapters: Float64Array<ArrayBuffer>[];
  /** [rows, adapters, 2]: rewards of A and of B, NaN without a result; null unless the model gives rewards. */
  rewards: Float32Array<ArrayBuffer> | null;
  /** [rows]: tokens that the model saw, see `ResultsEvent`; 0 without a result. */
  tokens: Uint32Array<ArrayBuffer>;
  summary: RunSummary;
}

/**
 * Scores the rows of an indexed file. If the signal fires, `summary.complete` is false and only some rows have a
 * result.
 * @throws TiebreakError as {@link Run.score}.
 */
export async function scoreLabelled(
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
): Promise<LabelledResults> {
  const run = new Run({ ...options, index });
  const summary = await run.score();
  const { results } = run;
  const { probabilities } = results;
  const isScored = (row: number) => !Number.isNaN(probabilities[3 * row]!);
  const adapters = Array.from({ length: results.adapters }, (_, a) => {
    const values = new Float64Array(probabilities.length).fill(Number.NaN);
    for (let row = 0; row < index.length; row += 1) {
      if (isScored(row)) values.set(results.ofAdapter(row, a), 3 * row);
    }
    return values;
  });
  const tokens = Uint32Array.from({ length: index.length }, (_, row) =>
    isScored(row) ? results.rowTokens(row) : 0,
  );
  const rewards = index.reading === 'reward' ? rewardsOf(results, index.length) : null;
  return { probabilities, adapters, rewards, tokens, summary };
}

function rewardsOf(results: Results, rows: number): Float32Array<ArrayBuffer> {
  const perRow = 2 * Math.max(1, results.adapters);
  const values = new Float32Array(perRow * rows).fill(Number.NaN);
  for (let row = 0; row < rows; row += 1) {
    if (!Number.isNaN(results.probabilities[3 * row]!)) {
      values.set(results.rewardsOf(row), perRow * row);
    }
  }
  return values;
}
